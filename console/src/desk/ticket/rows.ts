// What the conversation shows, from the timeline: days, quiet lines, notes, what flows hand over, bubbles, and albums of one turn.
import { isSameDay } from '../../lib/format';
import type { Message, TicketEvent, TimelineItem } from '../../api/types';
import { keyOf } from './merge';

export type Row =
  | { type: 'day'; key: string; at: string }
  | { type: 'event'; key: string; event: TicketEvent }
  | { type: 'note'; key: string; event: TicketEvent }
  | { type: 'handover'; key: string; event: TicketEvent }
  | {
      type: 'message';
      key: string;
      /** More than one only for an album. */
      messages: [Message, ...Message[]];
      /** Directly under a bubble of the same sender: drawn closer, without the name. */
      isContinued: boolean;
    };

/** Events that are read, not passed over. */
const cards: Record<string, 'note' | 'handover'> = { 'note.added': 'note', 'flow.handed_over': 'handover' };

const TOGETHER_MS = 5 * 60_000;

const isPicture = (m: Message) =>
  (m.kind === 'image' || m.kind === 'video') && m.attachments.length > 0 && !m.revoked_at && !m.reply_to;

/** Consecutive pictures of one turn are one album. A quote or a revocation keeps its own bubble. */
const isSameAlbum = (a: Message, b: Message) =>
  a.turn_id !== null && a.turn_id === b.turn_id && a.direction === b.direction && isPicture(a) && isPicture(b);

const senderOf = (m: Message) => `${m.direction}:${m.author?.id ?? ''}`;

const EFFECT_MS = 5000;
const isUnsure = (m: Message) => m.status === 'failed' || m.status === 'uncertain';

/** A status that changed because of the message just above it: the message itself says so. */
function isImplied(event: TicketEvent, cause: Message | null): boolean {
  if (event.kind !== 'status.changed' || !cause || Math.abs(Date.parse(event.at) - Date.parse(cause.sent_at)) > EFFECT_MS)
    return false;
  if (cause.direction === 'in') return event.actor === null && event.data.to === 'open';
  return event.data.to === 'waiting' && event.actor !== null && event.actor.id === cause.author?.id;
}

export function rows(items: TimelineItem[]): Row[] {
  const out: Row[] = [];
  let at: string | null = null;
  let last: Message | null = null;
  let cause: Message | null = null;
  for (const item of items) {
    if (at === null || !isSameDay(at, item.at)) {
      out.push({ type: 'day', key: `d:${item.at.slice(0, 10)}:${out.length}`, at: item.at });
      last = null;
    }
    at = item.at;
    if (item.type === 'event') {
      if (isImplied(item.event, cause)) continue;
      out.push({ type: cards[item.event.kind] ?? 'event', key: keyOf(item), event: item.event });
      last = null;
      continue;
    }
    // A reaction of ours is shown on the message it is for; one that did not go out says so by itself.
    if (item.message.kind === 'reaction' && !isUnsure(item.message)) continue;
    cause = item.message;
    const previous = out.at(-1);
    if (last && previous?.type === 'message' && isSameAlbum(last, item.message)) {
      previous.messages.push(item.message);
    } else {
      const isContinued =
        last !== null &&
        senderOf(last) === senderOf(item.message) &&
        Date.parse(item.at) - Date.parse(last.sent_at) < TOGETHER_MS;
      out.push({ type: 'message', key: keyOf(item), messages: [item.message], isContinued });
    }
    last = item.message;
  }
  return out;
}
