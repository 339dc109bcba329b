// The messages that one press of "Send" becomes: WhatsApp takes one file a message.
import type { Attachment, NewMessage } from '../../api/types';

export type Outgoing = { body: NewMessage; attachment?: Attachment };
export type Ready = { attachment: Attachment; isVoice: boolean };

const mimeOf = (a: Attachment) => (a.mime_type ?? a.claimed_mime_type ?? '').toLowerCase();
/** Sound and stickers go without words: WhatsApp has no caption for them. */
export const takesCaption = (a: Attachment): boolean => {
  const mime = mimeOf(a);
  return !mime.startsWith('audio/') && mime !== 'image/webp';
};
/** Only Ogg can be a voice message. */
export const canBeVoice = (a: Attachment): boolean => /^(audio|application)\/ogg\b/.test(mimeOf(a));

export function bodies(text: string, files: Ready[], replyTo: string | null): Outgoing[] {
  const words = text.trim();
  const captioned = words ? files.findIndex((f) => takesCaption(f.attachment)) : -1;
  const out: Outgoing[] = [];
  if (words && captioned < 0) out.push({ body: { text: words } });
  files.forEach((file, i) => {
    const body: NewMessage = { attachment_id: file.attachment.id };
    if (i === captioned) body.text = words;
    if (file.isVoice && canBeVoice(file.attachment)) body.is_voice = true;
    out.push({ body, attachment: file.attachment });
  });
  const first = out[0];
  if (first && replyTo) first.body.reply_to = replyTo;
  return out;
}
