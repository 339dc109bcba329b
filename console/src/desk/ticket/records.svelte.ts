// The ticket's visits and returns, for the panel beside it; an event in the ticket may have changed them.
import * as api from '../../api/calls';
import type { Return, Visit } from '../../api/types';
import type { TicketChange } from '../live.svelte';
import { isMoved } from '../visits/days';

const SETTLE_MS = 150;

export class Records {
  readonly ticket: string;
  visits = $state.raw<Visit[]>([]);
  returns = $state.raw<Return[]>([]);
  error = $state('');
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ticket: string) {
    this.ticket = ticket;
  }
  async refresh() {
    try {
      const [visits, returns] = await Promise.all([
        api.visits.list({ ticket: this.ticket }),
        api.returns.list({ ticket: this.ticket }),
      ]);
      this.visits = visits.items.filter((visit) => !isMoved(visit));
      this.returns = returns.items;
      this.error = '';
    } catch (problem) {
      this.error = (problem as Error).message;
    }
  }
  changed(change: TicketChange | 'resync') {
    if (change !== 'resync' && (change.ticket_id !== this.ticket || change.what !== 'event')) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.refresh();
    }, SETTLE_MS);
  }
}
