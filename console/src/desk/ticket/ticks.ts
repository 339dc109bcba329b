// What the mark beside an outgoing message says.
import type { IconName } from '../../lib/icons';
import type { Message } from '../../api/types';

export type Tick = {
  icon: IconName;
  tone: 'quiet' | 'read' | 'danger' | 'warning';
  label: string;
  /** Shown under the bubble, with a way to send again. */
  explanation?: string;
};

const UNCERTAIN =
  'WhatsApp did not say whether it took this message. If a tick appears, it did. Sending it again may deliver it twice.';

export function tickOf(message: Pick<Message, 'direction' | 'status' | 'error'>): Tick | null {
  if (message.direction === 'in') return null;
  switch (message.status) {
    case 'queued':
      return { icon: 'clock', tone: 'quiet', label: 'Waiting to be sent' };
    case 'sending':
      return { icon: 'clock', tone: 'quiet', label: 'Being sent' };
    case 'uncertain':
      return {
        icon: 'question',
        tone: 'warning',
        label: 'Not certain that it was sent',
        explanation: message.error?.message ?? UNCERTAIN,
      };
    case 'failed':
      return {
        icon: 'alert',
        tone: 'danger',
        label: 'Not sent',
        explanation: message.error?.message ?? 'This message was not sent. Try again.',
      };
    case 'accepted':
    case 'sent':
      return { icon: 'tick', tone: 'quiet', label: 'Sent' };
    case 'delivered':
      return { icon: 'ticks', tone: 'quiet', label: 'Delivered' };
    case 'read':
      return { icon: 'ticks', tone: 'read', label: 'Read' };
    case 'played':
      return { icon: 'ticks', tone: 'read', label: 'Played' };
    default:
      return null;
  }
}
