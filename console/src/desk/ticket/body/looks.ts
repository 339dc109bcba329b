// How an attachment is drawn: its state first, then what can be shown of it.
import type { Attachment, Message } from '../../../api/types';

export type Look = 'waiting' | 'failed' | 'expired' | 'picture' | 'sticker' | 'video' | 'audio' | 'file' | 'unshown';

export const hasRendition = (a: Attachment, name: 'thumb' | 'view'): boolean => a.renditions.includes(name);

export function looks(attachment: Attachment, message: Pick<Message, 'kind'>): Look {
  const mime = attachment.mime_type ?? attachment.claimed_mime_type ?? '';
  if (attachment.state === 'failed') return 'failed';
  if (attachment.state === 'expired') return 'expired';
  if (hasRendition(attachment, 'view') && !mime.startsWith('video/') && message.kind !== 'document') {
    return message.kind === 'sticker' ? 'sticker' : 'picture';
  }
  if (attachment.state !== 'ready') return 'waiting';
  if (mime.startsWith('video/')) return 'video';
  if (mime.startsWith('audio/')) return 'audio';
  // A picture that could not be drawn says why; a document needs no excuse.
  return attachment.reason ? 'unshown' : 'file';
}
