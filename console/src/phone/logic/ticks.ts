// What a status looks like under a bubble. Only what the customer sent carries
// ticks, as on a real phone; what the business sent shows its state in words
// to the tester alone.
import type { ChatMessage } from './types';

export interface Tick {
  mark: 'clock' | 'one' | 'two' | 'failed';
  seen: boolean;
  label: string;
}

/** Ticks of a message the customer sent. */
export function ticks(message: Pick<ChatMessage, 'status'>): Tick {
  switch (message.status) {
    case 'sent':
      return { mark: 'one', seen: false, label: 'Sent: the webhook is queued' };
    case 'delivered':
      return { mark: 'two', seen: false, label: 'Delivered: the desk answered the webhook with 200' };
    case 'read':
      return { mark: 'two', seen: true, label: 'Read: the desk marked it as read' };
    case 'played':
      return { mark: 'two', seen: true, label: 'Played by the desk' };
    case 'failed':
      return { mark: 'failed', seen: false, label: 'Failed: the webhook could not be delivered' };
    default:
      return { mark: 'clock', seen: false, label: 'Sending' };
  }
}

/** What went wrong with a message, in words under it; null while nothing did. */
export function failureLine(message: Pick<ChatMessage, 'direction' | 'status' | 'error'>): string | null {
  if (message.status !== 'failed') return null;
  if (message.direction === 'out') return 'The desk did not take the webhook';
  const code = message.error?.code;
  const why = message.error?.message;
  return ['Not delivered', code === undefined ? null : `error ${code}`, why ?? null].filter(Boolean).join(' · ');
}
