// The accounts and the open invitations, as those see them who keep them.
import * as api from '../../api/calls';
import type { Account, Invitation } from '../../api/types';
import { here } from '../session.svelte';

class People {
  accounts = $state.raw<Account[] | null>(null);
  invitations = $state.raw<Invitation[]>([]);
  error = $state('');

  async refresh() {
    if (!here.may('people.change')) return;
    try {
      const [accounts, invitations] = await Promise.all([api.people.accounts(), api.invitations.list()]);
      this.accounts = accounts.items;
      this.invitations = invitations.items;
      this.error = '';
    } catch (problem) {
      this.error = (problem as Error).message;
    }
  }
  /** Somebody joined, left or became something else: what others are offered changes as well. */
  async changed() {
    await this.refresh();
    here.refreshPeople();
  }
}
export const people = new People();
