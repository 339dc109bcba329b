import { describe, expect, it } from 'vitest';
import { COPY_BYTES_MAX, encoded, nameOf } from '../viewer/draw/copy';
import { Drawing } from '../viewer/draw/drawing.svelte';
import { drawingOf, hasDrawing, keepDrawing } from '../viewer/draw/drawings';
import {
  barbs,
  begun,
  boundsOf,
  done,
  drawn,
  EMPTY,
  endAt,
  hit,
  inkOn,
  isSeen,
  MARKS_MAX,
  moved,
  numberOf,
  POINTS_MAX,
  redone,
  scaled,
  turnedSize,
  undone,
  unturned,
  without,
  type Mark,
  type Span,
  type Step,
} from '../viewer/draw/marks';

const picture = { width: 800, height: 600 };
const span = (kind: Span['kind'], from: [number, number], to: [number, number], id = 1): Span => ({
  id,
  kind,
  colour: '#e5352b',
  from: { x: from[0], y: from[1] },
  to: { x: to[0], y: to[1] },
});
const step = (id: number): Step => ({ id, kind: 'step', colour: '#e5352b', at: { x: 50 * id, y: 50 }, size: 20 });

describe('marks on a picture', () => {
  it('goes back and forth, and what is new ends what was taken back', () => {
    const one = done(EMPTY, [step(1)]);
    const two = done(one, [step(1), step(2)]);
    expect(undone(two).now).toEqual([step(1)]);
    expect(redone(undone(two)).now).toEqual(two.now);
    expect(undone(undone(undone(two))).now).toEqual([]);
    const other = done(undone(two), [step(3)]);
    expect(redone(other).now).toEqual([step(3)]);
    const many = Array.from({ length: MARKS_MAX + 1 }, (_, i) => step(i + 1));
    expect(done(two, many).now).toBe(two.now);
    let long = EMPTY;
    for (let i = 0; i < 300; i++) long = done(long, [step(i + 1)]);
    expect(long.past.length).toBe(100);
  });
  it('numbers steps by their order, without gaps', () => {
    const marks: Mark[] = [step(1), span('box', [0, 0], [9, 9], 5), step(2), step(3)];
    expect(numberOf(marks, step(3))).toBe(3);
    expect(numberOf(without(marks, 2), step(3))).toBe(2);
  });
  it('draws while the pointer is dragged, and a slip is nothing', () => {
    const arrow = drawn(begun('arrow', { x: 10, y: 10 }, '#111111', [step(7)], picture), { x: 60, y: 10 });
    expect(arrow).toMatchObject({ id: 8, from: { x: 10, y: 10 }, to: { x: 60, y: 10 } });
    expect([isSeen(arrow), isSeen(drawn(arrow, { x: 12, y: 12 })), isSeen(step(1))]).toEqual([true, false, true]);
    let pen = begun('pen', { x: 0, y: 0 }, '#111111', [], picture);
    for (let i = 1; i < 4_000; i++) pen = drawn(pen, { x: i * 3, y: 0 });
    expect(pen.kind === 'pen' && pen.points.length).toBe(POINTS_MAX);
    const still = drawn(pen, { x: 0, y: 0 });
    expect(still).toBe(pen);
  });
  it('moves and scales, and never out of the picture', () => {
    expect(boundsOf(moved(span('box', [10, 10], [60, 40]), { x: 5, y: -5 }, picture))).toEqual({ x: 15, y: 5, width: 50, height: 30 });
    const far = boundsOf(moved(span('box', [10, 10], [60, 40]), { x: 1e6, y: -1e6 }, picture));
    expect([far.x < picture.width, far.y + far.height > 0]).toEqual([true, true]);
    expect(boundsOf(scaled(span('box', [100, 100], [200, 200]), 2))).toEqual({ x: 50, y: 50, width: 200, height: 200 });
    const small = span('box', [100, 100], [108, 108]);
    expect(scaled(small, 0.5)).toBe(small);
  });
  it('finds what is pointed at: ink first, then the inside', () => {
    const [large, arrow] = [span('box', [0, 0], [400, 400], 1), span('arrow', [100, 100], [300, 100], 2)];
    const found = (x: number, y: number) => hit([large, arrow], { x, y }, 8)?.id ?? null;
    expect([found(200, 104), found(200, 150), found(400, 200), found(500, 500)]).toEqual([2, 1, 1, null]);
    const round = span('ellipse', [0, 0], [200, 100], 3);
    expect([hit([round], { x: 200, y: 50 }, 5)?.id, hit([round], { x: 2, y: 2 }, 1)?.id]).toEqual([3, 3]);
    expect(hit([round], { x: 260, y: 50 }, 5)).toBeNull();
    expect([endAt(arrow, { x: 298, y: 101 }, 8), endAt(arrow, { x: 101, y: 99 }, 8), endAt(arrow, { x: 200, y: 100 }, 8)]).toEqual(['to', 'from', null]);
  });
  it('gives an arrow a head that fits its length', () => {
    const [one, other] = barbs({ from: { x: 0, y: 0 }, to: { x: 100, y: 0 } }, 5);
    expect(one.x).toBeCloseTo(other.x);
    expect(one.y).toBeCloseTo(-other.y);
    const [short] = barbs({ from: { x: 0, y: 0 }, to: { x: 10, y: 0 } }, 5);
    expect(Math.hypot(short.x - 10, short.y)).toBeCloseTo(5);
  });
  it('writes on a colour in the ink that can be read', () => {
    expect(['#e5352b', '#ffd21f', '#111111', '#ffffff', '#1f7ae0'].map(inkOn)).toEqual(['#000000', '#000000', '#ffffff', '#000000', '#000000']);
  });
  it('brings a box of a turned picture back to where it is', () => {
    const size = { width: 800, height: 600 };
    // The top left corner of the picture as it is looked at, after each quarter turn to the right.
    const corner = { x: 0, y: 0, width: 10, height: 20 };
    expect(unturned(corner, 0, size)).toEqual(corner);
    expect(unturned(corner, 1, size)).toEqual({ x: 0, y: 590, width: 20, height: 10 });
    expect(unturned(corner, 2, size)).toEqual({ x: 790, y: 580, width: 10, height: 20 });
    expect(unturned(corner, 3, size)).toEqual({ x: 780, y: 0, width: 20, height: 10 });
    expect(unturned(corner, -1, size)).toEqual(unturned(corner, 3, size));
    expect([turnedSize(size, 1), turnedSize(size, -2)]).toEqual([{ width: 600, height: 800 }, size]);
  });
});

