// Every knob of the sandbox, what it imitates, and where it rests. The pane is
// drawn from this list, so a new knob is one entry.
import type { Knobs } from './types';

type Key = Exclude<keyof Knobs, 'fail_next'>;
interface Common {
  key: Key;
  label: string;
  /** What of the real world it imitates, in one sentence. */
  says: string;
}
export type Knob =
  | (Common & { kind: 'switch'; rest: boolean })
  | (Common & { kind: 'count'; rest: number; unit: string; max: number })
  | (Common & { kind: 'choice'; rest: string; options: [string, string][] })
  | (Common & { kind: 'code'; rest: null; options: [string, string][] });

export interface Group {
  title: string;
  knobs: Knob[];
}

export const GROUPS: Group[] = [
  {
    title: 'Webhooks on their way to the desk',
    knobs: [
      { key: 'duplicate', kind: 'count', rest: 0, unit: 'extra', max: 20, label: 'Duplicate', says: 'Meta delivers the same webhook again, seconds apart or at once.' },
      { key: 'drop', kind: 'count', rest: 0, unit: 'next', max: 100, label: 'Drop', says: 'The next webhooks are lost on the way and come back only by a retry.' },
      { key: 'batch', kind: 'count', rest: 0, unit: 'per POST', max: 1000, label: 'Batch', says: 'Under load Meta puts up to 1,000 events into one request.' },
      { key: 'delay_ms', kind: 'count', rest: 0, unit: 'ms', max: 600_000, label: 'Delay', says: 'Webhooks arrive late, as after an outage.' },
      { key: 'reorder', kind: 'switch', rest: false, label: 'Reorder', says: 'Deliveries are concurrent, so a later event may come first.' },
      { key: 'bad_signature', kind: 'switch', rest: false, label: 'Wrong signature', says: 'Someone who does not know the app secret posts to the desk; it must refuse.' },
    ],
  },
  {
    title: 'What the webhooks say',
    knobs: [
      { key: 'bsuid_only', kind: 'switch', rest: false, label: 'No phone numbers', says: 'Customers with a user name are known only by their business-scoped id.' },
      { key: 'media_url_in_webhook', kind: 'switch', rest: true, label: 'Media link inside', says: 'Since late 2025 the webhook itself carries the link of the file.' },
      { key: 'contacts_on_status', kind: 'switch', rest: true, label: 'Contacts on statuses', says: 'Since 2026 sent, delivered and read come with the contact; failed does not.' },
      { key: 'conversation_on_status', kind: 'switch', rest: false, label: 'Conversation on statuses', says: 'API versions before v24 add the conversation object.' },
    ],
  },
  {
    title: 'Answers of the Graph API',
    knobs: [
      { key: 'slow_ms', kind: 'count', rest: 0, unit: 'ms', max: 120_000, label: 'Slow answers', says: 'Every call of the desk waits this long for its answer.' },
      { key: 'throughput_mps', kind: 'count', rest: 80, unit: 'per second', max: 10_000, label: 'Speed limit', says: 'Faster than this the number gets error 130429; 0 is no limit.' },
      { key: 'accept_then_cut', kind: 'count', rest: 0, unit: 'next', max: 100, label: 'Accept, then cut', says: 'The message goes out but the answer is lost: was it sent or not?' },
      {
        key: 'error_status',
        kind: 'code',
        rest: null,
        label: 'Messages end as failed',
        says: 'Meta accepts the message and reports the failure later, in a status.',
        options: [
          ['', 'No'],
          ['131026', '131026 undeliverable'],
          ['131047', '131047 window of 24 h closed'],
          ['131049', '131049 kept back by Meta'],
          ['131053', '131053 media unusable'],
          ['131056', '131056 too many to this customer'],
          ['130472', '130472 part of an experiment'],
        ],
      },
    ],
  },
  {
    title: 'Files',
    knobs: [
      { key: 'expire_media', kind: 'switch', rest: false, label: 'Media ids are gone', says: 'The desk asks too late: ids live 7 days, then Meta answers 400 (100/33).' },
      {
        key: 'download',
        kind: 'choice',
        rest: 'ok',
        label: 'Downloads',
        says: 'What comes when the desk fetches the bytes of a file.',
        options: [
          ['ok', 'The file'],
          ['truncate', 'Breaks off half-way'],
          ['endless', 'Never ends'],
          ['wrong_bytes', 'Other bytes than the hash says'],
          ['html', 'An HTML page'],
          ['redirect_private', 'A redirect to a private address'],
          ['private_url', 'A link to a private address'],
          ['slow', 'A trickle'],
        ],
      },
      {
        key: 'form',
        kind: 'choice',
        rest: 'ok',
        label: 'Forms',
        says: 'What goes wrong when a native form with an endpoint is filled in.',
        options: [
          ['ok', 'Nothing'],
          ['wrong_key', 'The phone has an old public key'],
          ['bad_token', 'A token that nobody gave out'],
          ['bad_signature', 'Signed by someone else'],
          ['tampered_media', 'Its files were altered'],
          ['wrong_hash', 'Other bytes than the hash says'],
          ['other_file', 'Another file was sealed'],
          ['html', 'An HTML page in the place of its files'],
          ['private_url', 'Its files lie at a private address'],
        ],
      },
    ],
  },
  {
    title: 'The customers',
    knobs: [
      { key: 'read_automatically', kind: 'switch', rest: true, label: 'Read at once', says: 'Customers read what the desk sends as soon as it arrives. Off: it stays at two grey ticks until the chat is open here.' },
    ],
  },
];

