// Teams, promises and what is put aside: what is typed, what is shown, and in which view a ticket stands.
import { describe, expect, test } from 'vitest';
import { belongs, place, viewQuery } from '../list/tickets.svelte';
import { linkTo, parsePlace } from '../route.svelte';
import { holidayLines, holidaysOf, minutesOf, minutesShown, promiseDrafts, promisesOf } from '../teams/form';
import { choices } from '../ticket/snooze';
import { sentence } from '../ticket/sentences';
import { briefly, dueOf } from '../words';
import { ticket } from './fixtures';

test.each([
  ['', null],
  ['90', 90],
  ['90m', 90],
  ['30 min', 30],
  ['2h', 120],
  ['1h 30', 90],
  ['1h 30m', 90],
  ['1:30', 90],
])('a promise of “%s” is %s minutes', (text, minutes) => {
  expect(minutesOf(text)).toBe(minutes);
  if (minutes) expect(minutesOf(minutesShown(minutes))).toBe(minutes);
});
test.each(['soon', 'h', '3d', '-5', '1.5h'])('“%s” is no time', (text) => expect(minutesOf(text)).toBeNaN());

test('promises are rows in which something stands; what cannot be read is said', () => {
  const stored = [{ priority: 'urgent' as const, first_answer_min: 15, next_answer_min: null, solution_min: 480 }];
  const drafts = promiseDrafts(stored);
  expect(promisesOf(drafts)).toEqual(stored);
  expect(promisesOf(drafts.map((d) => ({ ...d, next: 'soon' })))).toMatch(/Any priority: write a time/);
});
test('holidays stand one a line', () => {
  const text = '2026-12-25 Christmas Day\n2026-12-26';
  expect(holidaysOf(`\n${text}\n `)).toEqual([
    { day: '2026-12-25', name: 'Christmas Day' },
    { day: '2026-12-26', name: '' },
  ]);
  expect(holidayLines(holidaysOf(text))).toBe(text);
});

describe('a ticket', () => {
  const aside = ticket({ status: 'open', snoozed_at: '2026-05-20T10:00:00Z' });
  const late = ticket({ id: 'T2', status: 'open', team: 'service', due_at: '2026-05-20T10:30:00Z', breached_at: '2026-05-20T10:30:00Z' });
  test.each([
    ['inbox', aside, false],
    ['snoozed', aside, true],
    ['all', aside, true],
    ['snoozed', late, false],
    ['breached', late, true],
    ['breached', aside, false],
    ['team:service', late, true],
    ['team:service', aside, false],
    ['team:returns', late, false],
  ] as const)('in %s', (view, one, expected) => expect(belongs(one, view, 'me')).toBe(expected));
  test('stands by what is due first, and by its age otherwise', () => {
    const soon = ticket({ id: 'T1', due_at: '2026-05-20T10:10:00Z' });
    const ids = (sort: 'due' | 'activity') => place([late], soon, true, false, sort).map((one) => one.id);
    expect(ids('due')).toEqual(['T1', 'T2']);
    expect(ids('activity')).toEqual(['T2', 'T1']);
  });
  test('of a team has an address of its own', () => {
    const hash = linkTo('team:Große Geräte', 'T1');
    expect(parsePlace(hash)).toEqual({ page: 'tickets', view: 'team:Große Geräte', ticket: 'T1' });
    expect(parsePlace('#/team:%')).toEqual({ page: 'tickets', view: 'inbox', ticket: null });
    expect(viewQuery('team:service')).toMatchObject({ team: 'service', snoozed: false });
  });
});

test.each([
  [null, null, null],
  ['2026-05-20T12:00:00Z', null, 'calm'],
  ['2026-05-20T10:20:00Z', null, 'near'],
  ['2026-05-20T09:59:00Z', null, 'late'],
  ['2026-05-20T12:00:00Z', '2026-05-20T09:00:00Z', 'late'],
])('due %s, broken %s: %s', (due_at, breached_at, tone) => {
  expect(dueOf({ due_at, breached_at }, Date.parse('2026-05-20T10:00:00Z'))?.tone ?? null).toBe(tone);
});
test.each([
  [59 * 60_000, '59 min'],
  [-61 * 60_000, '1 h'],
  [47 * 3_600_000, '47 h'],
  [49 * 3_600_000, '2 d'],
])('%i ms is %s', (ms, text) => expect(briefly(ms)).toBe(text));

test('a ticket is put aside until times that come, Monday when that is not tomorrow', () => {
  const names = (at: string) => choices(new Date(at)).map((one) => `${one.id} ${one.at.getDay()} ${one.at.getHours()}`);
  expect(names('2026-11-20T14:00:00')).toEqual(['soon 5 17', 'tomorrow 6 9', 'monday 1 9']);
  expect(names('2026-11-22T22:00:00')).toEqual(['soon 1 1', 'tomorrow 1 9']);
  expect(names('2026-11-23T08:00:00')).toEqual(['soon 1 11', 'tomorrow 2 9', 'monday 1 9']);
});

test('the timeline says by which rule somebody got a ticket, and what was promised', () => {
  const said = (kind: string, data: Record<string, unknown>) =>
    sentence({ id: 'E1', kind, actor: null, at: '2026-05-20T10:00:00Z', data });
  const data = { to: 'U1', to_name: 'Bob', team: 'service', why: 'round_robin', skills: ['washer'], language: 'it' };
  expect(said('assignee.changed', data)).toBe('Given to Bob of the team Service, who is next and knows washer and speaks Italian');
  expect(said('assignment.waiting', { team: 'service', why: 'away' })).toMatch(/away\. The next who is free gets it$/);
  expect(said('sla.breached', { target: 'first_answer', due_at: '2026-05-20T10:00:00Z' })).toMatch(/^The first answer was due /);
  expect(said('ticket.snoozed', { until: null })).toBe('Sportello put the ticket aside until the customer writes');
});
