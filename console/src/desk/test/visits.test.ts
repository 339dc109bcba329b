// The agenda: its days and weeks, what stands on them, and what it asks for.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { byDay, dayOf, daysFrom, daysOf, firstOf, isMoved, listOf, step } from '../visits/days';
import { agenda } from '../visits/agenda.svelte';
import { known } from '../words';
import { visit } from './fixtures';

const at = (text: string) => new Date(text).getTime();
const iso = (text: string) => new Date(text).toISOString();

test('a week begins on Monday, whatever the day, and a day at midnight', () => {
  for (const day of ['2026-05-18T00:00', '2026-05-20T15:30', '2026-05-24T23:59'])
    expect(new Date(firstOf('week', at(day)))).toEqual(new Date('2026-05-18T00:00'));
  expect(firstOf('day', at('2026-05-20T15:30'))).toBe(at('2026-05-20T00:00'));
});
test('days follow each other over the ends of months and the change of clocks', () => {
  const days = daysFrom('week', firstOf('week', at('2026-03-29T12:00')));
  expect(days.map((day) => new Date(day).getDate())).toEqual([23, 24, 25, 26, 27, 28, 29]);
  expect(days.map(dayOf)).toEqual(days);
  expect(step('week', at('2026-02-23T00:00'), 1)).toBe(at('2026-03-02T00:00'));
  expect(step('day', at('2026-01-01T00:00'), -1)).toBe(at('2025-12-31T00:00'));
});
test('visits stand on their day, the soonest first', () => {
  const late = visit({ id: 'late', starts_at: iso('2026-05-20T15:00') });
  const soon = visit({ id: 'soon', starts_at: iso('2026-05-20T09:00') });
  const other = visit({ id: 'other', starts_at: iso('2026-05-22T00:00') });
  const days = daysFrom('week', at('2026-05-18T00:00'));
  const shown = byDay([other, late, soon], days).map(({ items }) => items.map((one) => one.id).join(' '));
  expect(shown).toEqual(['', '', 'soon late', '', 'other', '', '']);
  expect(daysOf([other, late, soon])).toEqual([at('2026-05-20T00:00'), at('2026-05-22T00:00')]);
});
test('what was moved is told by the visit in its place; what was called off is told', () => {
  expect(isMoved(visit({ status: 'cancelled', why: 'moved' }))).toBe(true);
  expect(isMoved(visit({ status: 'cancelled', why: 'ill' }))).toBe(false);
  expect(isMoved(visit({ why: 'moved' }))).toBe(false);
});
test('a list with commas has no empty members; a field is found by what it is called', () => {
  expect(listOf(' 201, Monza ,, ')).toEqual(['201', 'Monza']);
  const fields = { product: '', product_kind: 'oven', address: 'Via Roma 1' };
  expect([known(fields, /^product/), known(fields, /^address/), known(fields, /^order/)]).toEqual(['oven', 'Via Roma 1', '']);
});

let asked: URL[] = [];
beforeEach(() => {
  asked = [];
  vi.useFakeTimers({ now: at('2026-05-20T12:00') });
  vi.stubGlobal('fetch', (request: Request) => {
    const url = new URL(request.url);
    asked.push(url);
    const items = url.pathname.endsWith('/visits')
      ? [visit(), visit({ id: 'V2', status: 'cancelled', why: 'moved' })]
      : [{ id: 'G1', name: 'Gino', areas: [], skills: [], hours: [], calendar: null, user_id: null }];
    return Promise.resolve(Response.json({ items, next: null }));
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('the agenda asks for what it shows, and once for a burst of changes', async () => {
  agenda.show('week', Date.now());
  await vi.waitFor(() => expect(agenda.visits.map((one) => one.id)).toEqual(['V1']));
  const [week] = asked.filter((url) => url.pathname.endsWith('/visits'));
  expect(week?.searchParams.get('from')).toBe(iso('2026-05-18T00:00'));
  expect(week?.searchParams.get('until')).toBe(iso('2026-05-25T00:00'));
  agenda.show('day', Date.now());
  agenda.move(1);
  agenda.of('G1');
  await vi.advanceTimersByTimeAsync(50);
  expect(asked.at(-2)?.searchParams.get('from')).toBe(iso('2026-05-21T00:00'));
  expect(asked.at(-2)?.searchParams.get('technician')).toBe('G1');
  asked = [];
  agenda.changed({ ticket_id: 'T1', what: 'message' });
  for (let i = 0; i < 5; i++) agenda.changed({ ticket_id: 'T1', what: 'event' });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked.filter((url) => url.pathname.endsWith('/visits'))).toHaveLength(1);
});
