// An open ticket against a server that keeps state: optimistic sends, live changes, gaps, retries.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Right } from '../../api/types';
import { here } from '../session.svelte';
import { Conversation } from '../ticket/conversation.svelte';
import { ticketFlow } from './fixtures';
import { FakeServer } from './server';

let server: FakeServer;
beforeEach(() => {
  server = new FakeServer();
  vi.stubGlobal('fetch', server.fetch);
  may('tickets.change');
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** Who is signed in may do this and nothing else. */
const may = (...rights: Right[]) => vi.spyOn(here, 'may').mockImplementation((right) => rights.includes(right));

const author = { id: 'U1', name: 'Ada' };
const draft = (text: string) => ({ text, author, at: Date.parse('2026-05-20T11:00:00Z') });
/** What the reader sees: the words of every bubble and its status. */
const seen = (c: Conversation) =>
  c.rows.flatMap((r) => (r.type === 'message' ? r.messages.map((m) => `${m.text}:${m.status}`) : []));
async function open() {
  const conversation = new Conversation('T1');
  await conversation.open();
  return conversation;
}

test('a sent message is there at once, and once, whatever arrives first', async () => {
  server.say({ text: 'hello' });
  const conversation = await open();
  const release = server.hold();

  const sending = conversation.send({ text: 'hi' }, draft('hi'));
  expect(seen(conversation)).toEqual(['hello:received', 'hi:queued']);
  // The live change comes before the answer to the send does.
  await vi.waitFor(() => expect(server.items).toHaveLength(2));
  await conversation.refresh();
  expect(seen(conversation)).toEqual(['hello:received', 'hi:queued']);
  release();
  await sending;
  await vi.waitFor(() => expect(server.calls.filter((c) => c === 'GET /tickets/T1/timeline')).toHaveLength(2));
  expect(seen(conversation)).toEqual(['hello:received', 'hi:queued']);
});

test('a refused message goes away and its sentence is thrown', async () => {
  const conversation = await open();
  server.refusals.push({ status: 409, code: 'window_closed', message: 'Send a template instead.' });
  await expect(conversation.send({ text: 'hi' }, draft('hi'))).rejects.toThrow('Send a template instead.');
  expect(seen(conversation)).toEqual([]);
});

test('a server that cannot be reached is a sentence too', async () => {
  const conversation = await open();
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('fetch failed')));
  await expect(conversation.send({ text: 'hi' }, draft('hi'))).rejects.toThrow(/cannot be reached/);
});

test('older pages come before, and a refresh keeps them', async () => {
  for (let n = 1; n <= 120; n++) server.say({ text: String(n) });
  const conversation = await open();
  expect(seen(conversation)).toHaveLength(50);
  await conversation.loadOlder();
  await conversation.loadOlder();
  expect(conversation.older).toBeNull();
  server.say({ text: '121' });
  await conversation.refresh();
  const all = seen(conversation);
  expect(all).toHaveLength(121);
  expect([all[0], all.at(-1)]).toEqual(['1:received', '121:received']);
});

test('after a long absence nothing is missing in the middle', async () => {
  for (let n = 1; n <= 10; n++) server.say({ text: String(n) });
  const conversation = await open();
  for (let n = 11; n <= 200; n++) server.say({ text: String(n) });
  await conversation.refresh();
  // What is shown is the newest page alone; the rest is loaded as older pages, without a hole.
  expect(seen(conversation)).toHaveLength(50);
  while (conversation.older) await conversation.loadOlder();
  expect(seen(conversation).map((s) => Number.parseInt(s))).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
});

test('a failed message that is sent again loses its failure', async () => {
  const failed = server.say({ direction: 'out', text: 'hi', status: 'failed', error: { code: 1, message: 'No.' } });
  const conversation = await open();
  await conversation.retry(failed);
  expect(seen(conversation)).toEqual(['hi:queued']);
});

test('opening a ticket with unread messages marks it read', async () => {
  server.ticket = { ...server.ticket, unread_count: 2 };
  const conversation = await open();
  await vi.waitFor(() => expect(conversation.ticket?.unread_count).toBe(0));
  expect(server.calls).toContain('POST /tickets/T1/read');
});

test('who only looks on marks nothing read', async () => {
  may('tickets.read');
  server.ticket = { ...server.ticket, unread_count: 2 };
  const conversation = await open();
  await conversation.markRead();
  expect(conversation.ticket?.unread_count).toBe(2);
  expect(server.calls).not.toContain('POST /tickets/T1/read');
});

test('a flow that moved is seen, taken over and begun', async () => {
  const conversation = await open();
  expect([conversation.flow, conversation.isLed]).toEqual([null, false]);
  server.flow = ticketFlow({ doing: 'waiting for a photo (label), try 2 of 3' });
  conversation.changed({ ticket_id: 'T1', what: 'flow' });
  await vi.waitFor(() => expect(conversation.flow?.doing).toBe('waiting for a photo (label), try 2 of 3'));
  expect(conversation.isLed).toBe(true);
  await conversation.lead('take_over');
  expect([conversation.flow?.ending, conversation.isLed]).toEqual(['handed_over', false]);
  await conversation.lead({ begin: 'product_defect' });
  expect([conversation.flow?.flow, conversation.isLed]).toEqual(['product_defect', true]);
});
