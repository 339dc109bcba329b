// The timeline's events as sentences. An event that this version does not know is still shown, by its name.
import type { IconName } from '../../lib/icons';
import type { TicketEvent } from '../../api/types';
import { statusName, priorityName } from '../words';

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const tagList = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

function tagSentence(from: string[], to: string[]): string {
  const added = to.filter((t) => !from.includes(t));
  const removed = from.filter((t) => !to.includes(t));
  const parts = [];
  if (added.length) parts.push(`added ${added.map((t) => `“${t}”`).join(', ')}`);
  if (removed.length) parts.push(`removed ${removed.map((t) => `“${t}”`).join(', ')}`);
  return parts.join(' and ') || 'changed the tags';
}

export function sentence(event: TicketEvent): string {
  const { data } = event;
  const who = event.actor?.name ?? 'Sportello';
  switch (event.kind) {
    case 'ticket.created':
      return event.actor ? `${who} opened the ticket` : 'Ticket opened';
    case 'ticket.reopened':
      return event.actor ? `${who} reopened the ticket` : 'Reopened by a new message';
    case 'ticket.merged':
      return 'Merged with another ticket of the same customer';
    case 'status.changed': {
      const to = statusName(text(data.to));
      return event.actor ? `${who} set the status to ${to}` : `Status is now ${to}`;
    }
    case 'assignee.changed': {
      if (data.to === null || data.to === undefined) return `${who} unassigned the ticket`;
      if (data.to === event.actor?.id) return `${who} took the ticket`;
      return `${who} assigned the ticket to ${text(data.to_name) || 'somebody'}`;
    }
    case 'priority.changed':
      return `${who} set the priority to ${priorityName(text(data.to))}`;
    case 'tags.changed':
      return `${who} ${tagSentence(tagList(data.from), tagList(data.to))}`;
    case 'subject.changed':
      return text(data.to) ? `${who} set the subject to “${text(data.to)}”` : `${who} removed the subject`;
    case 'identity.changed':
      return text(data.body) || 'The customer’s number or name changed';
    case 'channel.problem':
      return [text(data.title) || 'WhatsApp reported a problem', text(data.details)].filter(Boolean).join(': ');
    case 'attachment.expired':
      return `An attachment is missing: ${text(data.reason) || 'it is gone'}`;
    case 'attachment.retried':
      return `${who} asked for an attachment again`;
    default:
      return `${who}: ${event.kind.replaceAll(/[._]/g, ' ')}`;
  }
}

const iconOf: Record<string, IconName> = {
  'ticket.created': 'inbox',
  'ticket.reopened': 'retry',
  'ticket.merged': 'link',
  'status.changed': 'check',
  'assignee.changed': 'user',
  'priority.changed': 'flag',
  'tags.changed': 'tag',
  'subject.changed': 'edit',
  'identity.changed': 'phone',
  'channel.problem': 'warning',
  'attachment.expired': 'warning',
  'attachment.retried': 'retry',
};
export const eventIcon = (kind: string): IconName => iconOf[kind] ?? 'info';
export const isProblem = (kind: string): boolean => kind === 'channel.problem' || kind === 'attachment.expired';
