// The files of a ticket or of a contact: the newest first, fetched page by page, and again when one of them changes.
import * as api from '../../api/calls';
import type { Page, PlacedFile } from '../../api/types';
import { hasRendition, isHeld, pages, shotId } from '../ticket/body/looks';

type Fetch = (query: api.FileQuery) => Promise<Page<PlacedFile>>;

export class FileList {
  items = $state.raw<PlacedFile[]>([]);
  next = $state<string | null>(null);
  phase = $state<'loading' | 'ready' | 'failed'>('loading');
  error = $state('');
  isLoadingMore = $state(false);
  readonly #fetch: Fetch;
  readonly #limit: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** An answer that a later question overtook is left out. */
  #asked = 0;

  constructor(fetch: Fetch, limit: number) {
    this.#fetch = fetch;
    this.#limit = limit;
  }
  async refresh() {
    const asked = ++this.#asked;
    try {
      const page = await this.#fetch({ limit: this.#limit });
      if (asked !== this.#asked) return;
      [this.items, this.next, this.phase] = [page.items, page.next, 'ready'];
    } catch (problem) {
      if (asked !== this.#asked) return;
      this.error = (problem as Error).message;
      this.phase = 'failed';
    }
  }
  /** Once for a burst of changes. */
  refreshSoon() {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.refresh();
    }, 300);
  }
  stop() {
    clearTimeout(this.#timer);
    this.#asked++;
  }
  async more() {
    if (!this.next || this.isLoadingMore) return;
    const asked = this.#asked;
    this.isLoadingMore = true;
    try {
      const page = await this.#fetch({ limit: this.#limit, cursor: this.next });
      if (asked !== this.#asked) return;
      const known = new Set(this.items.map((one) => one.attachment.id));
      this.items = [...this.items, ...page.items.filter((one) => !known.has(one.attachment.id))];
      this.next = page.next;
    } catch (problem) {
      this.error = (problem as Error).message;
    } finally {
      this.isLoadingMore = false;
    }
  }
}

/** What the viewer is told to open, where it can show something of the file. */
export function shotOf({ attachment }: PlacedFile): string | null {
  if (attachment.is_withheld || isHeld(attachment) || (attachment.mime_type ?? '').startsWith('video/')) return null;
  if (hasRendition(attachment, 'view')) return shotId(attachment, null);
  const [first] = pages(attachment);
  return first === undefined ? null : shotId(attachment, first);
}

/** Why there is nothing to see of it, in a word or two. */
export function stateOf({ attachment }: PlacedFile): string | null {
  if (attachment.is_withheld) return 'Withheld';
  if (attachment.state === 'failed') return 'Not fetched yet';
  if (attachment.state === 'expired') return 'Missing';
  if (attachment.state !== 'ready') return 'On its way';
  if (isHeld(attachment)) return 'Being read';
  return null;
}
