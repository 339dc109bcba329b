// How the pages say times, sizes and durations. Pure functions: the caller passes `now`.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const dayMonth = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const dayMonthYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const longDay = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

const startOfDay = (ms: number) => new Date(ms).setHours(0, 0, 0, 0);
/** Calendar days between two moments, in the reader's time zone (a day of 23 or 25 hours is still one). */
const daysBetween = (from: number, to: number) => Math.round((startOfDay(to) - startOfDay(from)) / DAY);

/** For a list: `now`, `5 min`, `3 h`, `Tue`, `4 May`, `4 May 2024`. */
export function shortTime(at: string, now: number): string {
  const ms = Date.parse(at);
  const ago = now - ms;
  if (ago < MINUTE) return 'now';
  if (ago < HOUR) return `${Math.floor(ago / MINUTE)} min`;
  if (daysBetween(ms, now) === 0) return clock.format(ms);
  if (daysBetween(ms, now) === 1) return 'Yesterday';
  if (ago < 6 * DAY) return weekday.format(ms);
  return (new Date(ms).getFullYear() === new Date(now).getFullYear() ? dayMonth : dayMonthYear).format(ms);
}

/** For a bubble: the time of day. */
export const timeOfDay = (at: string): string => clock.format(Date.parse(at));

/** For a tooltip. */
export const fullTime = (at: string): string => whole.format(Date.parse(at));

/** For the line between two days of a conversation. */
export function dayName(at: string, now: number): string {
  const ms = Date.parse(at);
  const days = daysBetween(ms, now);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  return new Date(ms).getFullYear() === new Date(now).getFullYear() ? longDay.format(ms) : dayMonthYear.format(ms);
}

export const isSameDay = (a: string, b: string): boolean => startOfDay(Date.parse(a)) === startOfDay(Date.parse(b));

/** `in 4 min`, `in 2 h`, `now` for what is about to happen. */
export function inTime(at: string, now: number): string {
  const left = Date.parse(at) - now;
  return left <= 0 ? 'now' : `in ${span(left)}`;
}

/** A length of time in its largest sensible unit: `45 s`, `12 min`, `5 h`, `3 d`. */
export function span(ms: number): string {
  if (ms < MINUTE) return `${Math.max(1, Math.round(ms / 1000))} s`;
  if (ms < HOUR) return `${Math.round(ms / MINUTE)} min`;
  if (ms < 2 * DAY) return `${Math.round(ms / HOUR)} h`;
  return `${Math.round(ms / DAY)} d`;
}

/** Decimal units, as file managers show them: `812 B`, `64 kB`, `1.4 MB`. */
export function fileSize(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return '';
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 'B';
  for (const next of units) {
    if (value < 999.5) break;
    value /= 1000;
    unit = next;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** `0:07`, `12:40`, `1:02:03`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '0:00';
  const s = Math.floor(seconds);
  const two = (n: number) => String(n).padStart(2, '0');
  const minutes = Math.floor(s / 60);
  return minutes < 60 ? `${minutes}:${two(s % 60)}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(s % 60)}`;
}

/** Two letters for an avatar. A name that is a number has none. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter((w) => /^\p{L}/u.test(w));
  const first = words[0];
  const last = words.length > 1 ? words.at(-1) : undefined;
  return [first, last].map((w) => (w ? [...w][0] : '')).join('').toUpperCase();
}

/** A steady hue for a name, so that the same person has the same colour everywhere. */
export function hueOf(text: string): number {
  let hash = 7;
  for (const c of text) hash = (hash * 31 + (c.codePointAt(0) ?? 0)) % 360;
  return hash;
}
