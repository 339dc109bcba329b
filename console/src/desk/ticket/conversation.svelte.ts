// One ticket that is open on the page: its timeline, kept live, and what is being sent to it.
import * as api from '../../api/calls';
import type {
  Attachment,
  FlowWish,
  Message,
  NewMessage,
  Ticket,
  TicketFlow,
  TicketPatch,
  TimelineItem,
} from '../../api/types';
import type { TicketChange } from '../live.svelte';
import { tickets } from '../list/tickets.svelte';
import { here } from '../session.svelte';
import { joins, keyOf, merge, messageItem } from './merge';
import { optimistic, type Draft } from './optimistic';
import { Records } from './records.svelte';
import { rows } from './rows';

const PAGE = 50;
const REFETCH_MAX = 200;

export class Conversation {
  readonly id: string;
  ticket = $state.raw<Ticket | null>(null);
  items = $state.raw<TimelineItem[]>([]);
  /** Messages on their way to the server; they have no id there yet. */
  sending = $state.raw<Message[]>([]);
  /** How a flow leads this customer, or last did. */
  flow = $state.raw<TicketFlow | null>(null);
  older = $state<string | null>(null);
  phase = $state<'loading' | 'ready' | 'failed'>('loading');
  isLoadingOlder = $state(false);
  error = $state('');
  readonly records: Records;
  rows = $derived(rows([...this.items, ...this.sending.map(messageItem)]));
  #isClosed = false;
  #fetching = false;
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(id: string) {
    this.id = id;
    this.records = new Records(id);
    this.ticket = tickets.list.find((t) => t.id === id) ?? null;
  }
  close() {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }
  async open() {
    try {
      const [ticket, page, flow] = await Promise.all([
        api.tickets.get(this.id),
        api.tickets.timeline(this.id, { limit: PAGE }),
        api.tickets.flow(this.id),
      ]);
      this.ticket = ticket;
      this.flow = flow;
      this.items = merge([], page.items.toReversed());
      this.older = page.next;
      this.phase = 'ready';
      void this.markRead();
    } catch (problem) {
      this.error = (problem as Error).message;
      this.phase = 'failed';
    }
  }
  async loadOlder(): Promise<boolean> {
    if (!this.older || this.isLoadingOlder) return false;
    this.isLoadingOlder = true;
    try {
      const page = await api.tickets.timeline(this.id, { limit: PAGE, cursor: this.older });
      this.items = merge(page.items.toReversed(), this.items);
      this.older = page.next;
      return true;
    } catch (problem) {
      this.error = (problem as Error).message;
      return false;
    } finally {
      this.isLoadingOlder = false;
    }
  }
  changed(change: TicketChange | 'resync') {
    if (change !== 'resync' && change.ticket_id !== this.id) return;
    if (this.phase === 'failed') return void this.open();
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.refresh();
    }, 80);
  }
  /** One refresh at a time, and none while a send is under way: its answer brings the message itself. */
  async refresh() {
    if (this.#fetching || this.sending.some((m) => m.status === 'queued')) {
      this.#again = true;
      return;
    }
    this.#fetching = true;
    this.#again = false;
    try {
      const limit = Math.min(REFETCH_MAX, Math.max(PAGE, this.items.length));
      const [ticket, page, flow] = await Promise.all([
        api.tickets.get(this.id),
        api.tickets.timeline(this.id, { limit }),
        api.tickets.flow(this.id),
      ]);
      if (this.#isClosed) return;
      this.ticket = ticket;
      this.flow = flow;
      if (joins(this.items, page.items)) this.items = merge(this.items, page.items.toReversed());
      else {
        this.items = merge([], page.items.toReversed());
        this.older = page.next;
      }
      if (ticket.unread_count > 0) void this.markRead();
    } catch {
      // The line's own state tells the reader; the next change or reconnection fetches again.
    } finally {
      this.#fetching = false;
      if (this.#again && !this.#isClosed) void this.refresh();
    }
  }
  async markRead() {
    if (!this.ticket?.unread_count || document.hidden || !here.may('tickets.change')) return;
    await api.tickets.read(this.id).catch(() => {});
    if (!this.ticket) return;
    this.ticket = { ...this.ticket, unread_count: 0 };
    tickets.take(this.ticket);
  }
  async change(patch: TicketPatch) {
    this.ticket = await api.tickets.change(this.id, patch);
    tickets.take(this.ticket);
  }
  /** A person takes over from the flow, or has one begin. */
  async lead(wish: FlowWish) {
    this.flow = await api.tickets.lead(this.id, wish);
    void this.refresh();
  }
  get isLed() {
    return this.flow !== null && this.flow.ending === null;
  }
  async note(text: string) {
    const event = await api.tickets.note(this.id, text);
    this.items = merge(this.items, [{ type: 'event', at: event.at, event }]);
  }
  /** Shows the message at once; the server's own word replaces it, or it goes away and the error is thrown. */
  async send(body: NewMessage, draft: Draft) {
    const local = optimistic(this.id, draft);
    this.sending = [...this.sending, local];
    try {
      const message = await api.tickets.send(this.id, body);
      this.items = merge(this.items, [messageItem(message)]);
    } finally {
      this.sending = this.sending.filter((m) => m.id !== local.id);
      if (this.#again) void this.refresh();
    }
  }
  /** Our reaction, or `null` to take it back; it appears on the message once WhatsApp took it. */
  async react(message: Message, emoji: string | null) {
    if (message.external_id === null) return;
    await api.tickets.send(this.id, { content: { kind: 'reaction', target: message.external_id, emoji } });
  }
  async retry(message: Message) {
    const fresh = await api.messages.retry(message.id);
    this.items = merge(this.items, [messageItem(fresh)]);
  }
  async retryAttachment(attachment: Attachment) {
    this.takeAttachment(await api.attachments.retry(attachment.id));
  }
  /** A file as it is now, wherever it stands. */
  takeAttachment(fresh: Attachment) {
    this.items = this.items.map((item) => {
      if (item.type !== 'message' || !item.message.attachments.some((a) => a.id === fresh.id)) return item;
      const attachments = item.message.attachments.map((a) => (a.id === fresh.id ? fresh : a));
      return { ...item, message: { ...item.message, attachments } };
    });
  }
  find(message: string): Message | undefined {
    const item = this.items.find((i) => keyOf(i) === `m:${message}`);
    return item?.type === 'message' ? item.message : undefined;
  }
}
