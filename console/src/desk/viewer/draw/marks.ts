// What somebody draws on a copy of a picture: marks in the picture's own pixels, and every step back and forth.
// Pure: nothing here knows a canvas, a pointer or a key.
import type { Point, Size } from '../transform';

export type Kind = 'arrow' | 'ellipse' | 'box' | 'pen' | 'text' | 'step';
export type Tool = 'select' | Kind;

type Common = { id: number; colour: string };
export type Span = Common & { kind: 'arrow' | 'ellipse' | 'box'; from: Point; to: Point };
export type Stroke = Common & { kind: 'pen'; points: Point[] };
export type Label = Common & { kind: 'text'; at: Point; text: string; size: number };
/** Its number is its place among the steps: one that is removed leaves no gap. */
export type Step = Common & { kind: 'step'; at: Point; size: number };
export type Mark = Span | Stroke | Label | Step;

export const colours = [
  { name: 'Red', value: '#e5352b' },
  { name: 'Yellow', value: '#ffd21f' },
  { name: 'Green', value: '#18a558' },
  { name: 'Blue', value: '#1f7ae0' },
  { name: 'Black', value: '#111111' },
] as const;

export const MARKS_MAX = 200;
/** A line drawn by hand for minutes; what follows is left out. */
export const POINTS_MAX = 2_000;
const TEXT_CHARS_MAX = 200;
const HISTORY_MAX = 100;

// Steps back and forth.

export type History = { past: readonly Mark[][]; now: Mark[]; future: readonly Mark[][] };
export const EMPTY: History = { past: [], now: [], future: [] };

export const done = ({ past, now }: History, next: Mark[]): History =>
  next.length > MARKS_MAX ? { past, now, future: [] } : { past: [...past, now].slice(-HISTORY_MAX), now: next, future: [] };
export function undone(history: History): History {
  const before = history.past.at(-1);
  return before ? { past: history.past.slice(0, -1), now: before, future: [history.now, ...history.future] } : history;
}
export function redone(history: History): History {
  const [next, ...future] = history.future;
  return next ? { past: [...history.past, history.now], now: next, future } : history;
}

// Marks.

export const nextId = (marks: Mark[]): number => 1 + Math.max(0, ...marks.map((mark) => mark.id));
export const numberOf = (marks: Mark[], step: Step): number =>
  1 + marks.filter((mark) => mark.kind === 'step').findIndex((mark) => mark.id === step.id);

/** Lines and letters that can be seen on a picture of this size, whatever the size of the screen. */
export const penWidth = ({ width, height }: Size): number => Math.max(2, Math.round(Math.max(width, height) / 180));
export const letterSize = (picture: Size): number => penWidth(picture) * 6;

/** What a tool begins with under the pointer. */
export function begun(kind: Kind, at: Point, colour: string, marks: Mark[], picture: Size): Mark {
  const common = { id: nextId(marks), colour };
  switch (kind) {
    case 'pen':
      return { ...common, kind, points: [at] };
    case 'text':
      return { ...common, kind, at, text: '', size: letterSize(picture) };
    case 'step':
      return { ...common, kind, at, size: letterSize(picture) };
    default:
      return { ...common, kind, from: at, to: at };
  }
}

/** The same while the pointer is dragged. */
export function drawn(mark: Mark, to: Point): Mark {
  if (mark.kind === 'pen') {
    const last = mark.points.at(-1);
    const isNear = last && Math.hypot(to.x - last.x, to.y - last.y) < 2;
    return isNear || mark.points.length >= POINTS_MAX ? mark : { ...mark, points: [...mark.points, to] };
  }
  return 'at' in mark ? { ...mark, at: to } : { ...mark, to };
}

/** Whether it is anything: a slip of the pointer is not. */
export function isSeen(mark: Mark): boolean {
  if (mark.kind === 'text') return mark.text.trim() !== '';
  if (mark.kind === 'step') return true;
  const { width, height } = boundsOf(mark);
  return Math.hypot(width, height) >= 6;
}

/** What the keyboard puts in the middle of the picture. */
export function placed(kind: Kind, colour: string, marks: Mark[], picture: Size): Mark {
  const middle = { x: picture.width / 2, y: picture.height / 2 };
  const [dx, dy] = [picture.width / 8, picture.height / 8];
  const mark = begun(kind, { x: middle.x - dx, y: middle.y - dy }, colour, marks, picture);
  if ('at' in mark) return { ...mark, at: middle };
  const end = { x: middle.x + dx, y: middle.y + dy };
  return mark.kind === 'pen' ? { ...mark, points: [mark.points[0]!, middle, end] } : { ...mark, to: end };
}

