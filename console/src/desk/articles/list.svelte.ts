// Articles as a page or a dialog searches them: everything by name without words, the best first with them.
import * as api from '../../api/calls';
import type { Article } from '../../api/types';

const TYPING_MS = 200;

export class ArticleSearch {
  items = $state.raw<Article[]>([]);
  words = $state('');
  language = $state<string | null>(null);
  isLoaded = $state(false);
  /** What is shown answers other words than those in the field. */
  isStale = $state(false);
  error = $state('');
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  typed() {
    this.isStale = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.refresh(), TYPING_MS);
  }
  async refresh() {
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    const words = this.words.trim();
    try {
      const page = words ? await api.articles.search(words, this.language) : await api.articles.list();
      if (turn !== this.#turn) return;
      this.items = page.items;
      this.isLoaded = true;
      this.error = '';
    } catch (problem) {
      if (turn === this.#turn) this.error = (problem as Error).message;
    }
    if (turn === this.#turn) this.isStale = false;
  }
}
