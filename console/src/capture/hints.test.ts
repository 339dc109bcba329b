// Drawn cameras' pictures: a card on a table, in the light, focus and distance that each hint is about.
import { describe, expect, test } from 'vitest';
import { glare, greyOf, movement, sharpness, sides, spread, structure, type Grey } from './grey';
import { UNSETTLED, judge, measure, settle, type Hint, type Look, type Measures } from './hints';
import type { Rect } from './geometry';

const WIDTH = 160;
const HEIGHT = 104;
const INNER: Rect = { x: 11, y: 11, width: 138, height: 82 };

const draw = (width: number, height: number, value: (x: number, y: number) => number): Grey => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height }, (_, i) => value(i % width, Math.floor(i / width))),
});

const isIn = (r: Rect, x: number, y: number) => x >= r.x && x < r.x + r.width && y >= r.y && y < r.y + r.height;

/** A light card with lines of writing on a dark table. */
const card = (at: Rect, shift = 0) =>
  draw(WIDTH, HEIGHT, (x, y) => {
    if (!isIn(at, x - shift, y)) return 60;
    return (x - shift) % 5 < 2 && y % 8 < 4 ? 70 : 200;
  });

/** The middle at the camera's own pixels: strokes, `soft` pixels wide at their edges. */
const strokes = (soft: number, light = 1) =>
  draw(120, 60, (x) => light * (125 + 75 * Math.max(-1, Math.min(1, ((Math.abs((x % 40) - 20) - 10) * 2) / soft))));

const lit = (grey: Grey, by: number): Grey => ({ ...grey, data: grey.data.map((value) => value * by) });

const look = (frame: Grey, detail = strokes(1)): Look => ({ frame, inner: INNER, detail });
const read = (now: Look, before: Look | null = now) => judge(measure(now, before), null);

const FULL: Rect = { x: 12, y: 12, width: 136, height: 80 };
const FAR: Rect = { x: 45, y: 32, width: 70, height: 41 };
const shining = (grey: Grey): Grey =>
  draw(WIDTH, HEIGHT, (x, y) => (isIn({ x: 60, y: 40, width: 18, height: 12 }, x, y) ? 255 : (grey.data[y * WIDTH + x] ?? 0)));

test.each<[string, Look, Hint]>([
  ['a card that fills the frame', look(card(FULL)), 'good'],
  ['the same at night', look(lit(card(FULL), 0.2)), 'dark'],
  ['a card far away', look(card(FAR)), 'closer'],
  ['an empty table', look(card({ x: 0, y: 0, width: 0, height: 0 })), 'closer'],
  ['a lamp mirrored in it', look(shining(card(FULL))), 'glare'],
  ['a lens that has not settled', look(card(FULL), strokes(30)), 'blurred'],
  ['a plain middle, of which nobody knows', look(card(FULL), draw(120, 60, () => 180)), 'good'],
])('%s', (_, now, expected) => expect(read(now)).toBe(expected));

test('a card that moves', () => expect(read(look(card(FULL)), look(card(FULL, 2)))).toBe('moving'));
test('for another purpose nothing needs to fill the frame', () =>
  expect(judge(measure(look(card(FAR)), null), null, ['dark', 'blurred'])).toBe('good'));