export type Bounds = { x: number; y: number; width: number; height: number };
export function boundsOf(mark: Mark): Bounds {
  if (mark.kind === 'step') return { x: mark.at.x - mark.size, y: mark.at.y - mark.size, width: 2 * mark.size, height: 2 * mark.size };
  if (mark.kind === 'text') {
    const lines = mark.text.split('\n');
    // Letters are about six tenths as wide as they are high.
    const width = Math.max(1, ...lines.map((line) => line.length)) * mark.size * 0.6;
    return { x: mark.at.x, y: mark.at.y, width, height: lines.length * mark.size * 1.2 };
  }
  const points = mark.kind === 'pen' ? mark.points : [mark.from, mark.to];
  const [xs, ys] = [points.map((p) => p.x), points.map((p) => p.y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

const shift = (p: Point, by: Point): Point => ({ x: p.x + by.x, y: p.y + by.y });

/** Somewhere else, and never so far that nothing of it is left on the picture. */
export function moved(mark: Mark, by: Point, picture: Size): Mark {
  const bounds = boundsOf(mark);
  const hold = (from: number, span: number, step: number, side: number) =>
    Math.min(side - 4 - from, Math.max(4 - span - from, step));
  const held = {
    x: hold(bounds.x, bounds.width, by.x, picture.width),
    y: hold(bounds.y, bounds.height, by.y, picture.height),
  };
  if (mark.kind === 'pen') return { ...mark, points: mark.points.map((p) => shift(p, held)) };
  if ('at' in mark) return { ...mark, at: shift(mark.at, held) };
  return { ...mark, from: shift(mark.from, held), to: shift(mark.to, held) };
}

/** Larger or smaller about its middle. */
export function scaled(mark: Mark, by: number): Mark {
  if ('size' in mark) return { ...mark, size: Math.min(400, Math.max(8, mark.size * by)) };
  const bounds = boundsOf(mark);
  const middle = { x: bounds.x + bounds.width / 2, y: bounds.y + bounds.height / 2 };
  if (by < 1 && Math.max(bounds.width, bounds.height) * by < 8) return mark;
  const out = (p: Point) => ({ x: middle.x + (p.x - middle.x) * by, y: middle.y + (p.y - middle.y) * by });
  if (mark.kind === 'pen') return { ...mark, points: mark.points.map(out) };
  return { ...mark, from: out(mark.from), to: out(mark.to) };
}

/** With other words. */
export const reworded = (mark: Label, text: string): Label => ({ ...mark, text: text.slice(0, TEXT_CHARS_MAX) });

export const replaced = (marks: Mark[], mark: Mark): Mark[] => marks.map((one) => (one.id === mark.id ? mark : one));
export const without = (marks: Mark[], id: number): Mark[] => marks.filter((mark) => mark.id !== id);

// Finding what is pointed at.

function fromSegment(p: Point, a: Point, b: Point): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((p.x - a.x) * dx + (p.y - a.y) * dy) / length));
  return Math.hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

/** How far the pointer is from the ink of a mark. */
function distance(mark: Mark, at: Point): number {
  const { x, y, width, height } = boundsOf(mark);
  const isInside = at.x >= x && at.x <= x + width && at.y >= y && at.y <= y + height;
  switch (mark.kind) {
    case 'text':
      return isInside ? 0 : Infinity;
    case 'step':
      return Math.max(0, Math.hypot(at.x - mark.at.x, at.y - mark.at.y) - mark.size);
    case 'arrow':
      return fromSegment(at, mark.from, mark.to);
    case 'pen':
      return Math.min(...mark.points.map((p, i) => fromSegment(at, mark.points[Math.max(0, i - 1)]!, p)));
    default: {
      const corners = [{ x, y }, { x: x + width, y }, { x: x + width, y: y + height }, { x, y: y + height }];
      if (mark.kind === 'box') return Math.min(...corners.map((c, i) => fromSegment(at, c, corners[(i + 1) % 4]!)));
      const [rx, ry] = [width / 2 || 1, height / 2 || 1];
      const reach = Math.hypot((at.x - x - rx) / rx, (at.y - y - ry) / ry);
      return Math.abs(reach - 1) * Math.min(rx, ry);
    }
  }
}

/** The mark under the pointer, the topmost first; without ink near, a box or an ellipse is taken from its inside. */
export function hit(marks: Mark[], at: Point, reach: number): Mark | null {
  const top = marks.toReversed();
  const isWithin = (mark: Mark) => {
    const { x, y, width, height } = boundsOf(mark);
    return (mark.kind === 'box' || mark.kind === 'ellipse') && at.x >= x && at.x <= x + width && at.y >= y && at.y <= y + height;
  };
  return top.find((mark) => distance(mark, at) <= reach) ?? top.find(isWithin) ?? null;
}

/** The end of a mark under the pointer, to be pulled. */
export function endAt(mark: Mark, at: Point, reach: number): 'from' | 'to' | null {
  if (!('from' in mark)) return null;
  const near = (p: Point) => Math.hypot(p.x - at.x, p.y - at.y) <= reach;
  return near(mark.to) ? 'to' : near(mark.from) ? 'from' : null;
}

// Shapes.

/** The two barbs of an arrow's head. */
export function barbs({ from, to }: { from: Point; to: Point }, width: number): [Point, Point] {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const size = Math.min(length / 2, width * 5);
  const angle = Math.atan2(to.y - from.y, to.x - from.x);
  const barb = (turn: number) => ({ x: to.x - size * Math.cos(angle + turn), y: to.y - size * Math.sin(angle + turn) });
  return [barb(Math.PI / 6), barb(-Math.PI / 6)];
}

/** Black or white, whichever can be read on this colour (the luminance of WCAG 2). */
export function inkOn(colour: string): '#000000' | '#ffffff' {
  const channel = (at: number) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  return (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) ? '#000000' : '#ffffff';
}

// Turned pictures.

/** The size of a picture after quarter turns to the right. */
export const turnedSize = ({ width, height }: Size, turns: number): Size =>
  turns % 2 === 0 ? { width, height } : { width: height, height: width };

/** Where a rectangle of a turned picture lies in the picture as it is; `size` is that of the picture as it is. */
export function unturned({ x, y, width, height }: Bounds, turns: number, size: Size): Bounds {
  switch (((turns % 4) + 4) % 4) {
    case 1:
      return { x: y, y: size.height - x - width, width: height, height: width };
    case 2:
      return { x: size.width - x - width, y: size.height - y - height, width, height };
    case 3:
      return { x: size.width - y - height, y: x, width: height, height: width };
    default:
      return { x, y, width, height };
  }
}
