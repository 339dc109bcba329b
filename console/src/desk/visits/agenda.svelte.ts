// The agenda: the visits of a day or a week, of all technicians or of one, kept live.
import * as api from '../../api/calls';
import type { Technician, Visit } from '../../api/types';
import type { TicketChange } from '../live.svelte';
import { byDay, daysFrom, firstOf, isMoved, step, type Span } from './days';

/** What happens to visits comes in bursts; the agenda is fetched at most this often. */
const SETTLE_MS = 400;

class Agenda {
  span = $state<Span>('week');
  first = $state(firstOf('week', Date.now()));
  technician = $state('');
  visits = $state.raw<Visit[]>([]);
  technicians = $state.raw<Technician[]>([]);
  isLoaded = $state(false);
  error = $state('');
  days = $derived(byDay(this.visits, daysFrom(this.span, this.first)));
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  async refresh() {
    const turn = ++this.#turn;
    const query = {
      from: new Date(this.first).toISOString(),
      until: new Date(step(this.span, this.first, 1)).toISOString(),
      technician: this.technician || undefined,
    };
    try {
      const [visits, technicians] = await Promise.all([api.visits.list(query), api.technicians.list()]);
      if (turn !== this.#turn) return;
      this.visits = visits.items.filter((visit) => !isMoved(visit));
      this.technicians = technicians.items;
      this.isLoaded = true;
      this.error = '';
    } catch (problem) {
      if (turn === this.#turn) this.error = (problem as Error).message;
    }
  }
  changed(change: TicketChange | 'resync') {
    if (change !== 'resync' && change.what !== 'event') return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.refresh();
    }, SETTLE_MS);
  }
  move(by: 1 | -1) {
    this.show(this.span, step(this.span, this.first, by));
  }
  today() {
    this.show(this.span, Date.now());
  }
  show(span: Span, at = this.first) {
    this.span = span;
    this.first = firstOf(span, at);
    void this.refresh();
  }
  of(technician: string) {
    this.technician = technician;
    void this.refresh();
  }
}
export const agenda = new Agenda();
