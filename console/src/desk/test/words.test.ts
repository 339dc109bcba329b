// Sentences, ticks, excerpts and the countdown of the window.
import { describe, expect, test } from 'vitest';
import type { Message, MessageStatus } from '../../api/types';
import { looks } from '../ticket/body/looks';
import { cardOf } from '../ticket/body/cards';
import { typeName } from '../ticket/body/types';
import { sentence } from '../ticket/sentences';
import { tickOf } from '../ticket/ticks';
import { countdown, excerpt, windowOf } from '../words';
import { ui } from '../ui.svelte';
import { attachment, happened } from './fixtures';

test.each<[MessageStatus, string]>([
  ['queued', 'clock quiet'],
  ['sending', 'clock quiet'],
  ['uncertain', 'question warning retry'],
  ['accepted', 'tick quiet'],
  ['sent', 'tick quiet'],
  ['failed', 'alert danger retry'],
  ['delivered', 'ticks quiet'],
  ['read', 'ticks read'],
  ['played', 'ticks read'],
])('%s is shown as %s', (status, expected) => {
  const tick = tickOf({ direction: 'out', status, error: null });
  expect([tick?.icon, tick?.tone, ...(tick?.explanation ? ['retry'] : [])].join(' ')).toBe(expected);
});
test('a customer’s message has no tick, and a failure says the server’s sentence', () => {
  expect(tickOf({ direction: 'in', status: 'received', error: null })).toBeNull();
  const error = { code: 131026, message: 'The number is not on WhatsApp.' };
  expect(tickOf({ direction: 'out', status: 'failed', error })?.explanation).toBe(error.message);
});

const kind = (k: Message['kind'], text: string | null = null) => ({ kind: k, text });
test.each([
  [kind('text', 'La *lavatrice* _si_\n~ferma~ 2*3'), 'La lavatrice si ferma 2*3'],
  [kind('image'), 'Photo'],
  [kind('image', 'the label'), 'the label'],
  [kind('unsupported'), 'Not passed on by WhatsApp'],
  [null, 'No messages yet'],
])('%o reads “%s” in the list', (message, expected) => expect(excerpt(message)).toBe(expected));

describe('the 24-hour window', () => {
  const now = Date.parse('2026-05-20T10:00:00Z');
  test.each([
    ['2026-05-21T09:59:00Z', true, false, '23 h 59 min'],
    ['2026-05-20T12:00:00Z', true, true, '2 h'],
    ['2026-05-20T10:00:30Z', true, true, '30 s'],
    ['2026-05-20T10:00:00Z', false, false, '0 s'],
    ['2026-05-19T10:00:00Z', false, false, '0 s'],
  ])('closing at %s: open %s, short %s, %s left', (closes, isOpen, isShort, left) => {
    const window = windowOf(closes, now);
    expect([window.isOpen, window.isShort, countdown(window.leftMs)]).toEqual([isOpen, isShort, left]);
  });
  test('a customer who never wrote has no window', () => {
    expect(windowOf(null, now)).toMatchObject({ isOpen: false, hasEverOpened: false });
  });
});