describe('measures', () => {
  test('grey is luma', () => {
    const rgba = new Uint8ClampedArray([255, 255, 255, 255, 0, 0, 0, 255, 255, 0, 0, 255]);
    expect([...greyOf(rgba, { width: 3, height: 1 }).data]).toEqual([255, 0, 76]);
  });
  test('a part has its own spread', () => {
    const half = draw(10, 2, (x) => (x < 5 ? 10 : 30));
    expect(spread(half)).toEqual({ mean: 20, deviation: 10 });
    expect(spread(half, { x: 5, y: 0, width: 5, height: 2 })).toEqual({ mean: 30, deviation: 0 });
    expect(spread(half, { x: 20, y: 0, width: 5, height: 2 })).toEqual({ mean: 0, deviation: 0 });
  });
  test('blown pixels count as one patch, not one by one', () => {
    const all = { x: 0, y: 0, width: 40, height: 40 };
    expect(glare(draw(40, 40, (x, y) => (x % 2 && y % 2 ? 255 : 90)), all)).toBeCloseTo(1 / 1600);
    expect(glare(draw(40, 40, (x, y) => (x < 20 && y < 20 ? 255 : 90)), all)).toBeCloseTo(0.25);
    // Neighbours by number, not by place: the end of one row and the beginning of the next.
    expect(glare(draw(40, 40, (x, y) => ((x === 39 && y === 3) || (x === 0 && y === 4) ? 255 : 90)), all)).toBeCloseTo(1 / 1600);
  });
  test('sharpness falls with focus, not with light', () => {
    const [sharp = 0, soft = 0, dim = 0] = [strokes(1), strokes(12), strokes(1, 0.5)].map((grey) => sharpness(grey) ?? 0);
    expect(sharp).toBeGreaterThan(soft * 4);
    expect(dim / sharp).toBeGreaterThan(0.8);
    expect(sharpness(draw(20, 20, () => 90))).toBeNull();
  });
  test('more light is no movement, a shift is', () => {
    const still = card(FULL);
    expect(movement(still, null)).toBe(0);
    expect(movement(draw(WIDTH, HEIGHT, (x, y) => (still.data[y * WIDTH + x] ?? 0) + 30), still)).toBeCloseTo(0);
    expect(movement(card(FULL, 2), still)).toBeGreaterThan(0.3);
    expect(movement(draw(4, 4, () => 0), still)).toBe(0);
  });
  test.each<[string, Rect, number]>([
    ['all sides', FULL, 4],
    ['none', FAR, 0],
    ['two: pushed into a corner', { x: 12, y: 12, width: 90, height: 50 }, 2],
  ])('edges along the frame: %s', (_, at, expected) => {
    const plain = draw(WIDTH, HEIGHT, (x, y) => (isIn(at, x, y) ? 200 : 60));
    expect(sides(plain, INNER)).toBe(expected);
  });
  test('structure says how much and how far', () => {
    expect(structure(card(FULL), INNER)).toEqual({ filled: 1, reach: 1 });
    expect(structure(card(FAR), INNER).reach).toBeLessThan(0.8);
    expect(structure(draw(WIDTH, HEIGHT, () => 128), INNER)).toEqual({ filled: 0, reach: 0 });
  });
});

describe('one hint at a time', () => {
  const fine: Measures = { light: 150, glare: 0, sharpness: 0.3, movement: 0, filled: 0.9, reach: 1, sides: 4 };
  test.each<[Partial<Measures>, Hint]>([
    [{}, 'good'],
    [{ light: 20, filled: 0.1, movement: 1, sharpness: 0, glare: 0.5 }, 'dark'],
    [{ filled: 0.1, movement: 1, sharpness: 0, glare: 0.5 }, 'closer'],
    [{ movement: 1, sharpness: 0, glare: 0.5 }, 'moving'],
    [{ sharpness: 0, glare: 0.5 }, 'blurred'],
    [{ glare: 0.5 }, 'glare'],
    [{ sides: 0 }, 'good'],
    [{ sides: 0, reach: 0.5 }, 'closer'],
    [{ sides: 4, reach: 0.5 }, 'good'],
  ])('%o', (change, expected) => expect(judge({ ...fine, ...change }, null)).toBe(expected));

  test('a complaint ends only when it is clearly better', () => {
    const almost = { ...fine, light: 65 };
    expect(judge(almost, 'good')).toBe('good');
    expect(judge(almost, 'dark')).toBe('dark');
    expect(judge({ ...fine, light: 75 }, 'dark')).toBe('good');
  });
  test('what flickers is not shown', () => {
    const shown = (hints: Hint[]) => {
      let state = UNSETTLED;
      return hints.map((hint) => (state = settle(state, hint)).shown ?? '-').join(' ');
    };
    expect(shown(['dark', 'dark', 'dark', 'good', 'dark', 'good', 'good', 'good'])).toBe('- - dark dark dark dark dark good');
    expect(shown(['good', 'dark', 'good', 'dark', 'good'])).toBe('- - - - -');
  });
});
