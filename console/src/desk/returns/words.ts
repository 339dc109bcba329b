// Returns as people read them: where each stands, what may be done next, and what its pictures say.
import type { Attachment, Finding, Return, ReturnState, TicketEvent, TimelineItem } from '../../api/types';
import type { IconName } from '../../lib/icons';
import { hasRendition, isHeld } from '../ticket/body/looks';

const names: Record<ReturnState, string> = {
  proposed: 'To decide',
  approved: 'Approved',
  refused: 'Refused',
  received: 'Arrived',
  refunded: 'Refunded',
  replaced: 'Replaced',
};
export const stateName = (state: ReturnState): string => names[state] ?? state;

/** What is pressed to bring a return there. */
const acts: Record<ReturnState, { name: string; icon: IconName }> = {
  proposed: { name: 'Propose', icon: 'parcel' },
  approved: { name: 'Approve', icon: 'check' },
  refused: { name: 'Refuse', icon: 'ban' },
  received: { name: 'It arrived', icon: 'parcel' },
  refunded: { name: 'Refunded', icon: 'retry' },
  replaced: { name: 'Replaced', icon: 'cart' },
};
export const actOf = (state: ReturnState): { name: string; icon: IconName } => acts[state] ?? { name: state, icon: 'check' };

/** What is to be done next, for a list: a sentence short enough for a row. */
const waits: Record<ReturnState, string> = {
  proposed: 'Waits for your decision',
  approved: 'On its way back',
  received: 'Waits for the refund or the replacement',
  refused: 'The customer keeps it',
  refunded: 'The customer has the money',
  replaced: 'The customer has another one',
};
export const waitsFor = (one: Return): string => waits[one.state] ?? one.state;

export type Group = { name: string; states: ReturnState[] };
/** What wants somebody comes first. */
export const groups: Group[] = [
  { name: 'To decide', states: ['proposed'] },
  { name: 'On their way back', states: ['approved'] },
  { name: 'Arrived', states: ['received'] },
  { name: 'Over', states: ['refunded', 'replaced', 'refused'] },
];

/** The pictures that the customer sent, the newest first. */
export const picturesIn = (items: TimelineItem[]): Attachment[] =>
  items
    .flatMap((item) => (item.type === 'message' && item.message.direction === 'in' ? item.message.attachments : []))
    .filter((file) => hasRendition(file, 'view') && !isHeld(file));

/** What a flow told of it: the newest hand-over that names the return, or nothing. */
export const assessmentOf = (items: TimelineItem[], number: string): TicketEvent | null =>
  items.flatMap((item) => (item.type === 'event' ? [item.event] : [])).find(
    (event) => event.kind === 'flow.handed_over' && String(event.data.text ?? '').includes(number),
  ) ?? null;

/** What speaks for or against a return, by the beginning of its kind, the most telling first. */
const telling: [string, string][] = [
  ['seen.', 'Seen before'],
  ['forensics.', 'Perhaps edited'],
  ['manipulation.', 'Perhaps edited'],
  ['consistency.', 'Does not fit together'],
  ['provenance.', 'Where it comes from'],
  ['picture.', 'Kind of picture'],
  ['entity.', 'Written on it'],
];
const rankOf = (kind: string): number => telling.findIndex(([start]) => kind.startsWith(start));
/** Measures are summed up by the verdict, and a file without metadata says nothing: most that come by a messenger have none. */
export function evidenceOf(findings: Finding[]): Finding[] {
  return findings
    .filter((one) => rankOf(one.kind) >= 0 && one.kind !== 'provenance.none' && one.kind !== 'forensics.none')
    .sort((a, b) => rankOf(a.kind) - rankOf(b.kind) || b.confidence - a.confidence);
}
export const evidenceName = (kind: string): string => telling[rankOf(kind)]?.[1] ?? kind;
