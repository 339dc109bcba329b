// Days of an agenda, in the reader's time zone. A day of 23 or 25 hours is still one.
import type { Visit } from '../../api/types';

export type Span = 'week' | 'day';
const DAYS: Record<Span, number> = { week: 7, day: 1 };

export const dayOf = (ms: number): number => new Date(ms).setHours(0, 0, 0, 0);
export function plusDays(ms: number, days: number): number {
  const date = new Date(ms);
  return date.setDate(date.getDate() + days);
}
/** Weeks begin on Monday. */
export const weekOf = (ms: number): number => plusDays(dayOf(ms), -((new Date(ms).getDay() + 6) % 7));

export const firstOf = (span: Span, ms: number): number => (span === 'week' ? weekOf(ms) : dayOf(ms));
export const step = (span: Span, first: number, by: number): number => plusDays(first, DAYS[span] * by);
export const daysFrom = (span: Span, first: number): number[] =>
  Array.from({ length: DAYS[span] }, (_, n) => plusDays(first, n));

/** What begins on each day, the soonest first. */
export const byDay = <T extends { starts_at: string }>(items: T[], days: number[]): { day: number; items: T[] }[] =>
  days.map((day) => ({
    day,
    items: items
      .filter((item) => dayOf(Date.parse(item.starts_at)) === day)
      .toSorted((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at)),
  }));
/** The days on which something begins. */
export const daysOf = (items: { starts_at: string }[]): number[] =>
  [...new Set(items.map((item) => dayOf(Date.parse(item.starts_at))))].sort((a, b) => a - b);

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const shortDay = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' });
const longDay = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const dayMonthYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });

export const longDayName = (ms: number): string => longDay.format(ms);
export const shortDayName = (ms: number): string => shortDay.format(ms);
export const hours = (visit: Pick<Visit, 'starts_at' | 'ends_at'>): string =>
  clock.formatRange(Date.parse(visit.starts_at), Date.parse(visit.ends_at));
/** `Tue 24 Nov, 09:00 – 11:00`. */
export const when = (visit: Pick<Visit, 'starts_at' | 'ends_at'>): string =>
  `${shortDay.format(Date.parse(visit.starts_at))}, ${hours(visit)}`;
export const spanName = (span: Span, first: number): string =>
  span === 'day' ? longDay.format(first) : dayMonthYear.formatRange(first, plusDays(first, 6));

const statuses: Record<Visit['status'], string> = { booked: 'Booked', cancelled: 'Called off', done: 'Done' };
export const statusName = (status: Visit['status']): string => statuses[status] ?? status;
/** One that was moved left another in its place: it would only be seen twice. */
export const isMoved = (visit: Visit): boolean => visit.status === 'cancelled' && visit.why === 'moved';

/** What was written with commas. */
export const listOf = (text: string): string[] =>
  text.split(',').map((one) => one.trim()).filter(Boolean);