test.each([
  ['status.changed', { from: 'open', to: 'solved' }, 'Ada set the status to Solved'],
  ['assignee.changed', { from: null, to: 'U1', to_name: 'Ada' }, 'Ada took the ticket'],
  ['assignee.changed', { from: null, to: 'U2', to_name: 'Bob' }, 'Ada assigned the ticket to Bob'],
  ['assignee.changed', { from: 'U2', to: null }, 'Ada unassigned the ticket'],
  ['tags.changed', { from: ['a', 'b'], to: ['b', 'c'] }, 'Ada added “c” and removed “a”'],
  ['channel.problem', { code: 131052, title: 'Too large' }, 'Too large'],
  ['flow.began', { flow: 'product_defect', version: 2 }, 'The flow Product defect began (version 2)'],
  ['flow.taken_over', { flow: 'triage' }, 'Ada took over from the flow Triage'],
  ['flow.handed_over', { flow: 'triage', why: 'no_answer' }, 'The flow Triage handed over: No answer came in time'],
  ['flow.suggested', { article: 'e20', why: [{ word: 'E20', place: 'code' }] }, 'The article “e20” was sent, found by E20 (code)'],
  ['return.proposed', { number: 7, item: 'pump', order: 'AB-1' }, 'Ada proposed return R-0007: pump of order AB-1. Decide on it'],
  ['return.changed', { number: 7, from: 'proposed', to: 'approved', note: 'fine' }, 'Ada moved return R-0007 from proposed to approved: fine'],
  ['visit.booked', { what: 'oven' }, 'Ada booked a visit: oven'],
  ['visit.cancelled', { why: 'moved' }, 'Ada moved the visit'],
  ['visit.cancelled', { why: 'no part' }, 'Ada called the visit off: no part'],
  ['visit.not_reminded', { why: 'the window is closed' }, 'The customer was not reminded of the visit: the window is closed'],
  ['flow.withdrawn', {}, 'The customer wants no automatic assistant: no flow leads them from now on'],
  ['flow.rated', { rating: 2, of: 3 }, 'The customer rated it 2 of 3'],
  ['flow.not_said', { why: 'the window is closed' }, 'The flow could not say something: the window is closed. Tell the customer yourself'],
  ['flow.bot_failed', { bot: 'rasa', why: 'it answered 500' }, 'The bot rasa was left: it answered 500'],
  ['flow.event', { name: 'parcel.late', with: { order_id: '7', what: 'late' } }, 'The flow tells another system: parcel.late (order id: 7, what: late)'],
  ['flow.event_untold', { name: 'parcel.late', with: {}, why: 'it answered 410 Gone', tries: 1 }, 'Another system was not told: parcel.late: it answered 410 Gone. Tell it yourself, or let it be tried again on the system page'],
  ['flow.event_untold', { name: 'parcel.late', with: { a: 'b' }, why: 'the configuration has no [flows.events]', tries: 0 }, 'Another system was not told: parcel.late (a: b): the configuration has no [flows.events]. Tell it yourself'],
  ['flow.event_told', { name: 'parcel.late' }, 'The other system was told after all: parcel.late'],
  ['fields.changed', { from: { a: '1', b: '2' }, to: { a: '1', b: '3', bought_on: 'May' } }, 'Ada wrote down b: 3, bought on: May'],
  ['fields.changed', { from: { bought_on: 'May' }, to: {} }, 'Ada removed bought on'],
  ['fields.changed', {}, 'Ada changed what is known'],
  ['team.changed', { from: null, to: 'sales' }, 'Ada gave the ticket to the team Sales'],
  ['team.changed', { from: 'sales', to: null }, 'Ada took the ticket from its team'],
  ['something.new', {}, 'Ada: something new'],
])('%s %o: %s', (name, data, expected) => {
  const item = happened('E1', name, '2026-05-20T10:00:00Z', data);
  expect(item.type === 'event' && sentence(item.event)).toBe(expected);
});
test.each([
  ['visit.booked', { what: 'oven' }, 'A visit is booked: oven'],
  ['visit.cancelled', { why: 'moved' }, 'The visit was moved'],
  ['return.proposed', { number: 7, item: 'pump', order: '1' }, 'Return R-0007 is proposed: pump of order 1. Decide on it'],
])('what a flow did, %s, names nobody', (name, data, expected) => {
  const item = happened('E1', name, '2026-05-20T10:00:00Z', data);
  expect(item.type === 'event' && sentence({ ...item.event, actor: null })).toBe(expected);
});

const read = { number: 1, is_complete: true, verdict: 'usable', reason: null, hint: null, failed: {} } as const;
test.each([
  [{}, 'picture'],
  [{ analysis: { ...read, is_complete: false } }, 'reading'],
  [{ analysis: { ...read, is_complete: false }, renditions: ['thumb', 'view', 'thumb_masked', 'view_masked'] }, 'picture'],
  [{ analysis: read }, 'picture'],
  [{ state: 'pending', renditions: [] }, 'waiting'],
  [{ state: 'fetched', renditions: [] }, 'waiting'],
  [{ state: 'failed', renditions: [] }, 'failed'],
  [{ state: 'expired', renditions: [] }, 'expired'],
  [{ renditions: [], reason: 'too many pixels' }, 'unshown'],
  [{ renditions: [], mime_type: 'application/pdf' }, 'file'],
  [{ renditions: [], mime_type: 'audio/ogg' }, 'audio'],
  [{ renditions: [], mime_type: 'video/mp4' }, 'video'],
] as const)('an attachment %o is drawn as %s', (parts, expected) => {
  expect(
    looks(attachment({ ...parts, renditions: [...('renditions' in parts ? parts.renditions : ['thumb', 'view'])] }), {
      kind: 'image',
    }),
  ).toBe(expected);
});

test('a picture that is still being read is shown to who asks for it', () => {
  const held = attachment({ id: 'A9', analysis: { ...read, is_complete: false } });
  expect(looks(held, { kind: 'image' })).toBe('reading');
  ui.revealed.add('A9');
  expect(looks(held, { kind: 'image' })).toBe('picture');
});

test('a contact card of any shape has a name', () => {
  expect(cardOf({ name: { formatted_name: 'Bo' }, phones: [{ phone: '+1' }, { phone: '+1' }, {}] })).toMatchObject({
    name: 'Bo',
    phones: ['+1'],
  });
  for (const raw of [null, 7, 'x', [], { name: 3, phones: 'no', emails: [null] }])
    expect(cardOf(raw).name).not.toBe('');
});

test.each([
  ['application/pdf', null, 'PDF'],
  ['audio/ogg; codecs=opus', null, 'OGG'],
  ['application/octet-stream', 'disk.dwg', 'DWG'],
  [null, null, 'FILE'],
])('%s, %s is called %s', (mime, name, expected) => expect(typeName(mime, name)).toBe(expected));
