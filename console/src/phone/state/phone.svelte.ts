// Everything the page knows, in one place: the sandbox's state, the chats that
// were opened, who is typing, what is on its way. The server is the record;
// this refetches whenever it says that something changed.
import type { ChatMessage, Customer, Knobs, SandboxState } from '../logic/types';
import { now } from '../../lib/now.svelte';
import { toasts } from '../../lib/toasts.svelte';
import { api, type Outgoing } from './api';
import { listen } from './live';
import { once } from './once';

export interface Pending {
  key: number;
  as: string;
  text: string;
  files: number;
  error: string | null;
  retry: () => void;
}

const TYPING_MS = 25_000;

export class Phone {
  state = $state.raw<SandboxState | null>(null);
  chats = $state.raw<Record<string, ChatMessage[]>>({});
  pending = $state<Record<string, Pending[]>>({});
  typing = $state<Record<string, number>>({});
  openId = $state<string | null>(null);
  isOnline = $state(false);
  hasFailedToStart = $state(false);
  clockSkewMs = $state(0);

  readonly customers = $derived(byActivity(this.state?.customers ?? []));
  readonly open = $derived(this.customers.find((customer) => customer.id === this.openId) ?? null);
  /** The sandbox's virtual now. */
  readonly nowMs = $derived(now.ms + this.clockSkewMs);
  readonly business = $derived(this.state?.numbers[0]?.verified_name ?? 'The business');

  #nextKey = 1;
  /** The newest message of each chat that was reported as seen: once is enough. */
  #seen = new Map<string, string>();
  #stateOnce = once(() => this.#refreshState());
  #chatOnce = new Map<string, () => Promise<void>>();

  /** Starts listening; the returned function stops it. */
  start(): () => void {
    const stop = listen({
      chat: (id) => {
        if (id === this.openId || id in this.chats || id in this.typing) void this.refreshChat(id);
        void this.#stateOnce();
      },
      typing: (id) => this.#startTyping(id),
      state: () => void this.#stateOnce(),
      open: () => {
        this.isOnline = true;
        void this.#stateOnce();
        if (this.openId !== null) void this.refreshChat(this.openId);
      },
      lost: () => {
        this.isOnline = false;
        this.hasFailedToStart = this.state === null;
      },
    });
    const onVisible = () => void this.markSeen();
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      document.removeEventListener('visibilitychange', onVisible);
      stop();
    };
  }

  show(id: string | null): void {
    this.openId = id;
    if (id !== null) void this.refreshChat(id);
  }

  async addCustomer(customer: { phone?: string; name?: string; username?: string }): Promise<void> {
    const added = await api.addCustomer(customer);
    await this.#stateOnce();
    this.show(added.id);
  }

  /** Sends in the background; what is on its way is visible, and what failed can be tried again. */
  send(fields: Outgoing, files: File[] = []): void {
    const id = this.openId;
    if (id === null) return;
    const key = this.#nextKey++;
    const attempt = () => {
      this.#setPending(id, key, null);
      void api.send(id, fields, files).then(
        async () => {
          await this.refreshChat(id);
          this.#dropPending(id, key);
        },
        (error: unknown) => this.#setPending(id, key, words(error)),
      );
    };
    const entry = { key, as: fields['as'] ?? 'text', text: fields['text'] ?? '', files: files.length, error: null, retry: attempt };
    this.pending[id] = [...(this.pending[id] ?? []), entry];
    attempt();
  }

  forget(id: string, key: number): void {
    this.#dropPending(id, key);
  }

  async refreshChat(id: string): Promise<void> {
    let run = this.#chatOnce.get(id);
    if (run === undefined) {
      run = once(() => this.#loadChat(id));
      this.#chatOnce.set(id, run);
    }
    await run();
  }

  /** Tells the sandbox that the open chat is on the customer's screen. */
  async markSeen(): Promise<void> {
    const id = this.openId;
    if (id === null || document.visibilityState !== 'visible') return;
    const last = newest(this.chats[id] ?? []);
    if (last === undefined || this.#seen.get(id) === last) return;
    this.#seen.set(id, last);
    await api.seen(id).catch(() => this.#seen.delete(id));
  }

  async setKnobs(change: Partial<Knobs>): Promise<void> {
    await this.attempt(async () => this.#adoptKnobs(await api.setKnobs(change)));
  }

  async resetKnobs(): Promise<void> {
    await this.attempt(async () => this.#adoptKnobs(await api.resetKnobs()));
  }

  async advance(seconds: number): Promise<void> {
    await this.attempt(async () => {
      await api.advance(seconds);
      await this.#stateOnce();
    });
  }

  async reset(): Promise<void> {
    await this.attempt(async () => {
      await api.reset();
      this.chats = {};
      this.#seen.clear();
      this.pending = {};
      this.openId = null;
      await this.#stateOnce();
    });
  }

  async changeCustomer(id: string, change: { phone?: string; name?: string; username?: string; bsuid_only?: boolean }): Promise<boolean> {
    return this.attempt(async () => {
      await api.changeCustomer(id, change);
      await this.#stateOnce();
    });
  }

  /** Runs an action of the page; its failure becomes a toast. */
  async attempt(action: () => Promise<unknown>): Promise<boolean> {
    try {
      await action();
      return true;
    } catch (error) {
      toasts.error(error);
      return false;
    }
  }

  async #refreshState(): Promise<void> {
    try {
      const state = await api.state();
      this.clockSkewMs = Date.parse(state.now) - Date.now();
      this.state = state;
      this.hasFailedToStart = false;
      if (this.openId !== null && !state.customers.some((customer) => customer.id === this.openId)) this.openId = null;
    } catch {
      this.hasFailedToStart = this.state === null;
    }
  }

  async #loadChat(id: string): Promise<void> {
    try {
      const messages = await api.messages(id);
      if (newest(messages) !== newest(this.chats[id] ?? [])) this.#stopTyping(id);
      this.chats = { ...this.chats, [id]: messages };
      if (id === this.openId) await this.markSeen();
    } catch (error) {
      if (id === this.openId && this.isOnline) toasts.error(error);
    }
  }

  #adoptKnobs(knobs: Knobs): void {
    if (this.state !== null) this.state = { ...this.state, knobs };
  }

  #startTyping(id: string): void {
    const until = Date.now() + TYPING_MS;
    this.typing[id] = until;
    setTimeout(() => {
      if (this.typing[id] === until) this.#stopTyping(id);
    }, TYPING_MS);
  }

  #stopTyping(id: string): void {
    if (id in this.typing) delete this.typing[id];
  }

  #setPending(id: string, key: number, error: string | null): void {
    for (const entry of this.pending[id] ?? []) if (entry.key === key) entry.error = error;
  }

  #dropPending(id: string, key: number): void {
    this.pending[id] = (this.pending[id] ?? []).filter((entry) => entry.key !== key);
  }
}

export const phone = new Phone();

function byActivity(customers: Customer[]): Customer[] {
  const moment = (customer: Customer) => (customer.last_message ? Date.parse(customer.last_message.at) : Number.MAX_SAFE_INTEGER);
  return [...customers].sort((a, b) => moment(b) - moment(a));
}

/** The newest message from the business. */
function newest(messages: ChatMessage[]): string | undefined {
  return messages.findLast((message) => message.direction === 'in')?.id;
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
