// Sends what was written: one message after the other, in order, until one is refused.
import type { Message, Person } from '../../api/types';
import type { Conversation } from '../ticket/conversation.svelte';
import { bodies } from './bodies';
import type { Files } from './files.svelte';

export type Reply = { text: string; files: Files; quoted: Message | null; author: Person };
/** `unsentText` comes back into the field; files that did not go out stay in the strip by themselves. */
export type Outcome = { problem: Error | null; unsentText: string; isQuoteUnsent: boolean };

export async function sendReply(conversation: Conversation, reply: Reply): Promise<Outcome> {
  const { text, files, quoted, author } = reply;
  const outgoing = bodies(text, files.ready, quoted?.id ?? null);
  for (const [sent, { body, attachment }] of outgoing.entries()) {
    try {
      await conversation.send(body, {
        text: body.text ?? '',
        attachment,
        isVoice: body.is_voice,
        replyTo: body.reply_to && quoted ? { ...quoted, external_id: quoted.external_id ?? '' } : undefined,
        author: { id: author.id, name: author.name },
        at: Date.now(),
      });
    } catch (problem) {
      const isTextLeft = outgoing.slice(sent).some((o) => o.body.text);
      return { problem: problem as Error, unsentText: isTextLeft ? text : '', isQuoteUnsent: sent === 0 };
    }
    const done = files.list.find((f) => attachment && f.attachment === attachment);
    if (done) files.remove(done);
  }
  return { problem: null, unsentText: '', isQuoteUnsent: false };
}
