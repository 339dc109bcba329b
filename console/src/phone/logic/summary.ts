// One line for a message: in the list of customers, in quotes, for screen readers.
import { plain } from './formatting';
import { readInteractive, readReply } from './interactive';
import type { IconName } from '../../lib/icons';
import type { ChatMessage, LastMessage } from './types';

const NOUNS: Record<string, [string, IconName | null]> = {
  text: ['', null],
  image: ['Photo', 'camera'],
  photo: ['Photo', 'camera'],
  video: ['Video', 'video'],
  audio: ['Audio', 'audio'],
  voice: ['Voice message', 'mic'],
  document: ['Document', 'document'],
  sticker: ['Sticker', 'sticker'],
  location: ['Location', 'pin'],
  contacts: ['Contact', 'user'],
  contact: ['Contact', 'user'],
  interactive: ['Message with buttons', 'list'],
  button: ['Reply', 'reply'],
  template: ['Template', 'template'],
  order: ['Order', 'cart'],
  reaction: ['Reaction', 'smile'],
  unsupported: ['Unsupported message', 'warning'],
  system: ['Number changed', 'info'],
};

export interface Summary {
  icon: IconName | null;
  text: string;
}

export function summary(message: ChatMessage): Summary {
  if (message.revoked) return { icon: 'ban', text: 'This message was deleted' };
  const isVoice = message.type === 'audio' && message.media?.voice === true;
  const [noun, icon] = named(isVoice ? 'voice' : message.type);
  return { icon, text: words(message) || noun };
}

export function lastLine(last: LastMessage): Summary {
  const [noun, icon] = named(last.kind);
  return { icon, text: plain(last.text ?? '') || noun };
}

function words(message: ChatMessage): string {
  const own = plain(message.text ?? '');
  if (own !== '') return own;
  if (message.template) return plain(message.template.body);
  if (message.location) return message.location.name ?? '';
  if (message.contacts) return message.contacts[0]?.name?.formatted_name ?? '';
  if (message.type === 'document') return message.media?.file_name ?? '';
  return readReply(message.interactive)?.title || plain(readInteractive(message.interactive).body);
}

function named(kind: string): [string, IconName | null] {
  return NOUNS[kind] ?? [kind, null];
}
