import { describe, expect, it } from 'vitest';
import { message, photo } from './sample.test-data';
import { thread } from './thread';
import type { ChatMessage } from './types';

const kinds = (messages: ChatMessage[]) => thread(messages).map((row) => (row.kind === 'album' ? `album ${row.messages.length}` : row.kind));
const at = (time: string) => `2026-11-22T${time}Z`;

describe('thread', () => {
  it('puts a separator before each day', () => {
    const rows = [message({ at: '2026-11-20T10:00:00Z' }), message({ at: '2026-11-22T10:00:00Z' }), message({ at: '2026-11-22T10:00:30Z' })];
    expect(kinds(rows)).toEqual(['day', 'bubble', 'day', 'bubble', 'bubble']);
  });

  it.each<[string, ChatMessage[], string[]]>([
    ['photos sent together', [photo(), photo(), photo()], ['album 3']],
    ['a single photo', [photo()], ['bubble']],
    ['photos seconds apart', [photo({ at: at('10:00:00') }), photo({ at: at('10:00:09') })], ['bubble', 'bubble']],
    ['photos of two sides', [photo(), photo({ direction: 'in' })], ['bubble', 'bubble']],
    ['a caption on the first', [photo({ text: 'look' }), photo()], ['album 2']],
    ['two captions', [photo({ text: 'look' }), photo({ text: 'and this' })], ['bubble', 'bubble']],
    ['a deleted one between', [photo(), photo({ revoked: true }), photo()], ['bubble', 'bubble', 'bubble']],
    ['an answer between', [photo(), message(), photo()], ['bubble', 'bubble', 'bubble']],
    ['a photo that answers something', [photo(), photo({ context_id: 'x' })], ['bubble', 'bubble']],
  ])('groups an album: %s', (_, messages, expected) => {
    expect(kinds(messages).slice(1)).toEqual(expected);
  });

  it('shows reactions on their message and not as rows', () => {
    expect(kinds([message(), message({ type: 'reaction' })])).toEqual(['day', 'bubble']);
  });

  it('shows what the system says in the middle', () => {
    expect(kinds([message({ type: 'system', text: 'new number' })])).toEqual(['day', 'notice']);
  });

  it('marks the first bubble of a run', () => {
    const rows = [
      message({ at: at('10:00:00') }),
      message({ at: at('10:01:00') }),
      message({ at: at('10:09:00') }),
      message({ at: at('10:09:10'), direction: 'in' }),
    ];
    expect(thread(rows).flatMap((row) => (row.kind === 'bubble' ? [row.isFirst] : []))).toEqual([true, false, true, true]);
  });
});
