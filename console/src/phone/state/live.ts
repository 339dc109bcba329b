// Server-sent events with a reconnect of our own: EventSource gives up for good
// on an HTTP error, which is exactly what a restarting sandbox answers.

export interface Events {
  chat(customerId: string): void;
  typing(customerId: string): void;
  state(): void;
  /** Called on every (re)connection: whatever is shown may be stale. */
  open(): void;
  lost(): void;
}

const RETRY_FIRST_MS = 500;
const RETRY_MOST_MS = 8_000;

/** Listens until the returned function is called. */
export function listen(events: Events): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = RETRY_FIRST_MS;

  const connect = () => {
    source = new EventSource('/sandbox/events');
    source.onopen = () => {
      wait = RETRY_FIRST_MS;
      events.open();
    };
    source.onerror = () => {
      source?.close();
      events.lost();
      timer = setTimeout(connect, wait);
      wait = Math.min(wait * 2, RETRY_MOST_MS);
    };
    source.addEventListener('chat', (event) => withCustomer(event, events.chat));
    source.addEventListener('typing', (event) => withCustomer(event, events.typing));
    source.addEventListener('state', () => events.state());
  };
  connect();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}

function withCustomer(event: MessageEvent<string>, then: (id: string) => void): void {
  try {
    const id = (JSON.parse(event.data) as { customer_id?: unknown }).customer_id;
    if (typeof id === 'string') then(id);
  } catch {
    // A frame that is not JSON says nothing; the next one will.
  }
}
