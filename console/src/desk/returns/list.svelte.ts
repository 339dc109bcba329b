// Returns by where they stand, kept live; the page of one return takes its fresh self from here as well.
import * as api from '../../api/calls';
import type { Return } from '../../api/types';
import type { TicketChange } from '../live.svelte';
import { groups, type Group } from './words';

const SETTLE_MS = 400;
const PAGE = 50;

export class ReturnGroup {
  readonly group: Group;
  items = $state.raw<Return[]>([]);
  next = $state<string | null>(null);

  constructor(group: Group) {
    this.group = group;
  }
  async load(cursor?: string) {
    const limit = cursor ? PAGE : Math.max(PAGE, Math.min(200, this.items.length));
    const page = await api.returns.list({ state: this.group.states.join(','), limit, cursor });
    this.items = cursor ? [...this.items, ...page.items] : page.items;
    this.next = page.next;
  }
}

class Returns {
  groups = groups.map((group) => new ReturnGroup(group));
  isLoaded = $state(false);
  error = $state('');
  #timer: ReturnType<typeof setTimeout> | undefined;

  async refresh() {
    await this.#trying(async () => {
      await Promise.all(this.groups.map((group) => group.load()));
      this.isLoaded = true;
    });
  }
  async more(group: ReturnGroup) {
    await this.#trying(() => group.load(group.next ?? undefined));
  }
  changed(change: TicketChange | 'resync') {
    if (change !== 'resync' && change.what !== 'event') return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.refresh();
    }, SETTLE_MS);
  }
  async #trying(run: () => Promise<void>) {
    try {
      await run();
      this.error = '';
    } catch (problem) {
      this.error = (problem as Error).message;
    }
  }
}
export const returns = new Returns();
