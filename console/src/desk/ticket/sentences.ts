// The timeline's events as sentences. An event that this version does not know is still shown, by its name.
import type { IconName } from '../../lib/icons';
import type { TicketEvent } from '../../api/types';
import { languageName, priorityName, statusName, targetName, titled, whyName } from '../words';

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

/** `product: washer, serial: SN1`, of an object of words. */
function pairs(value: unknown): string {
  const known = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return known.map(([name, word]) => `${name.replaceAll('_', ' ')}: ${String(word)}`).join(', ');
}
const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

function fieldSentence(from: Record<string, unknown>, to: Record<string, unknown>): string {
  const written = Object.entries(to).filter(([name, value]) => from[name] !== value);
  const removed = Object.keys(from).filter((name) => !(name in to));
  const parts = [];
  if (written.length) parts.push(`wrote down ${pairs(Object.fromEntries(written))}`);
  if (removed.length) parts.push(`removed ${removed.map((name) => name.replaceAll('_', ' ')).join(', ')}`);
  return parts.join(' and ') || 'changed what is known';
}
/** `, found by E20 (code)`, of what an article was found by. */
function found(why: unknown): string {
  if (!Array.isArray(why)) return '';
  const [first] = why.map(fieldsOf);
  return first ? `, found by ${text(first.word)} (${text(first.place)})` : '';
}
/** As it stands on the parcel. */
const returnNumber = (number: unknown) => `R-${String(number).padStart(4, '0')}`;
const moment = (at: unknown): string =>
  text(at) ? new Date(text(at)).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }) : '';
/** What happened by the words of a flow's author, with what goes with it. */
function announced(what: string, data: TicketEvent['data']): string {
  const facts = pairs(data.with);
  return `${what}: ${text(data.name)}${facts ? ` (${facts})` : ''}`;
}

/** By which rule somebody got a ticket. */
function given(data: TicketEvent['data']): string {
  const rule = data.why === 'least_load' ? 'has the fewest in hand' : 'is next';
  const skills = tagList(data.skills);
  const why = [rule, ...(skills.length ? [`knows ${skills.join(', ')}`] : []), ...(text(data.language) ? [`speaks ${languageName(text(data.language))}`] : [])];
  return `Given to ${text(data.to_name) || 'somebody'} of the team ${titled(text(data.team))}, who ${why.join(' and ')}`;
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
      if (!event.actor && data.why) return given(data);
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
    case 'attachment.redacted':
      return `${who} made parts of a picture black${data.is_original_erased ? ' and erased its original' : ''}`;
    case 'attachment.retried':
      return `${who} asked for an attachment again`;
    case 'fields.changed':
      return `${who} ${fieldSentence(fieldsOf(data.from), fieldsOf(data.to))}`;
    case 'team.changed':
      return text(data.to) ? `${who} gave the ticket to the team ${titled(text(data.to))}` : `${who} took the ticket from its team`;
    case 'assignment.waiting':
      return `Nobody of the team ${titled(text(data.team))} could take it: ${data.why === 'away' ? 'those who can are away' : 'those who are there have as many as they take'}. The next who is free gets it`;
    case 'sla.warned':
      return `${targetName(text(data.target))} is due soon: ${moment(data.due_at)}`;
    case 'sla.breached':
      return `${targetName(text(data.target))} was due ${moment(data.due_at)}`;
    case 'ticket.snoozed':
      return `${who} put the ticket aside until ${moment(data.until) || 'the customer writes'}`;
    case 'ticket.woken':
      if (data.why === 'person') return `${who} brought the ticket back`;
      return data.why === 'customer' ? 'The customer wrote: the ticket is back' : data.why === 'time' ? 'Its time has come: the ticket is back' : 'Solved: no longer put aside';
    case 'flow.began':
      return `The flow ${titled(text(data.flow))} began (version ${String(data.version)})`;
    case 'flow.taken_over':
      return `${who} took over from the flow ${titled(text(data.flow))}`;
    case 'flow.handed_over':
      return `The flow ${titled(text(data.flow))} handed over: ${whyName(text(data.why))}`;
    case 'flow.withdrawn':
      return 'The customer wants no automatic assistant: no flow leads them from now on';
    case 'flow.rated':
      return `The customer rated it ${String(data.rating)} of ${String(data.of)}`;
    case 'flow.not_said':
      return `The flow could not say something: ${text(data.why)}. Tell the customer yourself`;
    case 'flow.bot_failed':
      return `The bot ${text(data.bot)} was left: ${text(data.why)}`;
    case 'flow.event':
      return announced('The flow tells another system', data);
    case 'flow.event_untold':
      return `${announced('Another system was not told', data)}: ${text(data.why)}. Tell it yourself${data.tries ? ', or let it be tried again on the system page' : ''}`;
    case 'flow.event_told':
      return announced('The other system was told after all', data);
    case 'flow.suggested':
      return `The article “${text(data.article)}” was sent${found(data.why)}`;
    case 'article.helped':
      return 'The article helped';
    case 'article.did_not_help':
      return 'The article did not help';
    case 'visit.booked':
      return `${event.actor ? `${who} booked a visit` : 'A visit is booked'}: ${[text(data.what), moment(data.starts_at)].filter(Boolean).join(', ')}`;
    case 'visit.cancelled':
      if (data.why === 'moved') return event.actor ? `${who} moved the visit` : 'The visit was moved';
      return `${event.actor ? `${who} called the visit off` : 'The visit was called off'}${text(data.why) ? `: ${text(data.why)}` : ''}`;
    case 'visit.not_reminded':
      return `The customer was not reminded of the visit${moment(data.starts_at) ? ` of ${moment(data.starts_at)}` : ''}: ${text(data.why)}`;
    case 'visit.done':
      return `${who} noted that the technician was there`;
    case 'return.proposed':
      return `${event.actor ? `${who} proposed return ${returnNumber(data.number)}` : `Return ${returnNumber(data.number)} is proposed`}: ${text(data.item)} of order ${text(data.order)}. Decide on it`;
    case 'return.changed':
      return `${who} moved return ${returnNumber(data.number)} from ${text(data.from)} to ${text(data.to)}${text(data.note) ? `: ${text(data.note)}` : ''}`;
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
  'attachment.redacted': 'redact',
  'attachment.retried': 'retry',
  'fields.changed': 'form',
  'team.changed': 'users',
  'assignment.waiting': 'users',
  'sla.warned': 'clock',
  'sla.breached': 'clock',
  'ticket.snoozed': 'moon',
  'ticket.woken': 'sun',
  'flow.began': 'flow',
  'flow.handed_over': 'flow',
  'flow.taken_over': 'user',
  'flow.withdrawn': 'ban',
  'flow.rated': 'star',
  'flow.not_said': 'warning',
  'flow.bot_failed': 'bot',
  'flow.event': 'external',
  'flow.event_untold': 'warning',
  'flow.event_told': 'external',
  'flow.suggested': 'document',
  'article.helped': 'check',
  'article.did_not_help': 'close',
  'visit.booked': 'calendar',
  'visit.cancelled': 'calendar',
  'visit.not_reminded': 'warning',
  'visit.done': 'check',
  'return.proposed': 'retry',
  'return.changed': 'retry',
};
export const eventIcon = (kind: string): IconName => iconOf[kind] ?? 'info';
const problems = new Set(['channel.problem', 'sla.breached', 'attachment.expired', 'flow.not_said', 'flow.bot_failed', 'flow.event_untold', 'visit.not_reminded']);
export const isProblem = (kind: string): boolean => problems.has(kind);
