// What an agent has begun to write, per ticket, so that neither a reload nor another ticket loses it.
import { load, save } from '../settings.svelte';

export type Draft = { reply: string; note: string };
const keyOf = (ticket: string) => `draft:${ticket}`;

export function readDraft(ticket: string): Draft {
  try {
    const kept = JSON.parse(load(keyOf(ticket)) ?? '{}') as Partial<Draft>;
    return { reply: String(kept.reply ?? ''), note: String(kept.note ?? '') };
  } catch {
    return { reply: '', note: '' };
  }
}
export function keepDraft(ticket: string, draft: Draft) {
  const isEmpty = !draft.reply.trim() && !draft.note.trim();
  save(keyOf(ticket), isEmpty ? null : JSON.stringify(draft));
}
