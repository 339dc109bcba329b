// The drawing of a flow: layers, circles, order, and that nothing stands on anything else.
import { describe, expect, test } from 'vitest';
import type { FlowStep, FlowWay, StepKind } from '../../api/types';
import { backWays, crossings, layers, layout } from '../flows/layout';
import { stepText } from '../flows/words';
import { wrapped } from '../flows/wrap';

/** `a>b a>c:no a>d:late*3` as steps and ways, in the order in which they are named. */
function flow(text: string, kind: StepKind = 'say'): [FlowStep[], FlowWay[]] {
  const ways = text.split(' ').map((way) => {
    const [, from = '', to = '', when = '', went = '0'] = /^(\w+)>(\w+)(?::(\w+))?(?:\*(\d+))?$/.exec(way) ?? [];
    return { from, to, when, went: Number(went) };
  });
  const ids = [...new Set(ways.flatMap((way) => [way.from, way.to]))];
  return [ids.map((id) => ({ id, kind, label: `words of ${id}`, open: 0 })), ways];
}
const layersOf = (text: string) => {
  const [steps, ways] = flow(text);
  const back = backWays(steps, ways);
  return Object.fromEntries(layers(steps, ways.filter((way) => !back.has(way))));
};

describe('layers', () => {
  test.each([
    ['a>b b>c', { a: 0, b: 1, c: 2 }],
    // By the longest way, not the shortest.
    ['a>b b>c a>c', { a: 0, b: 1, c: 2 }],
    ['a>b a>c b>d c>d c>e e>d', { a: 0, b: 1, c: 1, e: 2, d: 3 }],
    // A way back does not count.
    ['a>b b>c c>a', { a: 0, b: 1, c: 2 }],
    ['a>a a>b', { a: 0, b: 1 }],
  ])('%s', (text, expected) => expect(layersOf(text)).toEqual(expected));
});

describe('the drawing', () => {
  const drawings = [
    'a>b',
    'a>b a>c a>d b>e c>e d>e',
    'a>b:yes a>c:no b>d c>d d>a:again a>d:skip',
    'a>b:helped a>c:did_not_help a>c:no_article a>d:something_else_altogether b>d',
    'a>b:a_long_reason_indeed a>c:another_long_reason a>d:one_more_long_reason a>e:and_the_last_of_them',
    'a>b a>c a>d a>e a>f b>g c>g d>h e>h f>i g>i h>i a>i',
  ].map((text) => ({ text, drawing: layout(...flow(text)) }));

  test.each(drawings)('$text: boxes of a layer do not touch, and all is inside', ({ drawing }) => {
    for (const a of drawing.boxes) {
      expect(a.x).toBeGreaterThanOrEqual(0);
      expect(a.x + a.width).toBeLessThanOrEqual(drawing.width);
      expect(a.y + a.height).toBeLessThanOrEqual(drawing.height);
      for (const b of drawing.boxes) {
        if (a === b) continue;
        const isApart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
        expect(isApart, `${a.step.id} and ${b.step.id}`).toBe(true);
      }
    }
  });
  test.each(drawings)('$text: words of ways do not touch', ({ drawing }) => {
    const labels = drawing.lines.flatMap((line) => (line.label ? [line.label] : []));
    for (const a of labels)
      for (const b of labels)
        if (a !== b) expect(Math.abs(a.y - b.y) >= 20 || Math.abs(a.x - b.x) >= (a.width + b.width) / 2).toBe(true);
  });
  test('the order inside a layer undoes a crossing', () => {
    const { boxes } = layout(...flow('a>b a>c c>d b>e'));
    const x = (id: string) => boxes.find((box) => box.step.id === id)?.x ?? 0;
    expect(x('b') < x('c')).toBe(x('e') < x('d'));
  });
  test('a chain stands straight, and the ways to both sides of it even', () => {
    const { boxes } = layout(...flow('a>b b>c c>d c>e'));
    const x = Object.fromEntries(boxes.map((box) => [box.step.id, box.x]));
    expect(x.a).toBeCloseTo(x.b ?? 0);
    expect(x.b).toBeCloseTo(x.c ?? 0);
    expect((x.d ?? 0) + (x.e ?? 0)).toBeCloseTo(2 * (x.c ?? 0));
  });
  test('ways between the same steps are one line with all words; a way back is marked', () => {
    const { lines } = layout(...flow('a>b:yes a>b:no_answer b>a:again b>c:late b>c'));
    expect(lines.map((line) => [line.from, line.to, line.isBack, line.label?.text])).toEqual([
      ['a', 'b', false, 'yes, no answer'],
      ['b', 'a', true, 'again'],
      ['b', 'c', false, 'or late'],
    ]);
  });
  test('a way says how many went it', () => {
    const { lines } = layout(...flow('a>b:yes*12 b>c*7 b>d'));
    expect(lines.map((line) => line.label?.text)).toEqual(['yes · 12', '7', undefined]);
  });
  test('a way to a step that is not there is left out', () => {
    const [steps] = flow('a>b');
    expect(layout(steps, [{ from: 'a', to: 'ghost', when: '', went: 0 }]).lines).toEqual([]);
  });
  test('no step at all is an empty drawing', () => expect(layout([], []).boxes).toEqual([]));
  test('the sign of a question is not drawn twice', () => {
    const text = (kind: StepKind, label: string) => stepText({ id: 'a', kind, label, open: 0 });
    expect(text('ask', '📷 The label, please')).toBe('The label, please');
    expect(text('say', 'Good morning')).toBe('Good morning');
    expect(text('check', 'check, 3 cases')).toBe('The first that fits of 3 cases');
    expect(text('act', 'act, 1 deeds')).toBe('One change to the ticket');
  });
});

test('crossings are counted', () => {
  const [x, y]: { down: never[] }[] = [{ down: [] }, { down: [] }];
  const row = (...down: unknown[][]) => down.map((d) => ({ down: d as never[] }));
  expect(crossings([row([x], [y]), [x, y] as never])).toBe(0);
  expect(crossings([row([y], [x]), [x, y] as never])).toBe(1);
});

test.each([
  ['one two three', 7, 2, ['one two', 'three']],
  ['one two three four', 7, 2, ['one two', 'three …']],
  ['incomprehensibilities', 10, 2, ['incompreh…']],
  ['', 10, 2, []],
])('“%s” wraps', (text, chars, lines, expected) => expect(wrapped(text, chars, lines)).toEqual(expected));
