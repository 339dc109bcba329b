// Where the reader is in a conversation, as "this row, this far from the top": it survives rows added above
// and lasts while the page is open, for every ticket.
export type Anchor = { key: string; top: number };

const kept = new Map<string, Anchor>();

/** Reads the kept position of a ticket, or, with a second argument, sets it (`null` is the end). */
export function keep(ticket: string, anchor?: Anchor | null): Anchor | undefined {
  if (anchor === null) kept.delete(ticket);
  else if (anchor) kept.set(ticket, anchor);
  return kept.get(ticket);
}

const rows = (scroller: HTMLElement) => scroller.querySelectorAll<HTMLElement>('[data-key]');

export function positionOf(scroller: HTMLElement): Anchor | null {
  const edge = scroller.getBoundingClientRect().top;
  for (const row of rows(scroller)) {
    const box = row.getBoundingClientRect();
    if (box.bottom > edge) return { key: row.dataset.key ?? '', top: box.top - edge };
  }
  return null;
}

export function restore(scroller: HTMLElement, anchor: Anchor): boolean {
  for (const row of rows(scroller)) {
    if (row.dataset.key !== anchor.key) continue;
    scroller.scrollTop += row.getBoundingClientRect().top - scroller.getBoundingClientRect().top - anchor.top;
    return true;
  }
  return false;
}
