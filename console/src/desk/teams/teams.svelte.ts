// The teams with their members and what each has in hand; read when a page or a picker needs them.
import * as api from '../../api/calls';
import type { Promised, Team } from '../../api/types';
import { toasts } from '../../lib/toasts.svelte';
import type { TicketChange } from '../live.svelte';

const SETTLE_MS = 800;

class Teams {
  list = $state.raw<Team[]>([]);
  promises = $state.raw<Promised[]>([]);
  isLoaded = $state(false);
  error = $state('');
  #timer: ReturnType<typeof setTimeout> | undefined;

  async refresh() {
    try {
      const [teams, promises] = await Promise.all([api.teams.list(), api.teams.promises()]);
      this.list = teams.items;
      this.promises = promises.items;
      this.isLoaded = true;
      this.error = '';
    } catch (problem) {
      this.error = (problem as Error).message;
    }
  }
  /** What somebody has in hand changes with every ticket: a burst of changes is one look. */
  changed(change: TicketChange | 'resync') {
    if (change !== 'resync' && change.what !== 'ticket') return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.refresh();
    }, SETTLE_MS);
  }
  named(name: string | null): Team | null {
    return this.list.find((team) => team.name === name) ?? null;
  }
  /** Whether somebody is there; `null` for who is in no team. */
  isThere(user: string | undefined): boolean | null {
    return this.list.flatMap((team) => team.members).find((member) => member.user_id === user)?.is_there ?? null;
  }
  /** Oneself, or somebody else. */
  async setThere(user_id: string | null, is_there: boolean) {
    try {
      await api.teams.presence(user_id ? { is_there, user_id } : { is_there });
      await this.refresh();
    } catch (problem) {
      toasts.error(problem);
    }
  }
}
export const teams = new Teams();
