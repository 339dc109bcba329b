// A stateful stand-in for the server's timeline: it keeps messages, answers like the contract says,
// and can hold an answer back until the test lets it go.
import type { FlowWish, Message, NewMessage, Ticket, TicketFlow, TimelineItem } from '../../api/types';
import { message, said, ticket, ticketFlow } from './fixtures';

export class FakeServer {
  ticket: Ticket = ticket();
  flow: TicketFlow | null = null;
  items: TimelineItem[] = [];
  /** The next answers to a message that is sent: an error to give, if any. */
  refusals: { status: number; code: string; message: string }[] = [];
  calls: string[] = [];
  #gate: Promise<void> | null = null;
  #next = 1;

  /** From now on the answers to sends wait; call what is returned to let them go. */
  hold(): () => void {
    let release = () => {};
    this.#gate = new Promise((resolve) => (release = resolve));
    return () => {
      this.#gate = null;
      release();
    };
  }
  say(parts: Partial<Message>): Message {
    const n = String(this.#next++).padStart(3, '0');
    const one = message({ id: `M${n}`, sent_at: `2026-05-20T10:00:00.${n}Z`, ...parts });
    this.items.push(said(one));
    return one;
  }
  fetch = async (request: Request): Promise<Response> => {
    const { pathname, searchParams } = new URL(request.url);
    const path = pathname.replace('/api/v1', '');
    this.calls.push(`${request.method} ${path}`);
    const json = (body: unknown, status = 200) => Response.json(body, { status });
    if (path === '/tickets/T1') return json(this.ticket);
    if (path === '/tickets/T1/read') return new Response(null, { status: 204 });
    if (path === '/tickets/T1/flow') return json(request.method === 'POST' ? this.#lead(await request.json()) : this.flow);
    if (path === '/tickets/T1/timeline') return json(this.#page(searchParams));
    if (path === '/tickets/T1/messages') return this.#take((await request.json()) as NewMessage);
    const retried = /^\/messages\/(.+)\/retry$/.exec(path)?.[1];
    if (retried) return json(this.#change(retried, { status: 'queued', error: null }));
    return json({ error: { code: 'not_found', message: 'No such address.' } }, 404);
  };
  /** As the server does: one flow at a time, and none is left after a person took over. */
  #lead(wish: FlowWish): TicketFlow | null {
    if (wish === 'take_over') this.flow &&= { ...this.flow, ending: 'handed_over', step: null, doing: null };
    else this.flow = ticketFlow({ flow: wish.begin });
    return this.flow;
  }
  #page(query: URLSearchParams) {
    const newest = this.items.toReversed();
    const [from, limit] = [Number(query.get('cursor') ?? 0), Number(query.get('limit') ?? 50)];
    const next = from + limit < newest.length ? String(from + limit) : null;
    return { items: newest.slice(from, from + limit), next };
  }
  async #take(body: NewMessage): Promise<Response> {
    const refusal = this.refusals.shift();
    if (refusal) {
      const { status, ...error } = refusal;
      return Response.json({ error }, { status });
    }
    const taken = this.say({ direction: 'out', text: body.text ?? null, status: 'queued' });
    await this.#gate;
    return Response.json(taken, { status: 201 });
  }
  #change(id: string, parts: Partial<Message>): Message {
    const item = this.items.find((i) => i.type === 'message' && i.message.id === id);
    if (item?.type !== 'message') throw new Error(`no message ${id}`);
    item.message = { ...item.message, ...parts };
    return item.message;
  }
}
