// The search as the dialog asks it: words and filters in, tickets with the places out, a page at a time.
import * as api from '../../api/calls';
import type { FoundTicket, SearchHit } from '../../api/types';

const TYPING_MS = 200;
const DAY_MS = 86_400_000;

export const statusChoices = [
  ['', 'Any status'],
  ['new,open,waiting', 'Not solved'],
  ['new,open', 'To answer'],
  ['solved,closed', 'Solved'],
] as const;
export const assigneeChoices = [
  ['', 'Anybody’s'],
  ['me', 'Mine'],
  ['none', 'Nobody’s'],
] as const;
export const kindChoices = [
  ['', 'Everywhere'],
  ['said', 'What was said'],
  ['read', 'Read in pictures'],
  ['file', 'File names'],
  ['ticket', 'Ticket'],
  ['contact', 'Contact'],
] as const;
export const sinceChoices = [
  ['', 'Any time'],
  ['1', 'Last day'],
  ['7', 'Last week'],
  ['30', 'Last month'],
  ['365', 'Last year'],
] as const;

/** One line of the results: a place in a ticket, or the ticket when no place is told. */
export type Option = { id: string; found: FoundTicket; hit: SearchHit | null };

export class Search {
  words = $state('');
  status = $state('');
  assignee = $state('');
  kind = $state('');
  days = $state('');
  items = $state.raw<FoundTicket[]>([]);
  next = $state<string | null>(null);
  notYetIndexed = $state<number | null>(null);
  /** What is shown answers other words than those in the field. */
  isStale = $state(false);
  isLoadingMore = $state(false);
  /** What the items answer; empty before the first answer. */
  answered = $state('');
  error = $state('');
  options = $derived(
    this.items.flatMap((found): Option[] =>
      found.hits.length
        ? found.hits.map((hit, n) => ({ id: `found-${found.ticket.id}-${n}`, found, hit }))
        : [{ id: `found-${found.ticket.id}`, found, hit: null }],
    ),
  );
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  typed() {
    this.isStale = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.refresh(), TYPING_MS);
  }
  async refresh() {
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    const words = this.words.trim();
    if (!words) return this.#show('', [], null, null);
    this.isStale = true;
    try {
      const page = await api.search(this.#query(words));
      if (turn === this.#turn) this.#show(words, page.items, page.next, page.not_yet_indexed);
    } catch (problem) {
      if (turn !== this.#turn) return;
      this.#show('', [], null, null);
      this.error = (problem as Error).message;
    }
  }
  async more() {
    if (!this.next || this.isLoadingMore) return;
    const turn = this.#turn;
    this.isLoadingMore = true;
    try {
      const page = await api.search({ ...this.#query(this.answered), cursor: this.next });
      if (turn !== this.#turn) return;
      const known = new Set(this.items.map(({ ticket }) => ticket.id));
      this.items = [...this.items, ...page.items.filter(({ ticket }) => !known.has(ticket.id))];
      this.next = page.next;
    } catch (problem) {
      if (turn === this.#turn) this.error = (problem as Error).message;
    } finally {
      this.isLoadingMore = false;
    }
  }
  #show(words: string, items: FoundTicket[], next: string | null, notYetIndexed: number | null) {
    this.answered = words;
    this.items = items;
    this.next = next;
    this.notYetIndexed = notYetIndexed;
    this.error = '';
    this.isStale = false;
  }
  #query(q: string): api.SearchQuery {
    const query: api.SearchQuery = { q };
    if (this.status) query.status = this.status;
    if (this.assignee) query.assignee = this.assignee;
    if (this.kind) query.kind = this.kind;
    if (this.days) query.from = new Date(Date.now() - Number(this.days) * DAY_MS).toISOString();
    return query;
  }
}
