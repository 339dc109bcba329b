// What each state looks like. A screen is an element; what happens next is handed in.
import { el, icon } from './dom';
import type { IconName } from './icons';
import type { Texts } from './texts';

export interface Action {
  label: string;
  run: () => void;
  look?: 'main' | 'quiet';
  icon?: IconName;
}

const button = ({ label, run, look = 'main', icon: name }: Action) =>
  el('button', { type: 'button', class: `button ${look}`, onclick: run }, name ? icon(name, 22) : null, label);

const headline = (title: string) => el('h1', { tabindex: '-1' }, title);

const actionBar = (actions: Action[]) => el('div', { class: 'actions' }, ...actions.map(button));

export const loading = (text: string) =>
  el(
    'section',
    { class: 'screen notice' },
    el('div', { class: 'middle' }, el('span', { class: 'spinner', 'aria-hidden': 'true' }), el('h1', { tabindex: '-1', class: 'quiet-text' }, text)),
  );

export interface NoticeOf {
  icon: IconName;
  tone: 'good' | 'plain' | 'warn';
  title: string;
  text: string;
  actions?: Action[];
}

/** One sign, one headline, one sentence, and what to do next. */
export const notice = ({ icon: name, tone, title, text, actions = [] }: NoticeOf) =>
  el(
    'section',
    { class: 'screen notice' },
    el('div', { class: 'middle' }, el('div', { class: `sign ${tone}` }, icon(name, 40)), headline(title), el('p', { class: 'lead' }, text)),
    actions.length > 0 && actionBar(actions),
  );

export interface StartOf {
  texts: Texts;
  isPaper: boolean;
  /** Until when the link serves, in words; null when it has no end. */
  until: string | null;
  open: () => void;
  app: () => void;
}

/** Says what is wanted, how it succeeds, who sees it, and only then asks for the camera. */
export function start({ texts, isPaper, until, open, app }: StartOf) {
  const { title, text, tips } = isPaper ? texts.paper : texts.thing;
  const signs: IconName[] = isPaper ? ['surface', 'sun', 'corners'] : ['corners', 'sun', 'camera'];
  const tip = (words: string, i: number) => el('li', {}, el('span', { class: 'bullet' }, icon(signs[i] ?? 'check', 22)), words);
  return el(
    'section',
    { class: 'screen' },
    el(
      'div',
      { class: 'body' },
      el('div', { class: 'hero' }, icon('corners', 96), icon(isPaper ? 'paper' : 'camera', 48)),
      headline(title),
      el('p', { class: 'lead' }, text),
      el('ul', { class: 'tips', role: 'list' }, ...tips.map(tip)),
      el(
        'div',
        { class: 'promise' },
        el('p', {}, icon('shield', 20), el('span', {}, texts.who)),
        until !== null && el('p', {}, icon('clock', 20), el('span', {}, texts.until(until))),
      ),
    ),
    el(
      'div',
      { class: 'foot' },
      el('p', { class: 'quiet-text' }, texts.start.allow),
      actionBar([
        { label: texts.start.open, run: open, icon: 'camera' },
        { label: texts.start.app, run: app, look: 'quiet' },
      ]),
    ),
  );
}

export interface ReviewOf {
  texts: Texts;
  address: string;
  /** What the hints found amiss in the picture, as a sentence. */
  doubt: string | null;
  send: () => void;
  again: () => void;
}

export function review({ texts, address, doubt, send, again }: ReviewOf) {
  const { title, text, picture } = texts.review;
  const sendIt: Action = { label: texts.review.send, run: send };
  const takeAgain: Action = { label: texts.review.again, run: again };
  // In doubt, the second try is the advice.
  const actions: Action[] = doubt ? [takeAgain, { ...sendIt, look: 'quiet' }] : [sendIt, { ...takeAgain, look: 'quiet' }];
  return el(
    'section',
    { class: 'screen' },
    el(
      'div',
      { class: 'body' },
      headline(title),
      el('p', { class: 'lead' }, text),
      el('img', { class: 'photo', src: address, alt: picture }),
      doubt ? el('p', { class: 'doubt' }, icon('alert', 20), el('span', {}, doubt)) : null,
    ),
    el(
      'div',
      { class: 'foot' },
      el('p', { class: 'who' }, icon('shield', 20), el('span', {}, texts.who)),
      actionBar(actions),
    ),
  );
}

/** The picture on its way; `part` (0–1) moves the bar. */
export function sending(texts: Texts, address: string) {
  const { title, text } = texts.sending;
  const fill = el('div', { class: 'fill' });
  const bar = el(
    'div',
    { class: 'bar', role: 'progressbar', 'aria-label': title, 'aria-valuemin': '0', 'aria-valuemax': '100', 'aria-valuenow': '0' },
    fill,
  );
  const screen = el(
    'section',
    { class: 'screen' },
    el(
      'div',
      { class: 'body' },
      headline(title),
      el('p', { class: 'lead' }, text),
      el('img', { class: 'photo', src: address, alt: texts.review.picture }),
      bar,
    ),
  );
  const part = (done: number) => {
    fill.style.transform = `scaleX(${done})`;
    bar.setAttribute('aria-valuenow', String(Math.round(done * 100)));
    // All has left; what is missing now is the answer.
    bar.classList.toggle('waiting', done >= 1);
  };
  return { screen, part };
}

/** The picture is safe and can be sent once more. */
export const failed = (texts: Texts, address: string, text: string, actions: Action[]) =>
  el(
    'section',
    { class: 'screen' },
    el(
      'div',
      { class: 'body' },
      headline(texts.failed.title),
      el('p', { class: 'doubt', role: 'alert' }, icon('alert', 20), el('span', {}, text)),
      el('img', { class: 'photo', src: address, alt: texts.review.picture }),
    ),
    el('div', { class: 'foot' }, actionBar(actions)),
  );
