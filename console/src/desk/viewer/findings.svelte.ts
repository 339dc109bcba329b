// What was said of the pictures that were opened: fetched when one is, and again when a new analysis came.
import { SvelteMap } from 'svelte/reactivity';
import { attachments } from '../../api/calls';
import type { Attachment, FileAnalysis } from '../../api/types';

type Entry = { version: string; phase: 'loading' | 'ready' | 'failed'; analysis: FileAnalysis | null };
/** A long afternoon of pictures; the oldest is fetched again when somebody comes back to it. */
const KEPT_MAX = 60;

/** What was made black is no longer said: the findings are others then. */
const versionOf = ({ analysis, redaction_count }: Attachment) =>
  analysis ? `${analysis.number}.${analysis.is_complete}.${redaction_count}` : 'none';

class Findings {
  #entries = new SvelteMap<string, Entry>();

  of = (attachment: Attachment): FileAnalysis | null => this.#entries.get(attachment.id)?.analysis ?? null;
  phase = (attachment: Attachment): Entry['phase'] => this.#entries.get(attachment.id)?.phase ?? 'loading';

  async load(attachment: Attachment) {
    const version = versionOf(attachment);
    const known = this.#entries.get(attachment.id);
    if (known?.version === version && known.phase !== 'failed') return;
    const before = known?.analysis ?? null;
    // What was said first stays in view until the rest is here.
    this.#keep(attachment.id, { version, phase: before ? 'ready' : 'loading', analysis: before });
    try {
      const { current } = await attachments.findings(attachment.id);
      if (this.#entries.get(attachment.id)?.version !== version) return;
      this.#keep(attachment.id, { version, phase: 'ready', analysis: current });
    } catch {
      this.#keep(attachment.id, { version, phase: before ? 'ready' : 'failed', analysis: before });
    }
  }
  #keep(id: string, entry: Entry) {
    this.#entries.delete(id);
    this.#entries.set(id, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > KEPT_MAX && oldest !== undefined) this.#entries.delete(oldest);
  }
}
export const findings = new Findings();
