import { describe, expect, it } from 'vitest';
import { readInteractive, readReply } from './interactive';
import { metaPlace } from './place';
import { message, photo } from './sample.test-data';
import { lastLine, summary } from './summary';
import { failureLine, ticks } from './ticks';

it.each([
  ['sent', 'one', false],
  ['delivered', 'two', false],
  ['read', 'two', true],
  ['played', 'two', true],
  ['failed', 'failed', false],
] as const)('ticks of %s', (status, mark, seen) => {
  expect(ticks({ status })).toMatchObject({ mark, seen });
});

it('says why a message failed, to each side in its words', () => {
  expect(failureLine({ direction: 'in', status: 'failed', error: { code: 131026, message: 'Undeliverable' } })).toBe('Not delivered · error 131026 · Undeliverable');
  expect(failureLine({ direction: 'in', status: 'failed' })).toBe('Not delivered');
  expect(failureLine({ direction: 'out', status: 'failed' })).toBe('The desk did not take the webhook');
  expect(failureLine({ direction: 'in', status: 'read' })).toBeNull();
});

it.each([
  [message({ text: '*Hello* there' }), 'Hello there', null],
  [photo(), 'Photo', 'camera'],
  [photo({ text: 'The label' }), 'The label', 'camera'],
  [message({ revoked: true, text: 'secret' }), 'This message was deleted', 'ban'],
  [message({ type: 'audio', media: { ...photo().media!, voice: true } }), 'Voice message', 'mic'],
  [message({ type: 'location', location: { latitude: 1, longitude: 2, name: 'Colosseo' } }), 'Colosseo', 'pin'],
  [message({ interactive: { type: 'button_reply', button_reply: { id: 'a', title: 'Yes' } } }), 'Yes', null],
  [message({ type: 'hologram' }), 'hologram', null],
])('summary %#', (given, text, icon) => {
  expect(summary(given)).toEqual({ text, icon });
});

it('says the last message of a customer in one line', () => {
  expect(lastLine({ kind: 'image', text: null, at: '', direction: 'out' })).toEqual({ icon: 'camera', text: 'Photo' });
  expect(lastLine({ kind: 'text', text: '_hi_', at: '', direction: 'in' })).toEqual({ icon: null, text: 'hi' });
});

it.each([
  ['tail', message({ text: 'hello' })],
  ['tail', photo({ text: 'caption' })],
  ['over', photo()],
  ['corner', message({ type: 'audio' })],
  ['inside', message({ direction: 'in', interactive: {} })],
  ['below', message({ interactive: {} })],
  ['tail', message({ interactive: { button_reply: { title: 'Yes' } } })],
  ['below', message({ interactive: { list_reply: { title: 'Pump', description: 'It hums' } } })],
  ['below', message({ text: 'gone', revoked: true })],
])('puts time and ticks %s', (place, given) => {
  expect(metaPlace(given)).toBe(place);
});

describe('interactive', () => {
  it('reads a list', () => {
    const raw = { type: 'list', body: { text: 'Pick' }, action: { button: 'Open', sections: [{ title: 'S', rows: [{ id: '1', title: 'One' }] }] } };
    expect(readInteractive(raw).action).toEqual({ kind: 'list', label: 'Open', sections: [{ title: 'S', rows: [{ id: '1', title: 'One', description: '' }] }] });
  });

  it('does not open a link that is none', () => {
    const raw = { type: 'cta_url', action: { parameters: { display_text: 'Go', url: 'javascript:alert(1)' } } };
    expect(readInteractive(raw).action).toEqual({ kind: 'link', label: 'Go', href: null, raw: 'javascript:alert(1)' });
  });

  it.each([null, 7, 'x', [], { type: 'button', action: { buttons: 'no' } }, { action: null }, { type: 'list', action: { sections: [null] } }])(
    'survives %j',
    (raw) => {
      expect(() => readInteractive(raw)).not.toThrow();
      expect(readReply(raw)).toBeNull();
    },
  );

  it('reads the answer of a form', () => {
    expect(readReply({ type: 'nfm_reply', nfm_reply: { body: 'Sent', response_json: '{"a":1}' } })).toEqual({ title: 'Sent', description: '', json: '{"a":1}' });
  });
});
