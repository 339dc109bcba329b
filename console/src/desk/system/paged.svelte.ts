// A list on the System page: fetched page by page, and an entry leaves it once it has been dealt with.
import type { Page } from '../../api/types';
import { toasts } from '../../lib/toasts.svelte';
import { systemState } from './state.svelte';

export class Paged<T extends { id: string | number }> {
  items = $state.raw<T[]>([]);
  next = $state<string | null>(null);
  error = $state('');
  isLoaded = $state(false);
  busy = $state<T['id'] | null>(null);
  #fetch: (cursor?: string) => Promise<Page<T>>;

  constructor(fetch: (cursor?: string) => Promise<Page<T>>) {
    this.#fetch = fetch;
  }
  async load(cursor?: string) {
    try {
      const page = await this.#fetch(cursor);
      this.items = cursor ? [...this.items, ...page.items] : page.items;
      this.next = page.next;
      this.error = '';
    } catch (problem) {
      this.error = (problem as Error).message;
    }
    this.isLoaded = true;
  }
  async act(item: T, run: (id: T['id']) => Promise<unknown>, done: string) {
    this.busy = item.id;
    try {
      await run(item.id);
      this.items = this.items.filter((i) => i.id !== item.id);
      toasts.show(done, 'success');
      void systemState.refresh();
    } catch (problem) {
      toasts.error(problem);
    } finally {
      this.busy = null;
    }
  }
}
