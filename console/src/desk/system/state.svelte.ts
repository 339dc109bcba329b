// How the server is: the banner, the mark in the rail and the System page read the same state.
import * as api from '../../api/calls';
import type { SystemState } from '../../api/types';
import { here } from '../session.svelte';

class State {
  value = $state.raw<SystemState | null>(null);
  error = $state('');

  async refresh() {
    if (!here.may('system.read')) return;
    try {
      this.value = await api.system.get();
      this.error = '';
    } catch (problem) {
      this.error = (problem as Error).message;
    }
  }
  /** How many things want a person: quarantined bodies, dead jobs and degraded states. */
  get troubles() {
    const v = this.value;
    return v ? v.degraded.length + v.inbox.quarantined + v.dead_jobs : 0;
  }
}
export const systemState = new State();
