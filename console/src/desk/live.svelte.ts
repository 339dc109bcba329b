// The line to the server: what changed arrives here, and the page shows how the line is.
// After every reconnection everything shown is fetched again, because events are not kept for us.
import type { Change } from '../api/types';

export type LineState = 'connecting' | 'live' | 'reconnecting' | 'offline';
export type TicketChange = Change & { ticket_id: string };
type Listener = (change: TicketChange | 'resync') => void;

const OFFLINE_AFTER_MS = 20_000;
const BACKOFF_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

class Line {
  state = $state<LineState>('connecting');
  #source: EventSource | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #lostAt = 0;
  #wasLive = false;
  #changes = new Set<Listener>();
  #systems = new Set<() => void>();
  #check: () => void = () => {};

  /** `check` is asked after a refusal: the session may be gone. */
  start(check: () => void) {
    this.#check = check;
    this.#wasLive = false;
    this.#failures = 0;
    this.state = 'connecting';
    window.addEventListener('online', this.#now);
    window.addEventListener('offline', this.#lost);
    this.#open();
  }
  stop() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
    window.removeEventListener('online', this.#now);
    window.removeEventListener('offline', this.#lost);
  }
  onChange(run: Listener) {
    this.#changes.add(run);
    return () => void this.#changes.delete(run);
  }
  onSystem(run: () => void) {
    this.#systems.add(run);
    return () => void this.#systems.delete(run);
  }

  #now = () => {
    this.#failures = 0;
    this.#open();
  };
  #open() {
    clearTimeout(this.#timer);
    this.#source?.close();
    const source = new EventSource('/api/v1/events');
    this.#source = source;
    source.onopen = () => this.#opened();
    source.onerror = () => this.#lost();
    source.addEventListener('change', (e) => {
      const change = JSON.parse(e.data) as Change;
      const told = change.ticket_id === null ? 'resync' : { ...change, ticket_id: change.ticket_id };
      for (const run of this.#changes) run(told);
    });
    source.addEventListener('system', () => {
      for (const run of this.#systems) run();
    });
  }
  #opened() {
    this.state = 'live';
    this.#failures = 0;
    this.#lostAt = 0;
    if (this.#wasLive) {
      for (const run of this.#changes) run('resync');
      for (const run of this.#systems) run();
    }
    this.#wasLive = true;
  }
  #lost = () => {
    this.#source?.close();
    this.#lostAt ||= Date.now();
    const isLong = Date.now() - this.#lostAt > OFFLINE_AFTER_MS;
    this.state = !navigator.onLine || isLong ? 'offline' : 'reconnecting';
    if (this.#failures === 2) this.#check();
    const wait = BACKOFF_MS[Math.min(this.#failures++, BACKOFF_MS.length - 1)];
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(), wait);
  };
}
export const line = new Line();
