// Timeline items from different fetches become one list: each once, the newest word about each wins.
// Many messages of a customer carry the same second; among those the server's own order stands.
import type { Message, TimelineItem } from '../../api/types';

export const keyOf = (item: TimelineItem): string =>
  item.type === 'message' ? `m:${item.message.id}` : `e:${item.event.id}`;

/** Both lists oldest first; `later` comes after `earlier` where their times do not tell, and knows better. */
export function merge(earlier: TimelineItem[], later: TimelineItem[]): TimelineItem[] {
  const all = new Map<string, TimelineItem>();
  const told = new Set(later.map(keyOf));
  // One message alone is a new word about it, not a new order.
  const isPage = later.length > 1;
  for (const item of earlier) if (!isPage || !told.has(keyOf(item))) all.set(keyOf(item), item);
  for (const item of later) all.set(keyOf(item), item);
  return [...all.values()].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** Whether a newest page joins what is known; if not, something between the two is missing. */
export function joins(known: TimelineItem[], fetched: TimelineItem[]): boolean {
  if (known.length === 0 || fetched.length === 0) return true;
  const keys = new Set(known.map(keyOf));
  return fetched.some((item) => keys.has(keyOf(item)));
}

export const messageItem = (message: Message): TimelineItem => ({ type: 'message', at: message.sent_at, message });
