// The help desk's nouns as people read them: one place, so that every page says the same.
import type { IconName } from '../lib/icons';
import type { AnalysisSummary, Assigning, MessageKind, Priority, Ticket, TicketStatus } from '../api/types';

export const statuses: TicketStatus[] = ['new', 'open', 'waiting', 'solved', 'closed'];
export const priorities: Priority[] = ['urgent', 'high', 'normal', 'low'];

const statusNames: Record<string, string> = {
  new: 'New',
  open: 'Open',
  waiting: 'Waiting',
  solved: 'Solved',
  closed: 'Closed',
};
const priorityNames: Record<string, string> = { low: 'Low', normal: 'Normal', high: 'High', urgent: 'Urgent' };
export const statusName = (status: string): string => statusNames[status] ?? status;
export const priorityName = (priority: string): string => priorityNames[priority] ?? priority;

const kinds: Record<MessageKind, { icon: IconName; name: string } | null> = {
  text: null,
  image: { icon: 'camera', name: 'Photo' },
  video: { icon: 'video', name: 'Video' },
  audio: { icon: 'mic', name: 'Audio' },
  document: { icon: 'document', name: 'Document' },
  sticker: { icon: 'sticker', name: 'Sticker' },
  location: { icon: 'pin', name: 'Location' },
  contacts: { icon: 'users', name: 'Contact' },
  choice: { icon: 'list', name: 'Choice' },
  form: { icon: 'form', name: 'Form' },
  button: { icon: 'reply', name: 'Answer' },
  order: { icon: 'cart', name: 'Order' },
  system: { icon: 'info', name: 'WhatsApp notice' },
  unsupported: { icon: 'ban', name: 'Not passed on by WhatsApp' },
  unknown: { icon: 'question', name: 'Unknown message' },
  buttons: { icon: 'list', name: 'Buttons' },
  list: { icon: 'list', name: 'List' },
  link: { icon: 'link', name: 'Link' },
  location_request: { icon: 'pin', name: 'Location asked for' },
  template: { icon: 'template', name: 'Template' },
  reaction: { icon: 'smile', name: 'Reaction' },
};
export const kindIcon = (kind: MessageKind): IconName | null =>
  kind in kinds ? (kinds[kind]?.icon ?? null) : 'question';
export const kindName = (kind: MessageKind): string => (kind in kinds ? (kinds[kind]?.name ?? 'Message') : 'Message');

/** One line about a message, for lists and quotes: its words, or what it is. WhatsApp's marks are left out. */
export function excerpt(message: { kind: MessageKind; text: string | null } | null): string {
  if (!message) return 'No messages yet';
  const words = message.text
    ?.replaceAll(/\s+/g, ' ')
    .replaceAll(/(^|\s)([*_~])(\S(?:.*?\S)?)\2(?=\s|$|\p{P})/gu, '$1$3')
    .replaceAll('```', '')
    .trim();
  return words || kindName(message.kind);
}

/** How a contact is called: a name, else the number or the user name. */
export const contactName = (contact: Ticket['contact']): string =>
  contact.name || contact.phone || (contact.username ? `@${contact.username}` : 'Unknown contact');

/** Why a picture is not simply usable, in the fewest words. */
const reasons: Record<string, string> = {
  out_of_focus: 'Out of focus',
  motion_blur: 'Moved',
  too_dark: 'Too dark',
  over_exposed: 'Over-exposed',
  glare: 'Reflection',
  low_contrast: 'Low contrast',
  too_small: 'Too small',
  cut_off: 'Cut off',
  tilted: 'Taken from the side',
  photo_of_screen: 'Photo of a screen',
  nothing_to_see: 'Nothing to see',
  unreadable: 'Cannot be opened',
};
export const reasonName = (reason: string | null): string =>
  reason === null ? '' : (reasons[reason] ?? reason.replaceAll('_', ' '));
const verdicts: Record<string, string> = { usable: 'Usable', doubtful: 'Doubtful', retake: 'Take again' };
export const verdictName = (verdict: string): string => verdicts[verdict] ?? verdict;

