// The search: where something was found is said, the words stand out, and the keys lead there.
import { mount, tick, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FoundTicket, SearchHit } from '../../api/types';
import { route } from '../route.svelte';
import { aims } from '../search/aim.svelte';
import SearchDialog from '../search/SearchDialog.svelte';
import { pieces, placeName } from '../search/words';
import { Conversation } from '../ticket/conversation.svelte';
import { loaded } from '../ticket/reach';
import { ui } from '../ui.svelte';
import { ticket } from './fixtures';
import { FakeServer } from './server';

const hit = (parts: Partial<SearchHit> = {}): SearchHit => ({
  place: 'message',
  snippet: 'la lavatrice perde',
  matches: [[3, 12]],
  message_id: 'M1',
  event_id: null,
  direction: 'in',
  attachment_id: null,
  file_name: null,
  region: null,
  field: null,
  at: null,
  ...parts,
});
const region = { page: null, points: [[0, 0], [9, 0], [9, 9]] as [number, number][] };
const found: FoundTicket[] = [
  {
    ticket: ticket({ id: 'T1', number: 7 }),
    hits: [hit(), hit({ place: 'read', attachment_id: 'A9', message_id: 'M2', snippet: 'S/N SN-4471', matches: [[4, 11]], region })],
    more: 1,
  },
  { ticket: ticket({ id: 'T2', number: 8 }), hits: [], more: 0 },
];

test('the words that were found stand out, whatever stands before them', () => {
  const shown = pieces({ snippet: '😀 è <b>rotta</b>', matches: [[7, 12]] });
  expect(shown.map((piece) => (piece.isFound ? `[${piece.text}]` : piece.text)).join('')).toBe('😀 è <b>[rotta]</b>');
  expect(pieces({ snippet: 'abc', matches: [] })).toEqual([{ text: 'abc', isFound: false }]);
});

test.each([
  [hit(), 'Customer said'],
  [hit({ direction: 'out' }), 'We said'],
  [hit({ place: 'read' }), 'Read in a picture'],
  [hit({ place: 'read', file_name: 'a.pdf', region: { ...region, page: 2 } }), 'Read in a.pdf, page 2'],
  [hit({ place: 'field', field: 'serial' }), 'serial'],
  [hit({ place: 'phone' }), 'Phone'],
])('it is said where: %#', (one, expected) => expect(placeName(one)).toBe(expected));

let asked: URLSearchParams[] = [];
let answer: () => Response = () => Response.json({ items: [], next: null, not_yet_indexed: null });
let shown: Record<string, never>;

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  // What jsdom has not.
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function () {
    this.open = false;
  };
  Element.prototype.scrollIntoView = () => {};
  vi.stubGlobal('fetch', async (request: Request) => {
    asked.push(new URL(request.url).searchParams);
    return answer();
  });
  shown = mount(SearchDialog, { target: document.body });
  ui.isSearchOpen = true;
});
afterEach(async () => {
  ui.isSearchOpen = false;
  await unmount(shown);
  aims.now = null;
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const field = () => document.querySelector<HTMLInputElement>('input[type=search]')!;
const settle = async () => {
  for (let n = 0; n < 12; n++) await vi.advanceTimersByTimeAsync(40);
  await tick();
};
async function type(words: string) {
  await tick();
  field().value = words;
  field().dispatchEvent(new Event('input', { bubbles: true }));
  await settle();
}
const press = async (key: string) => {
  field().dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  await tick();
};
const selected = () => document.querySelector('[aria-selected=true]')?.textContent;

test('the arrows choose a place and Enter leads to the line in the picture', async () => {
  answer = () => Response.json({ items: found, next: null, not_yet_indexed: null });
  await type('sn-4471');
  expect(asked.at(-1)?.get('q')).toBe('sn-4471');
  expect(document.querySelectorAll('[role=option]')).toHaveLength(3);
  expect(selected()).toContain('la lavatrice perde');
  expect(document.querySelector('mark')?.textContent).toBe('lavatrice');
  await press('ArrowDown');
  expect(selected()).toContain('S/N SN-4471');
  expect(field().getAttribute('aria-activedescendant')).toBe('found-T1-1');
  await press('Enter');
  expect(aims.now).toEqual({ ticket: 'T1', message: 'M2', event: null, attachment: 'A9', region });
  expect(ui.isSearchOpen).toBe(false);
  expect(location.hash).toBe(`#/${route.view}/T1`);
});

test('a filter is asked for, and what has no place opens the ticket', async () => {
  answer = () => Response.json({ items: found.slice(1), next: null, not_yet_indexed: 5 });
  await type('rossi');
  const where = document.querySelector<HTMLSelectElement>('select[aria-label=Where]')!;
  where.value = 'contact';
  where.dispatchEvent(new Event('change', { bubbles: true }));
  await settle();
  expect(asked.at(-1)?.get('kind')).toBe('contact');
  expect(document.body.textContent).toContain('tickets up to #5 follow');
  await press('Enter');
  expect(aims.now).toEqual({ ticket: 'T2', message: null, event: null, attachment: null, region: null });
});

test('nothing found and a refusal are said', async () => {
  answer = () => Response.json({ items: [], next: null, not_yet_indexed: null });
  await type('zebra');
  expect(document.body.textContent).toContain('No ticket holds “zebra”');
  answer = () => Response.json({ error: { code: 'invalid', message: 'a search has at most 6 words' } }, { status: 422 });
  await type('a b c d e f g');
  expect(document.querySelector('[role=alert], .error, [data-look=error]')?.textContent ?? document.body.textContent).toContain('at most 6 words');
  expect(document.querySelectorAll('[role=option]')).toHaveLength(0);
});

test('a message far back is fetched, and one that is not there is not looked for for ever', async () => {
  vi.useRealTimers();
  const server = new FakeServer();
  const old = server.say({ text: 'the first' });
  for (let n = 0; n < 130; n++) server.say({ text: `later ${n}` });
  vi.stubGlobal('fetch', server.fetch);
  const conversation = new Conversation('T1');
  await conversation.open();
  expect(await loaded(conversation, { message: old.id, event: null })).not.toBeNull();
  expect(conversation.find(old.id)?.text).toBe('the first');
  expect(await loaded(conversation, { message: 'none', event: null })).toBeNull();
  expect(await loaded(conversation, { message: null, event: null })).toBeNull();
});