describe('a copy as a file', () => {
  it('is as good as fits', async () => {
    const sizes: number[] = [];
    const encode = async (_: string, quality: number) => {
      sizes.push(quality);
      return new Blob([new Uint8Array(quality > 0.8 ? COPY_BYTES_MAX + 1 : 10)]);
    };
    expect((await encoded(encode)).size).toBe(10);
    expect(sizes).toEqual([0.92, 0.85, 0.75]);
    await expect(encoded(async () => new Blob([new Uint8Array(99)]), 10)).rejects.toThrow('too large for WhatsApp');
    await expect(encoded(async () => null)).rejects.toThrow('Close other tabs');
  });
  it('has the name of its picture', () => {
    expect([nameOf('label.PNG', null), nameOf('a.b.pdf', 3), nameOf(null, null), nameOf('.jpg', null)]).toEqual(
      ['label-marked.jpg', 'a.b-page-3-marked.jpg', 'picture-marked.jpg', 'picture-marked.jpg'],
    );
  });
  it('can be taken up again, the last twenty of them', () => {
    for (let i = 0; i < 22; i++) keepDrawing(`A${i}`, { history: done(EMPTY, [step(1)]), turns: i });
    expect([hasDrawing('A1'), hasDrawing('A2'), drawingOf('A21').turns, drawingOf('B').history]).toEqual([false, true, 21, EMPTY]);
    keepDrawing('A21', { history: EMPTY, turns: 0 });
    expect(hasDrawing('A21')).toBe(false);
  });
});

describe('a drawing in somebody’s hands', () => {
  const key = (name: string, parts: Partial<KeyboardEvent> = {}) => new KeyboardEvent('keydown', { key: name, ...parts } as KeyboardEventInit);
  const begin = (...tools: ConstructorParameters<typeof Drawing>[0]) => {
    const drawing = new Drawing(tools.length ? tools : ['select', 'arrow', 'box', 'text', 'step']);
    drawing.picture = picture;
    return drawing;
  };
  it('does everything without a pointer', () => {
    const drawing = begin();
    for (const name of ['b', 'Enter', 'ArrowRight', 'n', '3', 'Enter']) expect(drawing.key(key(name))).toBe(true);
    expect(drawing.history.now.map((m) => [m.kind, m.colour])).toEqual([['box', '#e5352b'], ['step', '#18a558']]);
    expect(boundsOf(drawing.history.now[0]!).x).toBe(302);
    drawing.key(key('['));
    expect(drawing.chosen).toBe(1);
    drawing.key(key('ArrowLeft', { shiftKey: true }));
    expect(boundsOf(drawing.history.now[0]!).x).toBe(282);
    drawing.key(key('Delete'));
    expect(drawing.history.now.map((m) => m.kind)).toEqual(['step']);
    drawing.key(key('z', { ctrlKey: true }));
    expect(drawing.history.now.length).toBe(2);
    drawing.key(key('Z', { ctrlKey: true, shiftKey: true }));
    expect(drawing.history.now.length).toBe(1);
    expect([drawing.key(key('w')), drawing.key(key('b', { altKey: true }))]).toEqual([false, false]);
  });
  it('takes words back in one step, and leaves no empty ones', () => {
    const drawing = begin();
    drawing.pick('text');
    drawing.place();
    for (const text of ['S', 'Se', 'Serial']) drawing.word(text);
    drawing.worded();
    drawing.undo();
    expect(drawing.history.now.map((m) => m.kind === 'text' && m.text)).toEqual(['Text']);
    drawing.redo();
    drawing.turn(1);
    drawing.word(' ');
    drawing.worded();
    expect(drawing.history.now).toEqual([]);
  });
  it('knows only its own tools', () => {
    const drawing = begin('select', 'box');
    expect([drawing.tool, drawing.key(key('a')), drawing.key(key('2')), drawing.tool]).toEqual(['box', false, false, 'box']);
  });
});
