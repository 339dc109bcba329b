// A conversation that is tried against a text: every line that is added plays all of them again, so that
// a changed text shows at once how the same conversation would have gone.
import * as api from '../../api/calls';
import type { FlowLanguage } from '../../api/types';
import { askedOf, photoLines, readTalk } from './talk';

export class Trial {
  language = $state<FlowLanguage>('en');
  lines = $state.raw<string[]>([]);
  told = $state.raw<string[]>([]);
  error = $state('');
  isPlaying = $state(false);
  readonly talk = $derived(readTalk(this.told));
  readonly asked = $derived(askedOf(this.told));
  #asked = 0;

  async add(source: string, ...lines: string[]) {
    const before = this.lines;
    this.lines = [...before, ...lines];
    // A line that cannot be played is taken back.
    if (!(await this.play(source)) && this.lines.length === before.length + lines.length) this.lines = before;
  }
  addPhoto(source: string, verdict: string, findings: string[]) {
    const count = this.lines.filter((line) => line.startsWith('photo ')).length;
    return this.add(source, ...photoLines(count, verdict, findings));
  }
  async play(source: string): Promise<boolean> {
    const asked = ++this.#asked;
    if (!this.lines.length) {
      this.told = [];
      this.error = '';
      return true;
    }
    this.isPlaying = true;
    try {
      const { lines } = await api.flows.play({ source, language: this.language, lines: this.lines });
      if (asked === this.#asked) {
        this.told = lines;
        this.error = '';
      }
      return true;
    } catch (problem) {
      if (asked === this.#asked) this.error = (problem as Error).message;
      return false;
    } finally {
      if (asked === this.#asked) this.isPlaying = false;
    }
  }
  restart() {
    this.#asked++;
    this.lines = [];
    this.told = [];
    this.error = '';
    this.isPlaying = false;
  }
}
