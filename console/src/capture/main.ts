// The customer's page: one link, one picture. States follow each other here; what they look like is in screens.ts.
import './capture.css';
import { openCamera, type Camera, type NoCamera } from './camera';
import { el } from './dom';
import type { Shape } from './geometry';
import { judge, measure } from './hints';
import { addressOf, ask, inLightOf, send, type Link, type LinkState, type Outcome } from './link';
import { reread, type Picture } from './picture';
import { failed, loading, notice, review, sending, start, type NoticeOf } from './screens';
import { languageOf, moment, texts as allTexts, type Texts } from './texts';
import { viewfinder } from './viewfinder';

const PAPER = 'identity_document';

const page = document.getElementById('page');
let texts: Texts = speak(null);
/** Ends with the screen that is shown. */
let life = new AbortController();
/** A picture that was taken and not sent: leaving the page would lose it. */
let isUnsent = false;

const address = addressOf(location.pathname);
if (address === null) end('unknown');
else void begin(address);

async function begin(at: string) {
  show(loading(texts.loading));
  const link = await ask(at);
  if (!link) {
    show(notice({ icon: 'offline', tone: 'warn', ...texts.unreachable, actions: [{ label: texts.failed.retry, run: () => void begin(at) }] }));
    return;
  }
  texts = speak(link);
  if (link.state === 'open') serve(at, link);
  else end(link.state);
}

/** The open link, from the first word to the thank-you. */
function serve(at: string, link: Link) {
  const isPaper = link.purpose === PAPER;
  let shape: Shape = isPaper ? 'card' : 'free';

  function welcome() {
    const until = link.expires && moment(link.expires, new Date(), localeOf());
    show(start({ texts, isPaper, until, open: () => void aim(), app: pick }));
  }

  async function aim() {
    isUnsent = false;
    const ended = show(loading(texts.loading));
    const camera = await openCamera();
    if (typeof camera === 'string') withoutCamera(camera);
    else if (ended.aborted) camera.stop();
    else look(camera);
  }

  function look(camera: Camera) {
    const ended = show((signal) =>
      viewfinder({ texts, camera, isPaper, shape, onshape: (chosen) => (shape = chosen), ontaken: (picture) => judgeIt(picture, aim), onback: welcome, signal }),
    );
    ended.addEventListener('abort', camera.stop);
    // Another app took the camera: it is opened anew once somebody looks at the page.
    camera.stream.getVideoTracks()[0]?.addEventListener('ended', () => whenSeen(ended, () => void aim()));
  }

  function withoutCamera(why: NoCamera | 'unreadable') {
    const again = { label: texts.fallback.camera, run: () => void aim(), look: 'quiet' as const };
    show(notice({ icon: 'noCamera', tone: 'warn', ...texts[why], actions: [{ label: texts.fallback.take, run: pick, icon: 'camera' }, again] }));
  }

  /** The phone's own camera app, or a file where there is none. */
  function pick() {
    const input = el('input', { type: 'file', accept: 'image/*', capture: 'environment', hidden: true });
    input.addEventListener('change', () => {
      const file = input.files?.[0];
      input.remove();
      if (file) void open(file);
    });
    document.body.append(input);
    input.click();
  }

  async function open(file: File) {
    show(loading(texts.loading));
    const picture = await reread(file);
    if (picture) judgeIt(picture, pick);
    else withoutCamera('unreadable');
  }

  function judgeIt(picture: Picture, again: () => void) {
    isUnsent = true;
    const found = judge(measure(picture.look, null), null, ['dark', 'blurred', 'glare']);
    const doubt = found === 'dark' || found === 'blurred' || found === 'glare' ? texts.doubts[found] : null;
    withPicture(picture, (src) => review({ texts, address: src, doubt, send: () => void post(picture, again, null), again }));
  }

  async function post(picture: Picture, again: () => void, before: Outcome | null) {
    let move = (_part: number) => {};
    withPicture(picture, (src) => {
      const { screen, part } = sending(texts, src);
      move = part;
      return screen;
    });
    const outcome = inLightOf(before, await send(at, picture.blob, (part) => move(part)));
    if (outcome === 'sent' || outcome === 'used' || outcome === 'expired' || outcome === 'unknown') end(outcome);
    else keep(picture, again, outcome);
  }

  /** Not sent; the picture is kept. Back online, it goes off by itself. */
  function keep(picture: Picture, again: () => void, outcome: 'offline' | 'busy' | 'too_large' | 'not_a_picture') {
    const sentence = {
      offline: texts.failed.offline,
      busy: texts.failed.busy,
      too_large: texts.failed.tooLarge,
      not_a_picture: texts.failed.notAPicture,
    }[outcome];
    const retry = () => void post(picture, again, outcome);
    const isWorthIt = outcome === 'offline' || outcome === 'busy';
    const retake = { label: texts.review.again, run: again };
    const actions = isWorthIt ? [{ label: texts.failed.retry, run: retry }, { ...retake, look: 'quiet' as const }] : [retake];
    const ended = withPicture(picture, (src) => failed(texts, src, sentence, actions));
    if (outcome === 'offline') addEventListener('online', retry, { signal: ended });
  }

  welcome();
}

/** The states after which nothing is left to do here. */
function end(state: Exclude<LinkState, 'open'> | 'sent') {
  isUnsent = false;
  const looks: Record<typeof state, Pick<NoticeOf, 'icon' | 'tone'>> = {
    sent: { icon: 'check', tone: 'good' },
    used: { icon: 'check', tone: 'plain' },
    expired: { icon: 'clock', tone: 'plain' },
    unknown: { icon: 'question', tone: 'plain' },
  };
  show(notice({ ...looks[state], ...texts[state] }));
}

/** A screen that shows the picture; its address is given back with the screen. */
function withPicture({ blob }: Picture, make: (address: string) => HTMLElement): AbortSignal {
  const src = URL.createObjectURL(blob);
  const ended = show(make(src));
  ended.addEventListener('abort', () => URL.revokeObjectURL(src));
  return ended;
}

/** Changes the screen; its headline gets the focus, so that screen readers begin there. */
function show(screen: HTMLElement | ((signal: AbortSignal) => HTMLElement)): AbortSignal {
  life.abort();
  life = new AbortController();
  const element = typeof screen === 'function' ? screen(life.signal) : screen;
  page?.replaceChildren(element);
  scrollTo(0, 0);
  const head = element.querySelector('h1');
  if (head) document.title = head.textContent ?? '';
  head?.focus({ preventScroll: true });
  return life.signal;
}

function whenSeen(signal: AbortSignal, run: () => void) {
  if (signal.aborted) return;
  if (!document.hidden) run();
  else document.addEventListener('visibilitychange', () => whenSeen(signal, run), { once: true, signal });
}

function speak(link: Link | null): Texts {
  const language = link?.language ?? languageOf(navigator.languages);
  document.documentElement.lang = language;
  return allTexts[language];
}

/** The browser's own region where it speaks the page's language: it knows how hours are written there. */
function localeOf(): string {
  const { lang } = document.documentElement;
  return navigator.languages.find((tag) => tag.startsWith(lang)) ?? lang;
}

addEventListener('beforeunload', (event) => {
  if (isUnsent) event.preventDefault();
});
