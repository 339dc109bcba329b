// What is typed about a team, and what the server takes.
import type { Holiday, Priority, Promised, TeamMember, TeamMemberSpec } from '../../api/types';

/** `2026-12-25 Christmas`, one a line. */
export const holidayLines = (holidays: Holiday[]): string =>
  holidays.map(({ day, name }) => `${day} ${name}`.trim()).join('\n');
export function holidaysOf(text: string): Holiday[] {
  const lines = text.split('\n').map((line) => line.trim()).filter(Boolean);
  return lines.map((line) => {
    const [day = '', ...name] = line.split(/\s+/);
    return { day, name: name.join(' ') };
  });
}

/** A member while it is edited: lists as they are typed. */
export type MemberDraft = { user_id: string; name: string; skills: string; languages: string; most: string };
export const memberDraft = (member: TeamMember): MemberDraft => ({
  user_id: member.user_id,
  name: member.name,
  skills: member.skills.join(', '),
  languages: member.languages.join(', '),
  most: member.tickets_max === null ? '' : String(member.tickets_max),
});
const listOf = (text: string): string[] => text.split(',').map((word) => word.trim()).filter(Boolean);
export const memberSpec = (draft: MemberDraft): TeamMemberSpec => ({
  user_id: draft.user_id,
  skills: listOf(draft.skills),
  languages: listOf(draft.languages),
  tickets_max: draft.most.trim() === '' ? null : Number(draft.most),
});

/** Minutes as they are typed: `90`, `1:30`, `1h 30`, `2h`, `3d` is nothing. */
export function minutesOf(text: string): number | null {
  const clean = text.trim().toLowerCase();
  if (!clean) return null;
  const parts = /^(?:(\d+)\s*(?:h|:)\s*)?(\d+)?\s*(?:m|min)?$/.exec(clean);
  if (!parts || (parts[1] === undefined && parts[2] === undefined)) return NaN;
  return Number(parts[1] ?? 0) * 60 + Number(parts[2] ?? 0);
}
export const minutesShown = (minutes: number | null): string => {
  if (minutes === null) return '';
  const hours = Math.floor(minutes / 60);
  if (!hours) return `${minutes}m`;
  return minutes % 60 ? `${hours}h ${minutes % 60}m` : `${hours}h`;
};

export const promiseRows: { priority: Priority | null; name: string }[] = [
  { priority: null, name: 'Any priority' },
  { priority: 'urgent', name: 'Urgent' },
  { priority: 'high', name: 'High' },
  { priority: 'normal', name: 'Normal' },
  { priority: 'low', name: 'Low' },
];
export type PromiseDraft = { priority: Priority | null; name: string; first: string; next: string; solution: string };
export const promiseDrafts = (promises: Promised[]): PromiseDraft[] =>
  promiseRows.map(({ priority, name }) => {
    const known = promises.find((one) => one.priority === priority);
    return {
      priority,
      name,
      first: minutesShown(known?.first_answer_min ?? null),
      next: minutesShown(known?.next_answer_min ?? null),
      solution: minutesShown(known?.solution_min ?? null),
    };
  });
/** Rows in which something is promised; a sentence when one cannot be read. */
export function promisesOf(drafts: PromiseDraft[]): Promised[] | string {
  const all: Promised[] = [];
  for (const { priority, name, first, next, solution } of drafts) {
    const [first_answer_min, next_answer_min, solution_min] = [first, next, solution].map(minutesOf) as (number | null)[];
    const minutes = [first_answer_min, next_answer_min, solution_min];
    if (minutes.some((one) => Number.isNaN(one))) return `${name}: write a time such as 30m, 4h or 1h 30m.`;
    if (minutes.some((one) => one !== null)) {
      all.push({
        priority,
        first_answer_min: first_answer_min ?? null,
        next_answer_min: next_answer_min ?? null,
        solution_min: solution_min ?? null,
      });
    }
  }
  return all;
}