/** What a badge says of a picture. */
export function saidOf(analysis: AnalysisSummary | null): string {
  if (!analysis) return '';
  if (analysis.verdict === 'usable') return 'Usable';
  const reason = reasonName(analysis.reason);
  if (reason && analysis.verdict === 'doubtful') return reason;
  return [verdictName(analysis.verdict), reason.toLowerCase()].filter(Boolean).join(': ');
}

export function languageName(code: string): string {
  try {
    return new Intl.DisplayNames(undefined, { type: 'language' }).of(code.replace('_', '-')) ?? code;
  } catch {
    return code;
  }
}

/** The 24-hour window in which a customer may be answered freely. */
export type Window = { isOpen: boolean; isShort: boolean; leftMs: number; hasEverOpened: boolean };
export function windowOf(closesAt: string | null, now: number): Window {
  if (!closesAt) return { isOpen: false, isShort: false, leftMs: 0, hasEverOpened: false };
  const leftMs = Date.parse(closesAt) - now;
  return {
    isOpen: leftMs > 0,
    isShort: leftMs > 0 && leftMs < 4 * 3_600_000,
    leftMs: Math.max(0, leftMs),
    hasEverOpened: true,
  };
}
/** What is promised, and how near its end is. */
const targets: Record<string, string> = {
  first_answer: 'The first answer',
  next_answer: 'The next answer',
  solution: 'The solution',
};
export const targetName = (target: string): string => targets[target] ?? target.replaceAll('_', ' ');
export type Due = { tone: 'calm' | 'near' | 'late'; leftMs: number };
const NEAR_MS = 30 * 60_000;
/** A promise that is late stays so, however it is counted: the server knows opening hours, this only the clock. */
export function dueOf(ticket: Pick<Ticket, 'due_at' | 'breached_at'>, now: number): Due | null {
  if (!ticket.due_at) return null;
  const leftMs = Date.parse(ticket.due_at) - now;
  const isLate = leftMs <= 0 || ticket.breached_at !== null;
  return { tone: isLate ? 'late' : leftMs < NEAR_MS ? 'near' : 'calm', leftMs };
}
/** `40 min`, `3 h`, `2 d`: in the room of a chip. */
export function briefly(ms: number): string {
  const minutes = Math.floor(Math.abs(ms) / 60_000);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}
const ways: Record<Assigning, string> = {
  by_hand: 'Given by hand',
  round_robin: 'Given in turn',
  least_load: 'Given to whoever has the fewest',
};
export const wayName = (way: Assigning): string => ways[way];
/** `1 h 30 min` of a promise in minutes. */
export const promisedName = (minutes: number): string => countdown(minutes * 60_000);

/** `23 h 10 min`, `48 min`, `40 s`: never says more time than there is. */
export function countdown(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return `${Math.max(0, Math.floor(ms / 1_000))} s`;
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
}

/** `product_defect` as a title, `bought_on` as the name of a field. */
export function titled(name: string): string {
  const words = name.replaceAll(/[_.-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
const endings: Record<string, string> = {
  ended: 'came to its end',
  handed_over: 'handed over to a person',
  withdrawn: 'was stopped by the customer',
};
export const endingName = (ending: string): string => endings[ending] ?? ending;
/** What a flow is doing, from the server's words for it. */
export const doingName = (doing: string): string => doing.replaceAll('_', ' ');

/** Why a flow gave a conversation to a person. */
const whys: Record<string, string> = {
  planned: 'The flow leads to a person here',
  customer_asked: 'The customer asked for a person',
  tries_used_up: 'The question was asked as often as it may be',
  lost_patience: 'The customer went on about something else',
  no_answer: 'No answer came in time',
  not_judged: 'A file was not judged in time; please look at it',
  look_up_failed: 'Another system did not answer',
  bot_gave_up: 'The bot could not go on',
  flow_changed: 'The flow was changed while this conversation was under way',
  too_long: 'The conversation became longer than a flow may be',
};
export const whyName = (why: string): string => whys[why] ?? titled(why);

/** What a flow wrote down under a name of this kind. */
export const known = (fields: Record<string, string>, name: RegExp): string =>
  Object.entries(fields).find(([key, value]) => name.test(key) && value)?.[1] ?? '';
