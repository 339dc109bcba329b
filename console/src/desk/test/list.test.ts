// The list kept live: where a changed ticket goes, and where it leaves.
import { describe, expect, test } from 'vitest';
import { belongs, place } from '../list/tickets.svelte';
import { parsePlace } from '../route.svelte';
import { asError } from '../../api/client';
import { fitted, FIT, rotated, zoomed } from '../viewer/transform';
import { ticket } from './fixtures';

const at = (minute: number) => `2026-05-20T10:${String(minute).padStart(2, '0')}:00Z`;
const active = (id: string, minute: number) => ticket({ id, created_at: at(minute) });
const list = [3, 2, 1].map((n) => active(`T${n}`, n));
const ids = (tickets: { id: string }[]) => tickets.map((t) => t.id).join(' ');

describe('a changed ticket', () => {
  test('goes up when it is the newest, once', () => {
    expect(ids(place(list, active('T1', 9), true, false))).toBe('T1 T3 T2');
  });
  test('whose status changed stays where it is', () => {
    expect(ids(place(list, { ...active('T1', 1), updated_at: at(9) }, true, false))).toBe('T3 T2 T1');
  });
  test('leaves a view that it does not belong to any more', () => {
    expect(ids(place(list, active('T2', 9), false, false))).toBe('T3 T1');
  });
  test('that is older than the loaded part waits for its page', () => {
    const old = active('T0', 0);
    expect(ids(place(list, old, true, true))).toBe('T3 T2 T1');
    expect(ids(place(list, old, true, false))).toBe('T3 T2 T1 T0');
  });
  test('does not change the list that was there', () => {
    place(list, active('T9', 9), true, false);
    expect(ids(list)).toBe('T3 T2 T1');
  });
});

test.each([
  ['inbox', { status: 'new' }, true],
  ['inbox', { status: 'waiting' }, false],
  ['solved', { status: 'closed' }, true],
  ['mine', { status: 'open', assignee: { id: 'me', name: 'Me' } }, true],
  ['mine', { status: 'solved', assignee: { id: 'me', name: 'Me' } }, false],
  ['mine', { status: 'open', assignee: { id: 'bob', name: 'Bob' } }, false],
  ['unassigned', { status: 'open', assignee: null }, true],
  ['all', { status: 'closed' }, true],
] as const)('%s shows %o: %s', (view, parts, expected) => expect(belongs(ticket(parts), view, 'me')).toBe(expected));

test.each([
  ['', { page: 'tickets', view: 'inbox', ticket: null }],
  ['#/mine/01ABC', { page: 'tickets', view: 'mine', ticket: '01ABC' }],
  ['#/nonsense', { page: 'tickets', view: 'inbox', ticket: null }],
  ['#/all/', { page: 'tickets', view: 'all', ticket: null }],
  ['#/all/%', { page: 'tickets', view: 'all', ticket: '%' }],
  ['#/system', { page: 'system' }],
  ['#/articles', { page: 'articles', article: null }],
  ['#/articles/K1', { page: 'articles', article: 'K1' }],
  ['#/visits', { page: 'visits' }],
  ['#/returns/R1', { page: 'returns', of: 'R1' }],
])('the address %s', (hash, expected) => expect(parsePlace(hash)).toEqual(expected));

test.each([
  [
    409,
    { error: { code: 'window_closed', message: 'it is closed; send a template' } },
    'window_closed',
    'It is closed; send a template.',
  ],
  [502, '<html>bad gateway</html>', '502', /Try again/],
  [413, null, '413', /refused/],
])('a %i answer is a sentence', (status, body, code, message) => {
  const error = asError(status, body, null);
  expect(error.code).toBe(code);
  expect(error.message).toMatch(message);
});

describe('the photo on its stage', () => {
  const photo = { width: 1200, height: 1600 };
  const stage = { width: 1000, height: 800 };
  test('fits, upright and on its side, and is never blown up', () => {
    expect(fitted(photo, stage, 0)).toEqual({ width: 600, height: 800 });
    expect(fitted(photo, stage, 1).height).toBeCloseTo(1000);
    expect(fitted({ width: 100, height: 50 }, stage, 0)).toEqual({ width: 100, height: 50 });
    expect(fitted({ width: 0, height: 0 }, stage, 0)).toEqual({ width: 0, height: 0 });
  });
  test('the point under the pointer stays while zooming', () => {
    const at = { x: 100, y: -150 };
    const view = zoomed(zoomed(FIT, 2, at, photo, stage), 1.5, at, photo, stage);
    // The photo point at the pointer: (at - offset) / scale, unchanged from (at - 0) / 1.
    expect((at.y - view.y) / view.scale).toBeCloseTo(at.y);
    expect(view.scale).toBe(3);
  });
  test('zooming out ends at the fit, in the middle', () => {
    const far = zoomed(FIT, 6, { x: 300, y: 300 }, photo, stage);
    expect(zoomed(far, 0.01, { x: 0, y: 0 }, photo, stage)).toMatchObject({ scale: 1, x: 0, y: 0 });
  });
  test('four quarter turns look like none', () => {
    const turned = rotated(rotated(rotated(rotated(FIT))));
    expect(fitted(photo, stage, turned.turns)).toEqual(fitted(photo, stage, 0));
  });
});