/** Knobs that are away from where they rest, for the badge. */
export function turned(knobs: Knobs | undefined): number {
  if (knobs === undefined) return 0;
  const all = GROUPS.flatMap((group) => group.knobs);
  return all.filter((knob) => isTurned(knob, knobs)).length + (knobs.fail_next.length > 0 ? 1 : 0);
}

export function isTurned(knob: Knob, knobs: Knobs): boolean {
  const value = knobs[knob.key];
  // A knob that this sandbox does not have rests; a batch of one is no batch.
  if (value === undefined || (knob.key === 'batch' && value === 1)) return false;
  return value !== knob.rest;
}

/** Ready-made failures of the Graph API: the ones a desk must survive. */
export const FAILURES: { label: string; status: number; code: number }[] = [
  { label: '500 · 131000 something went wrong', status: 500, code: 131000 },
  { label: '503 · 131016 service unavailable', status: 503, code: 131016 },
  { label: '429 · 130429 rate limit', status: 429, code: 130429 },
  { label: '400 · 131056 too many to this customer', status: 400, code: 131056 },
  { label: '401 · 190 token expired', status: 401, code: 190 },
  { label: '403 · 131031 account locked', status: 403, code: 131031 },
  { label: '400 · 131047 window of 24 h closed', status: 400, code: 131047 },
  { label: '400 · 100 bad parameter', status: 400, code: 100 },
];

/** Bodies that a desk must keep, quarantine and answer with 200. */
export const POISON: { label: string; body: () => string | Uint8Array<ArrayBuffer> }[] = [
  { label: 'Not JSON', body: () => '{"object":"whatsapp_business_account","entry":[' },
  { label: 'Not UTF-8', body: () => new Uint8Array([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0xc3, 0x28, 0x22, 0x7d]) },
  { label: '20,000 levels deep', body: () => '['.repeat(20_000) + ']'.repeat(20_000) },
  { label: 'Unknown type', body: () => JSON.stringify(unknownMessage()) },
  { label: 'Empty', body: () => '' },
  { label: '5 MB', body: () => JSON.stringify({ object: 'whatsapp_business_account', entry: [], filler: 'x'.repeat(5_000_000) }) },
];

function unknownMessage(): unknown {
  const message = { from: '393330000000', id: 'wamid.POISON', timestamp: '1795340000', type: 'hologram', hologram: { depth: 3 } };
  const value = { messaging_product: 'whatsapp', metadata: {}, contacts: [], messages: [message] };
  return { object: 'whatsapp_business_account', entry: [{ id: '1', changes: [{ field: 'messages', value }] }] };
}
