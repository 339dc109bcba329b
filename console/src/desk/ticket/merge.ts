// Timeline items from different fetches become one list: each once, in order, the newest word about each wins.
import type { Message, TimelineItem } from '../../api/types';

export const keyOf = (item: TimelineItem): string =>
  item.type === 'message' ? `m:${item.message.id}` : `e:${item.event.id}`;

const inOrder = (a: TimelineItem, b: TimelineItem) => {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1;
  const [x, y] = [keyOf(a), keyOf(b)];
  return x < y ? -1 : x > y ? 1 : 0;
};

export function merge(known: TimelineItem[], fetched: TimelineItem[]): TimelineItem[] {
  const all = new Map(known.map((item) => [keyOf(item), item]));
  for (const item of fetched) all.set(keyOf(item), item);
  return [...all.values()].sort(inOrder);
}

/** Whether a newest page joins what is known; if not, something between the two is missing. */
export function joins(known: TimelineItem[], fetched: TimelineItem[]): boolean {
  if (known.length === 0 || fetched.length === 0) return true;
  const keys = new Set(known.map(keyOf));
  return fetched.some((item) => keys.has(keyOf(item)));
}

export const messageItem = (message: Message): TimelineItem => ({ type: 'message', at: message.sent_at, message });
