// From the composer to the wire: files and words, voice messages, quotes, templates.
import { describe, expect, test } from 'vitest';
import type { Template } from '../../api/types';
import { bodies } from '../composer/bodies';
import { fill, obstacle, places, preview, toSend } from '../composer/templates';
import { optimistic } from '../ticket/optimistic';
import { attachment } from './fixtures';

const file = (id: string, mime: string, isVoice = false) => attachment({ id, mime_type: mime, is_voice: isVoice });
const sent = (...args: Parameters<typeof bodies>) => bodies(...args).map((o) => o.body);

describe('one press of Send', () => {
  test('words alone', () => expect(sent('  hi ', [], null)).toEqual([{ text: 'hi' }]));
  test('nothing at all', () => expect(sent('  ', [], null)).toEqual([]));
  test('the first file that takes words has them, the quote is on the first message', () => {
    expect(sent('look', [file('A1', 'audio/mpeg'), file('A2', 'image/jpeg'), file('A3', 'image/png')], 'M9')).toEqual([
      { attachment_id: 'A1', reply_to: 'M9' },
      { attachment_id: 'A2', text: 'look' },
      { attachment_id: 'A3' },
    ]);
  });
  test('words beside sound go alone and first', () => {
    expect(sent('listen', [file('A1', 'audio/ogg; codecs=opus', true)], null)).toEqual([
      { text: 'listen' },
      { attachment_id: 'A1', is_voice: true },
    ]);
  });
  test('sound that WhatsApp does not play goes as a document, with its words', () => {
    expect(sent('listen', [file('A1', 'audio/flac')], null)).toEqual([{ attachment_id: 'A1', text: 'listen' }]);
  });
});

test('a message shows at once as what it will be', () => {
  const author = { id: 'U1', name: 'Ada' };
  const photo = optimistic('T1', { text: 'see', attachment: attachment(), author, at: 0 });
  expect(photo).toMatchObject({ kind: 'image', text: 'see', status: 'queued', direction: 'out', author });
  const words = optimistic('T1', { text: 'hi', author, at: 0 });
  expect(words).toMatchObject({ kind: 'text', content: { kind: 'text', body: 'hi' } });
  expect(words.id).not.toBe(photo.id);
});

describe('templates', () => {
  const template: Template = {
    name: 'reminder',
    language: 'it',
    category: 'UTILITY',
    status: 'APPROVED',
    components: [
      { type: 'HEADER', format: 'TEXT', text: 'For {{1}}' },
      { type: 'BODY', text: 'Dear {{1}}, on {{2}}, {{2}} again' },
      { type: 'BUTTONS', buttons: [{ type: 'QUICK_REPLY', text: 'Yes' }, { type: 'URL', text: 'Open', url: 'https://a.com/{{1}}' }] },
    ],
  };
  const values = { 'header:1': 'Ada', 'body:1': 'Ada', 'body:2': ' Monday ', 'button1:1': 'x7' };

  test('each place is asked once', () => {
    expect(places(template).map((p) => p.key)).toEqual(['header:1', 'body:1', 'body:2', 'button1:1']);
  });
  test('goes out in Meta’s shape', () => {
    expect(toSend(template, values)).toEqual({
      name: 'reminder',
      language: 'it',
      components: [
        { type: 'header', parameters: [{ type: 'text', text: 'Ada' }] },
        { type: 'body', parameters: [{ type: 'text', text: 'Ada' }, { type: 'text', text: 'Monday' }] },
        { type: 'button', sub_type: 'url', index: '1', parameters: [{ type: 'text', text: 'x7' }] },
      ],
      preview: '*For Ada*\nDear Ada, on Monday, Monday again',
    });
  });
  test('named places carry their names', () => {
    const named = { ...template, components: [{ type: 'BODY', text: 'Order {{order_number}} for {{name}}' }] };
    expect(toSend(named, { 'body:order_number': '7', 'body:name': 'Ada' }).components).toEqual([
      {
        type: 'body',
        parameters: [
          { type: 'text', parameter_name: 'order_number', text: '7' },
          { type: 'text', parameter_name: 'name', text: 'Ada' },
        ],
      },
    ]);
  });
  test('an empty place stays visible, and a value with a dollar is not a pattern', () => {
    expect(preview(template, {})).toContain('Dear {{1}}');
    expect(fill('cost {{1}}', 'body', { 'body:1': "$& $'" })).toBe("cost $& $'");
  });
  test('what cannot be sent says why', () => {
    expect(obstacle(template)).toBeNull();
    expect(obstacle({ ...template, status: 'PENDING' })).toMatch(/approved/);
    expect(obstacle({ ...template, components: [{ type: 'HEADER', format: 'IMAGE' }] })).toMatch(/image/);
  });
});
