// Every picture of a conversation that can be shown large, oldest first.
import type { Attachment, Message, TimelineItem } from '../../api/types';
import { hasRendition } from '../ticket/body/looks';

export type Shot = { attachment: Attachment; message: Message };

export const shots = (items: TimelineItem[]): Shot[] =>
  items.flatMap((item) =>
    item.type === 'message'
      ? item.message.attachments
          .filter((a) => hasRendition(a, 'view') && !(a.mime_type ?? '').startsWith('video/'))
          .map((attachment) => ({ attachment, message: item.message }))
      : [],
  );
