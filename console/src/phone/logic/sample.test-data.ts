// A message for tests: a text of the customer, with whatever a test needs to differ.
import type { ChatMessage } from './types';

let count = 0;

export function message(change: Partial<ChatMessage> = {}): ChatMessage {
  count += 1;
  return {
    id: `wamid.${count}`,
    direction: 'out',
    type: 'text',
    at: '2026-11-22T10:00:00Z',
    text: null,
    media: null,
    location: null,
    contacts: null,
    interactive: null,
    template: null,
    context_id: null,
    reactions: [],
    status: 'sent',
    edited: false,
    revoked: false,
    ...change,
  };
}

export function photo(change: Partial<ChatMessage> = {}): ChatMessage {
  const media = { url: '/m/1', mime_type: 'image/jpeg', file_name: null, size_bytes: 9, width: 4, height: 3, voice: false };
  return message({ type: 'image', media, ...change });
}
