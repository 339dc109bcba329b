import { describe, expect, test } from 'vitest';
import { duration, fileSize, initials, shortTime, span } from './format';

const now = new Date(2026, 4, 20, 15, 0, 0).getTime();
const at = (...args: [number, number, number, number, number]) => new Date(...args).toISOString();

describe('times in a list', () => {
  test.each([
    [at(2026, 4, 20, 14, 59), '1 min'],
    [new Date(now - 20_000).toISOString(), 'now'],
    [new Date(now + 5_000).toISOString(), 'now'],
    [at(2026, 4, 20, 14, 1), '59 min'],
    [at(2026, 4, 19, 23, 59), 'Yesterday'],
  ])('%s reads %s', (when, expected) => expect(shortTime(when, now)).toBe(expected));

  test('the hour of today, the weekday of this week, the date before, the year of another year', () => {
    expect(shortTime(at(2026, 4, 20, 9, 5), now)).toMatch(/9:05/);
    expect(shortTime(at(2026, 4, 16, 9, 5), now)).toMatch(/^[A-Z][a-z]{2}$/);
    expect(shortTime(at(2026, 3, 2, 9, 5), now)).not.toMatch(/2026/);
    expect(shortTime(at(2025, 3, 2, 9, 5), now)).toMatch(/2025/);
  });
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [64_000, '64 kB'],
  [999_600, '1.0 MB'],
  [1_449_000, '1.4 MB'],
  [100 * 1024 * 1024, '105 MB'],
])('%i bytes are %s', (bytes, expected) => expect(fileSize(bytes)).toBe(expected));
test('an unknown size says nothing', () => expect(fileSize(null)).toBe(''));

test.each([
  [7, '0:07'],
  [760, '12:40'],
  [3723, '1:02:03'],
  [Infinity, '0:00'],
  [Number.NaN, '0:00'],
])('%s seconds play as %s', (seconds, expected) => expect(duration(seconds)).toBe(expected));

test.each([
  [400, '1 s'],
  [90_000, '2 min'],
  [5 * 3_600_000, '5 h'],
  [72 * 3_600_000, '3 d'],
])('%i ms are %s', (ms, expected) => expect(span(ms)).toBe(expected));

test.each([
  ['Alessandra Conti', 'AC'],
  ['João', 'J'],
  ['Fatima Zahra El Idrissi', 'FI'],
  ['+39 347 555', ''],
  ['', ''],
])('%s has the initials “%s”', (name, expected) => expect(initials(name)).toBe(expected));
