// What the open chat is doing on screen: which message is being answered or
// edited, which sheet is open. Gone with a reload, on purpose.
import type { ChatMessage, Media } from '../logic/types';
import type { SendAs } from '../logic/files';
import type { Screen } from '../logic/forms';
import { phone } from './phone.svelte';

export type OpenSheet =
  | { kind: 'customer' }
  | { kind: 'files'; files: File[]; as: SendAs | null }
  | { kind: 'location'; replyTo: string | null }
  | { kind: 'contact' }
  | { kind: 'sticker' }
  | { kind: 'list'; message: ChatMessage }
  | { kind: 'flow'; message: ChatMessage }
  | { kind: 'form'; message: ChatMessage; screens: Screen[] }
  | { kind: 'picture'; media: Media; caption: string };

class Chat {
  sheet = $state.raw<OpenSheet | null>(null);
  replyTo = $state.raw<ChatMessage | null>(null);
  editing = $state.raw<ChatMessage | null>(null);

  /** Answers a message: the composer quotes it until something is sent. */
  reply(message: ChatMessage): void {
    this.editing = null;
    this.replyTo = message;
  }

  edit(message: ChatMessage): void {
    this.replyTo = null;
    this.editing = message;
  }

  /** Back to a plain composer, e.g. after sending or when another chat opens. */
  settle(): void {
    this.replyTo = null;
    this.editing = null;
  }

  close(): void {
    this.sheet = null;
  }

  /** Sends with the quote that the composer holds, and lets go of it. */
  send(fields: Record<string, string>, files: File[] = []): void {
    const quoted = this.replyTo === null ? fields : { reply_to: this.replyTo.id, ...fields };
    this.settle();
    phone.send(quoted, files);
  }

  react(message: ChatMessage, emoji: string): void {
    const mine = message.reactions.find((reaction) => reaction.from === 'customer')?.emoji;
    phone.send({ as: 'reaction', target: message.id, emoji: mine === emoji ? '' : emoji });
  }

  revoke(message: ChatMessage): void {
    phone.send({ as: 'revoke', target: message.id });
  }

  /** Sends the same content once more, marked as forwarded. */
  async forward(message: ChatMessage): Promise<void> {
    const text: Record<string, string> = message.text ? { text: message.text } : {};
    if (message.media === null) {
      phone.send({ as: 'text', forwarded: 'true', ...text });
      return;
    }
    const { url, file_name, mime_type, voice } = message.media;
    await phone.attempt(async () => {
      const bytes = await (await fetch(url)).blob();
      const as = message.type === 'image' ? 'photo' : voice ? 'voice' : message.type;
      phone.send({ as, forwarded: 'true', ...text }, [new File([bytes], file_name ?? 'forwarded', { type: mime_type })]);
    });
  }
}

export const chat = new Chat();
