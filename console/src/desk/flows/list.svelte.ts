// Every version of every flow, as the Flows page and the menu of a ticket show them; counts follow the live line.
import * as api from '../../api/calls';
import type { FlowDetail, FlowInfo, Rollout } from '../../api/types';
import type { TicketChange } from '../live.svelte';

/** Runs move often; the counts of the page are fetched at most this often. */
const SETTLE_MS = 1_000;

class FlowList {
  items = $state.raw<FlowInfo[]>([]);
  isLoaded = $state(false);
  error = $state('');
  #timer: ReturnType<typeof setTimeout> | undefined;

  async refresh() {
    try {
      this.items = (await api.flows.list()).items;
      this.isLoaded = true;
      this.error = '';
    } catch (problem) {
      this.error = (problem as Error).message;
    }
  }
  changed(change: TicketChange | 'resync') {
    if (change !== 'resync' && change.what !== 'flow') return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.refresh();
    }, SETTLE_MS);
  }
  async change(flow: FlowInfo, rollout: Rollout): Promise<FlowDetail> {
    const detail = await api.flows.change(flow.name, flow.version, rollout);
    this.take(detail.info);
    return detail;
  }
  take(info: FlowInfo) {
    const isThis = (other: FlowInfo) => other.name === info.name && other.version === info.version;
    this.items = this.items.some(isThis) ? this.items.map((f) => (isThis(f) ? info : f)) : [...this.items, info];
  }
  newest(name: string): number {
    return Math.max(0, ...this.items.filter((f) => f.name === name).map((f) => f.version));
  }
}
export const flowList = new FlowList();
