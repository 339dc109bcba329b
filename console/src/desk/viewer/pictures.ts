// Every picture of a conversation that can be shown large, oldest first; a document is its pages, or what was read in it.
import type { Attachment, Message, TimelineItem } from '../../api/types';
import { hasRendition, isHeld, pages, pageUrl, shotId, shownUrl } from '../ticket/body/looks';

export type Shot = {
  id: string;
  attachment: Attachment;
  message: Message;
  /** Of a document, from 1. */
  page: number | null;
};

/** Nothing of it can be drawn: its text stands beside the empty stage. */
export const isBlank = ({ attachment, page }: Shot): boolean => page === null && !hasRendition(attachment, 'view');

/** The address of what is shown of it. */
export const urlOf = ({ attachment, page }: Shot, name: 'thumb' | 'view'): string =>
  page === null ? shownUrl(attachment, name) : pageUrl(attachment, page);

/** Whether parts of it can be made black: it is a picture or a page, and was read. */
export const canBeBlackened = (shot: Shot): boolean =>
  !isBlank(shot) &&
  shot.attachment.state === 'ready' &&
  shot.attachment.analysis?.is_complete !== false &&
  (shot.page !== null || (shot.attachment.mime_type ?? '').startsWith('image/'));

function shotsOf(attachment: Attachment, message: Message): Shot[] {
  if ((attachment.mime_type ?? '').startsWith('video/') || isHeld(attachment)) return [];
  const shot = (page: number | null): Shot => ({ id: shotId(attachment, page), attachment, message, page });
  if (hasRendition(attachment, 'view')) return [shot(null)];
  const all = pages(attachment).map(shot);
  const isRead = attachment.analysis !== null && attachment.kind === 'document';
  return all.length > 0 || !isRead ? all : [shot(null)];
}

export const shots = (items: TimelineItem[]): Shot[] =>
  items.flatMap((item) =>
    item.type === 'message' ? item.message.attachments.flatMap((a) => shotsOf(a, item.message)) : [],
  );
