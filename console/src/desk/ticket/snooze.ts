// Times until which a ticket is put aside, on the clock of whoever does it.
export type Choice = { id: string; label: string; at: Date };

const morning = (day: Date, add: number): Date => {
  const at = new Date(day);
  at.setDate(at.getDate() + add);
  at.setHours(9, 0, 0, 0);
  return at;
};

/** In three hours, tomorrow and on Monday, each once and none in the past. */
export function choices(now: Date): Choice[] {
  const soon = new Date(now.getTime() + 3 * 3_600_000);
  soon.setMinutes(Math.ceil(soon.getMinutes() / 5) * 5, 0, 0);
  const tomorrow = morning(now, 1);
  const toMonday = (8 - now.getDay()) % 7 || 7;
  const all = [
    { id: 'soon', label: 'For three hours', at: soon },
    { id: 'tomorrow', label: 'Until tomorrow', at: tomorrow },
  ];
  if (toMonday > 1) all.push({ id: 'monday', label: 'Until Monday', at: morning(now, toMonday) });
  return all;
}
export const shown = (at: Date): string =>
  at.toLocaleString(undefined, { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
/** As a field of date and time has it. */
export const local = (at: Date): string =>
  new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
