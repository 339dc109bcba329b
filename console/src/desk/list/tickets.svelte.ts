// The list of tickets in one view: pages of it, kept live.
import * as api from '../../api/calls';
import type { Ticket } from '../../api/types';
import type { TicketChange } from '../live.svelte';
import { teamOf, type View } from '../route.svelte';

const PAGE = 40;
/** Beyond this many changed tickets at once, one list call is cheaper than single ones. */
const SINGLE_FETCHES_MAX = 4;

export type Sort = 'activity' | 'due';

// What is put aside is out of the way everywhere but where it is asked for.
const queries: Record<string, api.TicketQuery> = {
  inbox: { status: 'new,open', snoozed: false },
  waiting: { status: 'waiting', snoozed: false },
  solved: { status: 'solved,closed' },
  all: {},
  mine: { status: 'new,open,waiting', assignee: 'me', snoozed: false },
  unassigned: { status: 'new,open,waiting', assignee: 'none', snoozed: false },
  breached: { status: 'new,open', breached: true },
  snoozed: { snoozed: true },
};
export const viewQuery = (view: View): api.TicketQuery => {
  const team = teamOf(view);
  return team === null ? (queries[view] ?? {}) : { status: 'new,open,waiting', team, snoozed: false };
};

/** Whether a ticket belongs in a view; the same rule as `viewQuery`, for tickets that arrive one by one. */
export function belongs(ticket: Ticket, view: View, me: string): boolean {
  const query = viewQuery(view);
  if (query.status && !query.status.split(',').includes(ticket.status)) return false;
  if (query.assignee === 'me' && ticket.assignee?.id !== me) return false;
  if (query.assignee === 'none' && ticket.assignee !== null) return false;
  if (query.team !== undefined && ticket.team !== query.team) return false;
  if (query.snoozed !== undefined && (ticket.snoozed_at !== null) !== query.snoozed) return false;
  return !query.breached || ticket.breached_at !== null;
}

/** The server's order: the newest message first; a change of status moves nothing. */
const activity = (ticket: Ticket) => Date.parse(ticket.last_message?.at ?? ticket.created_at);
const newestFirst = (a: Ticket, b: Ticket) => activity(b) - activity(a) || (a.id < b.id ? 1 : -1);

const due = (ticket: Ticket) => (ticket.due_at ? Date.parse(ticket.due_at) : Infinity);
const dueFirst = (a: Ticket, b: Ticket) => due(a) - due(b) || (a.id < b.id ? -1 : 1);

/** Puts a ticket into a sorted list, replacing its older self. */
export function place(list: Ticket[], ticket: Ticket, isShown: boolean, hasMore: boolean, sort: Sort = 'activity'): Ticket[] {
  const first = sort === 'due' ? dueFirst : newestFirst;
  const rest = list.filter((t) => t.id !== ticket.id);
  const last = rest.at(-1);
  // What sorts after the last loaded row comes with the next page.
  if (!isShown || (hasMore && last && first(ticket, last) > 0)) return rest;
  return [...rest, ticket].sort(first);
}

class Tickets {
  list = $state.raw<Ticket[]>([]);
  next = $state<string | null>(null);
  phase = $state<'loading' | 'ready' | 'failed'>('loading');
  isLoadingMore = $state(false);
  error = $state('');
  view = $state<View>('inbox');
  search = $state('');
  /** By what is due first only tickets of which something is promised are shown. */
  sort = $state<Sort>('activity');
  me = '';
  #turn = 0;
  #changed = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  async open(view: View, search: string) {
    this.view = view;
    this.search = search;
    this.phase = 'loading';
    this.list = [];
    await this.refresh();
  }
  async order(sort: Sort) {
    this.sort = sort;
    await this.open(this.view, this.search);
  }
  /** Fetches what is shown again, without emptying the list first. */
  async refresh() {
    const turn = ++this.#turn;
    try {
      const limit = Math.min(200, Math.max(PAGE, this.list.length));
      const page = await api.tickets.list({ ...this.#query(), limit });
      if (turn !== this.#turn) return;
      this.list = page.items;
      this.next = page.next;
      this.phase = 'ready';
    } catch (problem) {
      if (turn !== this.#turn) return;
      this.error = (problem as Error).message;
      if (this.list.length === 0) this.phase = 'failed';
    }
  }
  async more() {
    if (!this.next || this.isLoadingMore) return;
    const turn = this.#turn;
    this.isLoadingMore = true;
    try {
      const page = await api.tickets.list({ ...this.#query(), limit: PAGE, cursor: this.next });
      if (turn !== this.#turn) return;
      const known = new Set(this.list.map((t) => t.id));
      this.list = [...this.list, ...page.items.filter((t) => !known.has(t.id))];
      this.next = page.next;
    } catch (problem) {
      this.error = (problem as Error).message;
    } finally {
      this.isLoadingMore = false;
    }
  }
  take(ticket: Ticket) {
    if (this.search) {
      this.list = this.list.map((t) => (t.id === ticket.id ? ticket : t));
    } else {
      const isShown = belongs(ticket, this.view, this.me) && (this.sort === 'activity' || ticket.due_at !== null);
      this.list = place(this.list, ticket, isShown, this.next !== null, this.sort);
    }
  }
  /** A burst of changes (an album arriving) becomes one fetch. */
  changed(change: TicketChange | 'resync') {
    if (change === 'resync') return void this.refresh();
    this.#changed.add(change.ticket_id);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#catchUp();
    }, 120);
  }
  async #catchUp() {
    const ids = [...this.#changed];
    this.#changed.clear();
    if (this.search || ids.length > SINGLE_FETCHES_MAX) return this.refresh();
    const fresh = await Promise.allSettled(ids.map((id) => api.tickets.get(id)));
    for (const one of fresh) if (one.status === 'fulfilled') this.take(one.value);
  }
  #query(): api.TicketQuery {
    return this.search ? { q: this.search } : { ...viewQuery(this.view), sort: this.sort };
  }
}
export const tickets = new Tickets();
