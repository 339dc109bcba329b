// What the console adds to a drawing, whose places are the server's: how many went each way, and the signs.
import { expect, test } from 'vitest';
import type { FlowStep, FlowWay } from '../../api/types';
import { stepIcon, wayLines } from '../flows/words';

const way = (lines: string[] | null, went: number): FlowWay => {
  const label = lines && { lines, x: 50, y: 40, width: 80, height: 18 };
  return { from: 'a', to: 'b', when: lines?.join(' ') ?? '', went, is_back: false, path: 'M0 0L0 9', label };
};

test.each([
  ['words alone', ['yes'], 0, ['yes']],
  ['how many stands in the last line', ['did not help,', 'no article'], 12, ['did not help,', 'no article · 12']],
  ['as people write numbers', ['yes'], 1234, [`yes · ${(1234).toLocaleString()}`]],
  ['a way that needs nothing to happen', [], 7, ['7']],
  ['nothing to say', null, 0, []],
] as const)('%s', (_, lines, went, expected) => {
  const drawn = way(lines && [...lines], went);
  expect(wayLines(drawn)).toEqual(expected);
  expect(drawn.label?.lines ?? null).toEqual(lines);
});

test.each([
  ['ask', 'photo', 'camera'],
  ['ask', 'choice', 'list'],
  ['ask', null, 'question'],
  ['check', null, 'diamond'],
  ['hand_over', null, 'user'],
] as const)('the sign of %s %s', (kind, wants, icon) => {
  const place = { x: 0, y: 0, width: 216, height: 32, title: 'A', lines: [] };
  const step: FlowStep = { id: 'a', kind, wants, text: '', open: 0, ...place };
  expect(stepIcon(step)).toBe(icon);
});
