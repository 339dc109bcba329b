// The messages that one press of "Send" becomes: WhatsApp takes one file a message.
import type { Attachment, NewMessage } from '../../api/types';

export type Outgoing = { body: NewMessage; attachment?: Attachment };

const mimeOf = (a: Attachment) => (a.mime_type ?? a.claimed_mime_type ?? '').toLowerCase();
/** Sound goes without words: WhatsApp has no caption for it. Sound of other types goes as a document. */
export const takesCaption = (a: Attachment): boolean => !/^audio\/(ogg|mpeg|mp4|aac|amr)\b/.test(mimeOf(a));

export function bodies(text: string, files: Attachment[], replyTo: string | null): Outgoing[] {
  const words = text.trim();
  const captioned = words ? files.findIndex((f) => takesCaption(f)) : -1;
  const out: Outgoing[] = [];
  if (words && captioned < 0) out.push({ body: { text: words } });
  files.forEach((attachment, i) => {
    const body: NewMessage = { attachment_id: attachment.id };
    if (i === captioned) body.text = words;
    if (attachment.is_voice) body.is_voice = true;
    out.push({ body, attachment });
  });
  const first = out[0];
  if (first && replyTo) first.body.reply_to = replyTo;
  return out;
}
