// The text of a version as somebody changes it: checked while it is written, published as the next version.
// A draft lasts as long as the page, so that neither another page nor the end of the session loses it.
import * as api from '../../api/calls';
import type { FlowDetail, FlowDrawing, FlowProblem } from '../../api/types';
import { flowList } from './list.svelte';
import { nameIn, withVersion } from './source';

const CHECK_AFTER_MS = 400;

export class Draft {
  readonly name: string;
  readonly version: number;
  detail = $state.raw<FlowDetail | null>(null);
  source = $state('');
  problems = $state.raw<FlowProblem[]>([]);
  /** The drawing of the last text without problems. */
  drawn = $state.raw<FlowDrawing | null>(null);
  /** The last text that the server said has no problems; what is tried. */
  good = $state<string | null>(null);
  isChecking = $state(false);
  isPublishing = $state(false);
  error = $state('');
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  constructor(name: string, version: number) {
    this.name = name;
    this.version = version;
  }
  // Nothing derived is kept: it would end with the page on which the draft was opened first.
  get isChanged() {
    return this.detail !== null && this.source !== this.detail.source;
  }
  /** The flow that it would be published as: the text may name another. */
  get target() {
    return nameIn(this.source) ?? this.name;
  }
  get nextVersion() {
    return flowList.newest(this.target) + 1;
  }
  /** Also fetches it anew, for the counts; what is being written stays. */
  async load() {
    try {
      const detail = await api.flows.get(this.name, this.version);
      const isWritten = this.isChanged;
      this.detail = detail;
      this.error = '';
      if (isWritten) return;
      this.source = detail.source;
      this.problems = detail.info.problems;
      this.drawn = detail.drawing;
      this.good = detail.info.problems.length ? null : detail.source;
    } catch (problem) {
      this.error = (problem as Error).message;
    }
  }
  write(source: string) {
    this.source = source;
    this.isChecking = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.check(), CHECK_AFTER_MS);
  }
  async check() {
    const [source, asked] = [this.source, ++this.#asked];
    try {
      const checked = await api.flows.check(source);
      // An answer to an older text says nothing about this one.
      if (asked !== this.#asked) return;
      this.problems = checked.problems;
      this.error = '';
      if (checked.problems.length === 0) {
        this.good = source;
        this.drawn = checked.drawing && withCounts(checked.drawing, this.detail);
      }
    } catch (problem) {
      if (asked === this.#asked) this.error = (problem as Error).message;
    } finally {
      if (asked === this.#asked) this.isChecking = false;
    }
  }
  /** Stores the text as the next version, switched off, and returns that. */
  async publish(): Promise<FlowDetail> {
    this.isPublishing = true;
    try {
      // A colleague may have published meanwhile.
      await flowList.refresh();
      const detail = await api.flows.publish(withVersion(this.source, this.nextVersion));
      flowList.take(detail.info);
      this.discard();
      return detail;
    } finally {
      this.isPublishing = false;
    }
  }
  discard() {
    clearTimeout(this.#timer);
    this.#asked++;
    this.isChecking = false;
    if (!this.detail) return;
    this.source = this.detail.source;
    this.problems = this.detail.info.problems;
    this.drawn = this.detail.drawing;
    this.good = this.detail.info.problems.length ? null : this.detail.source;
    this.error = '';
  }
}

/** A text that is checked has nobody on its steps; whoever stands on those of this version is still shown. */
function withCounts(drawing: FlowDrawing, detail: FlowDetail | null): FlowDrawing {
  const open = new Map(detail?.drawing?.steps.map((step) => [step.id, step.open]));
  return { ...drawing, steps: drawing.steps.map((step) => ({ ...step, open: open.get(step.id) ?? 0 })) };
}

const drafts = new Map<string, Draft>();
export function draftOf(name: string, version: number): Draft {
  const key = `${name} ${version}`;
  const draft = drafts.get(key) ?? new Draft(name, version);
  drafts.set(key, draft);
  return draft;
}
