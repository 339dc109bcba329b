import { expect, it } from 'vitest';
import { offsetLabel } from './clock';
import { describe as describeDelivery, pretty } from './deliveries';
import { batches, extension, guess, refusal, warning, ways } from './files';
import { GROUPS, turned } from './knobs';
import { identity, readPhone } from './people';
import type { Knobs } from './types';
import { bars } from './waveform';

it.each([
  ['image/jpeg', 'a.jpg', 'photo'],
  ['', 'IMG_1.HEIC', 'photo'],
  ['video/mp4', 'a.mp4', 'video'],
  ['audio/ogg; codecs=opus', 'a.ogg', 'audio'],
  ['application/pdf', 'a.pdf', 'document'],
  ['image/svg+xml', 'a.svg', 'document'],
  ['', 'noname', 'document'],
])('guesses how to send %s %s', (type, name, as) => {
  expect(guess({ type, name })).toBe(as);
  expect(ways({ type, name })[0]).toBe(as);
});

it('refuses what cannot be sent and warns of what will not arrive', () => {
  expect(refusal({ size: 5, name: 'a.jpg' }, 'photo')).toBeNull();
  expect(refusal({ size: 0, name: 'a.jpg' }, 'photo')).toContain('empty');
  expect(refusal({ size: 0, name: 'a.jpg' }, 'document')).toBeNull();
  expect(refusal({ size: 200_000_000, name: 'a.zip' }, 'document')).toContain('at most 110 MB');
  expect(warning({ size: 101_000_000, name: 'a.mp4' })).toContain('131052');
  expect(warning({ size: 100_000_000, name: 'a.mp4' })).toBeNull();
});

it('sends neighbours that travel the same way as one album', () => {
  const file = new File(['x'], 'x');
  const as = (...list: ('photo' | 'video')[]) => batches(list.map((it) => ({ file, as: it }))).map((batch) => `${batch.as} ${batch.files.length}`);
  expect(as('photo', 'photo', 'video', 'photo')).toEqual(['photo 2', 'video 1', 'photo 1']);
});

it.each([
  ['Report.PDF', 'application/pdf', 'PDF'],
  [null, 'application/zip', 'ZIP'],
  [null, '', 'FILE'],
])('badge of %s %s', (name, mime, badge) => {
  expect(extension(name, mime)).toBe(badge);
});

it.each([
  ['39', '333 111 2223', '+393331112223'],
  ['39', '+44 20 7946 0000', '+442079460000'],
  ['49', '0151 1234567', '+491511234567'],
  ['39', '06 1234 5678', '+390612345678'],
  ['', '0039 333 1112223', '+393331112223'],
])('reads the phone number %s %s', (code, number, phone) => {
  expect(readPhone(code, number)).toEqual({ phone });
});

it.each(['12', 'abc 1234567', '1234567890123456'])('refuses the phone number %s with a reason', (number) => {
  expect(readPhone('39', number)).toHaveProperty('problem');
});

it('names a customer by number, user name or business-scoped id', () => {
  const customer = { id: '1', wa_id: '39333', user_id: 'IT.1', name: 'G', username: 'giulia', unread: 0, last_message: null };
  expect(identity(customer)).toBe('+39333');
  expect(identity({ ...customer, wa_id: null })).toBe('@giulia');
  expect(identity({ ...customer, wa_id: null, username: null })).toBe('IT.1');
});

it('counts the knobs that are turned', () => {
  const rest = Object.fromEntries(GROUPS.flatMap((group) => group.knobs).map((knob) => [knob.key, knob.rest]));
  const knobs = { ...rest, fail_next: [] } as unknown as Knobs;
  expect(turned(undefined)).toBe(0);
  expect(turned(knobs)).toBe(0);
  expect(turned({ ...knobs, reorder: true, duplicate: 2, batch: 5, download: 'html', media_url_in_webhook: false })).toBe(5);
  expect(turned({ ...knobs, batch: 1 })).toBe(0);
  expect(turned({ ...knobs, fail_next: [{ status: 500, code: 131000, times: 1, endpoint: null }] })).toBe(1);
});

it('describes deliveries, poison included', () => {
  const body = (value: unknown) => ({ entry: [{ changes: [{ value }] }] });
  expect(describeDelivery(JSON.stringify(body({ messages: [{ type: 'image', from: '39333' }] })))).toBe('image from 39333');
  expect(describeDelivery(body({ messages: [{ type: 'text' }, {}], statuses: [{ status: 'read' }] }))).toBe('2 messages, status read');
  expect(describeDelivery('{"entry":[')).toBe('{"entry":[');
  expect(describeDelivery(body(null))).toContain('entry');
  expect(pretty('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(pretty('x'.repeat(30_000)).length).toBeLessThan(20_100);
});

it.each([
  [0, 'real time'],
  [300, '5 min ahead'],
  [90_000, '1 d 1 h ahead'],
  [-60, '1 min behind'],
])('clock offset of %d s', (seconds, label) => {
  expect(offsetLabel(seconds)).toBe(label);
});

it('draws the same waveform for the same message', () => {
  expect(bars('wamid.1', 36)).toEqual(bars('wamid.1', 36));
  expect(bars('wamid.1', 36)).not.toEqual(bars('wamid.2', 36));
  expect(bars('x', 36).every((height) => height >= 0.15 && height <= 1)).toBe(true);
});
