// A chat as rows: day separators, runs of bubbles of one side, and albums
// (photos sent together), so that components only draw.
import { isSameDay } from '../../lib/format';
import type { ChatMessage } from './types';

export type Row =
  | { kind: 'day'; key: string; at: string }
  | { kind: 'notice'; key: string; message: ChatMessage }
  | { kind: 'bubble'; key: string; message: ChatMessage; isFirst: boolean }
  | { kind: 'album'; key: string; messages: ChatMessage[]; isFirst: boolean };

const ALBUM_GAP_MS = 4_000;
const RUN_GAP_MS = 5 * 60_000;
const ALBUM_MIN = 2;

/** Rows of a chat, oldest first. */
export function thread(messages: ChatMessage[]): Row[] {
  const rows: Row[] = [];
  let previous: ChatMessage | null = null;
  const shown = messages.filter((message) => message.type !== 'reaction');
  for (let i = 0; i < shown.length; ) {
    const group = albumAt(shown, i);
    const first = shown[i] as ChatMessage;
    const last = shown[i + group - 1] as ChatMessage;
    if (previous === null || !isSameDay(first.at, previous.at)) rows.push({ kind: 'day', key: `day-${first.id}`, at: first.at });
    const isFirst = !inRun(previous, first);
    if (first.type === 'system') rows.push({ kind: 'notice', key: first.id, message: first });
    else if (group >= ALBUM_MIN)
      rows.push({ kind: 'album', key: first.id, messages: shown.slice(i, i + group), isFirst });
    else rows.push({ kind: 'bubble', key: first.id, message: first, isFirst });
    previous = last;
    i += group;
  }
  return rows;
}

/** How many messages from `from` on form one album: pictures and films sent together, the last may carry the caption. */
function albumAt(messages: ChatMessage[], from: number): number {
  let count = 0;
  for (let i = from; i < messages.length; i += 1) {
    const message = messages[i] as ChatMessage;
    const before = count === 0 ? null : (messages[i - 1] as ChatMessage);
    if (!isAlbumPart(message, count === 0) || (before !== null && !together(before, message))) break;
    count += 1;
  }
  return Math.max(1, count);
}

function isAlbumPart(message: ChatMessage, isFirst: boolean): boolean {
  const isPicture = message.type === 'image' || message.type === 'video';
  return isPicture && !message.revoked && message.media !== null && (isFirst || message.context_id === null);
}

function together(a: ChatMessage, b: ChatMessage): boolean {
  const captionClash = a.text !== null && a.text !== '' && b.text !== null && b.text !== '';
  return a.direction === b.direction && gap(a, b) <= ALBUM_GAP_MS && !captionClash;
}

function inRun(a: ChatMessage | null, b: ChatMessage | null): boolean {
  if (a === null || b === null || a.type === 'system' || b.type === 'system') return false;
  return a.direction === b.direction && gap(a, b) <= RUN_GAP_MS && isSameDay(a.at, b.at);
}

function gap(a: ChatMessage, b: ChatMessage): number {
  return Math.abs(Date.parse(b.at) - Date.parse(a.at));
}
