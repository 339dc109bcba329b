// The camera's screen: the picture, the frame on it, one hint, the shutter.
import type { Camera } from './camera';
import { el, icon } from './dom';
import { RATIOS, fit, inSource, type Rect, type Shape, type Size } from './geometry';
import { PROBLEMS, UNSETTLED, judge, measure, settle, type Hint, type Look, type Problem } from './hints';
import { lookAt, take, type Picture } from './picture';
import type { Texts } from './texts';

const LOOK_EVERY_MS = 250;
const FRAME_WIDTH_MAX_PX = 760;

export interface ViewfinderOf {
  texts: Texts;
  camera: Camera;
  isPaper: boolean;
  shape: Shape;
  onshape: (shape: Shape) => void;
  ontaken: (picture: Picture) => void;
  onback: () => void;
  /** Ends with the screen. */
  signal: AbortSignal;
}

export function viewfinder(of: ViewfinderOf): HTMLElement {
  const { texts, camera, isPaper, signal } = of;
  let shape = of.shape;
  const video = el('video', { playsinline: true, muted: true, autoplay: true, 'aria-hidden': 'true', tabindex: '-1' });
  // Safari heeds the property, not the attribute, on elements made by script.
  video.muted = true;
  video.srcObject = camera.stream;
  const frame = el('div', { class: 'frame', 'aria-hidden': 'true' }, ...['nw', 'ne', 'se', 'sw'].map((at) => el('i', { class: at })));
  const hint = el('p', { class: 'hint', role: 'status' }, texts.aim);
  const aim = el('div', { class: 'aim' }, hint, frame);
  const shutter = el('button', { type: 'button', class: 'shutter', 'aria-label': texts.shutter, onclick: () => void shoot() });

  const screen = el(
    'section',
    { class: 'camera' },
    video,
    el('h1', { class: 'visually-hidden', tabindex: '-1' }, texts.aim),
    el(
      'div',
      { class: 'top' },
      el('button', { type: 'button', class: 'round', 'aria-label': texts.back, onclick: of.onback }, icon('back')),
      isPaper && shapeSwitch(texts, shape, (chosen) => {
        shape = chosen;
        of.onshape(chosen);
        place();
      }),
      torchButton(texts, camera) ?? el('span', { class: 'round empty' }),
    ),
    aim,
    el('div', { class: 'bottom' }, shutter),
  );

  const place = () => {
    const { width, height } = fit(spaceIn(aim, hint), RATIOS[shape]);
    frame.style.width = `${Math.floor(width)}px`;
    frame.style.height = `${Math.floor(height)}px`;
    frame.dataset.shape = shape;
  };
  const source = (): Size => ({ width: video.videoWidth, height: video.videoHeight });
  const aimed = (): Rect => inSource(frame.getBoundingClientRect(), video.getBoundingClientRect(), source());

  async function shoot() {
    if (!video.videoWidth || shutter.disabled) return;
    shutter.disabled = true;
    screen.classList.add('flash');
    const picture = await take(video, aimed());
    if (signal.aborted) return;
    shutter.disabled = false;
    screen.classList.remove('flash');
    if (picture) of.ontaken(picture);
  }

  const show = (found: Hint) => {
    screen.classList.toggle('good', found === 'good');
    if (hint.textContent !== texts.hints[found]) hint.textContent = texts.hints[found];
  };
  const looking = lookRegularly(isPaper ? PROBLEMS : PROBLEMS.filter((problem) => problem !== 'closer'), show);
  const timer = setInterval(() => {
    if (video.videoWidth && !document.hidden) looking(lookAt(video, aimed(), source()));
  }, LOOK_EVERY_MS);

  const resized = new ResizeObserver(place);
  resized.observe(aim);
  signal.addEventListener('abort', () => {
    clearInterval(timer);
    resized.disconnect();
    video.srcObject = null;
  });
  void video.play().catch(() => {
    // `autoplay` starts it as well, as soon as the page is looked at.
  });
  return screen;
}

/** Keeps the look before this one and the hint that is shown. */
function lookRegularly(wanted: readonly Problem[], show: (hint: Hint) => void) {
  let before: Look | null = null;
  let settled = UNSETTLED;
  return (look: Look) => {
    settled = settle(settled, judge(measure(look, before), settled.shown, wanted));
    before = look;
    if (settled.shown) show(settled.shown);
  };
}

/** What the frame may take: the aim's room without the hint and the gap below it. */
function spaceIn(aim: HTMLElement, hint: HTMLElement): Size {
  const style = getComputedStyle(aim);
  const px = (value: string) => parseFloat(value) || 0;
  return {
    width: Math.min(FRAME_WIDTH_MAX_PX, aim.clientWidth - px(style.paddingLeft) - px(style.paddingRight)),
    height: aim.clientHeight - px(style.paddingTop) - px(style.paddingBottom) - px(style.rowGap) - hint.offsetHeight,
  };
}

function shapeSwitch(texts: Texts, chosen: Shape, choose: (shape: Shape) => void) {
  const option = (shape: 'card' | 'passport') =>
    el(
      'label',
      {},
      el('input', { type: 'radio', name: 'shape', value: shape, checked: shape === chosen, onchange: () => choose(shape) }),
      el('span', {}, texts.shapes[shape]),
    );
  return el(
    'fieldset',
    { class: 'switch' },
    el('legend', { class: 'visually-hidden' }, texts.shapes.legend),
    option('card'),
    option('passport'),
  );
}

function torchButton(texts: Texts, { torch }: Camera) {
  if (!torch) return null;
  let isOn = false;
  const button = el(
    'button',
    {
      type: 'button',
      class: 'round',
      'aria-label': texts.torch,
      'aria-pressed': 'false',
      onclick: () =>
        void torch(!isOn).then((on) => {
          isOn = on;
          button.setAttribute('aria-pressed', String(on));
        }),
    },
    icon('torch'),
  );
  return button;
}
