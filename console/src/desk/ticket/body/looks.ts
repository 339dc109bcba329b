// How an attachment is drawn: its state first, then what can be shown of it.
import { attachments } from '../../../api/calls';
import type { Attachment, Message } from '../../../api/types';
import { here } from '../../session.svelte';
import { ui } from '../../ui.svelte';

export type Look = 'waiting' | 'reading' | 'failed' | 'expired' | 'picture' | 'sticker' | 'video' | 'audio' | 'file' | 'unshown';

export const hasRendition = (a: Attachment, name: 'thumb' | 'view'): boolean => a.renditions.includes(name);

/** Personal data in it is black. */
export const isMasked = (a: Attachment): boolean => a.renditions.includes('view_masked');

/** Not read yet: what has to be black in it is not known before, so nobody sees it who does not ask for it. */
export const isHeld = (a: Attachment): boolean =>
  a.analysis !== null && !a.analysis.is_complete && !isMasked(a) && !ui.revealed.has(a.id);

/** Whether it is worth asking for the file as it came; one with a mask is for those who may see behind it. */
export const mayDownload = (a: Attachment): boolean =>
  !a.is_withheld && here.may('originals.read') && ((!isMasked(a) && a.redaction_count === 0) || here.may('personal_data.read'));

/** What was painted black meanwhile is fetched anew: a browser keeps a picture by its address. */
const version = (a: Attachment, base: string): string | undefined =>
  [base, a.redaction_count > 0 ? `black${a.redaction_count}` : ''].filter(Boolean).join('-') || undefined;

/** The picture as people see it: with a mask when there is one, and fetched anew when there was none before. */
export const shownUrl = (a: Attachment, name: 'thumb' | 'view'): string =>
  attachments.url(a.id, hasRendition(a, name) ? name : 'view', version(a, isMasked(a) ? `masked${a.analysis?.number ?? 0}` : ''));

/** What is behind the mask; what a person made black is black there, too. */
export const unmaskedUrl = (a: Attachment): string => attachments.url(a.id, 'view_unmasked', version(a, ''));

/** The pages of a document that can be shown, in order. */
export const pages = (a: Attachment): number[] =>
  a.renditions
    .filter((name) => name.startsWith('page-'))
    .map((name) => Number(name.slice('page-'.length)))
    .sort((one, other) => one - other);

export const pageUrl = (a: Attachment, page: number): string =>
  attachments.url(a.id, `page-${page}`, version(a, `${a.analysis?.number ?? 0}`));

/** What the viewer is told to open: a picture, or a page of a document. */
export const shotId = (a: Attachment, page: number | null): string => (page === null ? a.id : `${a.id}/${page}`);

export function looks(attachment: Attachment, message: Pick<Message, 'kind'>): Look {
  const mime = attachment.mime_type ?? attachment.claimed_mime_type ?? '';
  if (attachment.state === 'failed') return 'failed';
  if (attachment.state === 'expired') return 'expired';
  if (hasRendition(attachment, 'view') && !mime.startsWith('video/') && message.kind !== 'document') {
    if (isHeld(attachment)) return 'reading';
    return message.kind === 'sticker' ? 'sticker' : 'picture';
  }
  if (attachment.state !== 'ready') return 'waiting';
  if (mime.startsWith('video/')) return 'video';
  if (mime.startsWith('audio/')) return 'audio';
  // A picture that could not be drawn says why; a document needs no excuse.
  return attachment.reason ? 'unshown' : 'file';
}
