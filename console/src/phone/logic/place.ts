// Where the time and ticks of a bubble go, so that they cost no line of their own
// when the content leaves room for them.
import { readReply } from './interactive';
import type { ChatMessage } from './types';

export type MetaPlace =
  /** At the end of the last line of text. */
  | 'tail'
  /** On a pill over the picture. */
  | 'over'
  /** In the free corner of a voice note. */
  | 'corner'
  /** On the line above the buttons. */
  | 'inside'
  /** On a line of its own. */
  | 'below';

export function metaPlace(message: ChatMessage): MetaPlace {
  if (message.revoked) return 'below';
  const hasAnswers = message.interactive !== null || message.template !== null;
  if (hasAnswers && message.direction === 'in') return 'inside';
  if (hasAnswers) return isOneLine(message) ? 'tail' : 'below';
  if (message.type === 'sticker') return 'over';
  if (message.type === 'unsupported' || message.type === 'order') return 'below';
  if (message.text) return 'tail';
  if (message.type === 'image') return 'over';
  return message.type === 'audio' ? 'corner' : 'below';
}

/** A pressed button is one line of text; a list row or a form may be more. */
function isOneLine(message: ChatMessage): boolean {
  const reply = readReply(message.interactive);
  return reply !== null && reply.description === '' && reply.json === '';
}
