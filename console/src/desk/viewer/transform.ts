// The photo's place on the stage: scale and offset from the centre, turned by quarter turns.
// Pure, so that wheel, pinch, buttons and keys all do the same.
export type View = { scale: number; x: number; y: number; turns: number };
export type Size = { width: number; height: number };
export type Point = { x: number; y: number };

export const FIT: View = { scale: 1, x: 0, y: 0, turns: 0 };
export const SCALE_MAX = 8;

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/** The photo's size on the stage at scale 1: as large as fits, never larger than it is. */
export function fitted(photo: Size, stage: Size, turns: number): Size {
  const isSideways = turns % 2 !== 0;
  const [w, h] = isSideways ? [photo.height, photo.width] : [photo.width, photo.height];
  const ratio = w && h ? Math.min(stage.width / w, stage.height / h, 1) : 0;
  return { width: photo.width * ratio, height: photo.height * ratio };
}

/** Keeps the photo on the stage: an edge never comes further in than the stage's own edge. */
export function held(view: View, photo: Size, stage: Size): View {
  const { width, height } = fitted(photo, stage, view.turns);
  const isSideways = view.turns % 2 !== 0;
  const shownW = (isSideways ? height : width) * view.scale;
  const shownH = (isSideways ? width : height) * view.scale;
  const slackX = Math.max(0, (shownW - stage.width) / 2);
  const slackY = Math.max(0, (shownH - stage.height) / 2);
  return { ...view, x: clamp(view.x, 0 - slackX, slackX), y: clamp(view.y, 0 - slackY, slackY) };
}

/** Zooms so that the point under the pointer (from the stage's centre) stays where it is. */
export function zoomed(view: View, factor: number, at: Point, photo: Size, stage: Size): View {
  const scale = clamp(view.scale * factor, 1, SCALE_MAX);
  const k = scale / view.scale;
  return held({ ...view, scale, x: at.x - (at.x - view.x) * k, y: at.y - (at.y - view.y) * k }, photo, stage);
}

export const panned = (view: View, dx: number, dy: number, photo: Size, stage: Size): View =>
  held({ ...view, x: view.x + dx, y: view.y + dy }, photo, stage);

/** Turns only grow one way, so that the photo never spins back to where it was. */
export const rotated = (view: View, by: 1 | -1 = 1): View => ({ ...FIT, turns: view.turns + by });

/** How a picture is lit: factors, 1 is as it is. */
export type Light = { brightness: number; contrast: number };
export const PLAIN: Light = { brightness: 1, contrast: 1 };
export const LIGHT_MIN = 0.2;
export const LIGHT_MAX = 4;

/** One step of a key: an eighth more or less of what it is. */
export const lit = (light: Light, part: keyof Light, by: 1 | -1): Light => ({
  ...light,
  [part]: Math.round(clamp(light[part] * (by > 0 ? 1.125 : 1 / 1.125), LIGHT_MIN, LIGHT_MAX) * 1_000) / 1_000,
});
export const isPlain = (light: Light): boolean => light.brightness === 1 && light.contrast === 1;
export const filterOf = (light: Light): string =>
  isPlain(light) ? 'none' : `brightness(${light.brightness}) contrast(${light.contrast})`;

/** How the photo lies under a magnifying glass whose middle is at `at` (from the stage's centre). */
export const magnified = (view: View, at: Point, by: number): View => ({
  ...view,
  x: (view.x - at.x) * by,
  y: (view.y - at.y) * by,
  scale: view.scale * by,
});

/** As an agent would say it to CSS. */
export const transformOf = ({ x, y, turns, scale }: View): string =>
  `translate(${x}px, ${y}px) rotate(${turns * 90}deg) scale(${scale})`;
