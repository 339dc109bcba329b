// Going to a message or a note that may not be on the page yet: older ones are fetched until it is.
import type { Conversation } from './conversation.svelte';

/** Pages that are fetched for it at most. */
const PAGES_MAX = 60;
const PAUSE_MS = 60;

type Wanted = { message: string | null; event: string | null };

/** The key of the row in which it stands; `null` when the ticket does not have it. */
export async function loaded(conversation: Conversation, wanted: Wanted): Promise<string | null> {
  if (!wanted.message && !wanted.event) return null;
  for (let page = 0; page < PAGES_MAX; page++) {
    const key = rowOf(conversation, wanted);
    if (key || !conversation.older || conversation.error) return key;
    // Somebody else may be fetching the same page.
    if (!(await conversation.loadOlder())) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return rowOf(conversation, wanted);
}

function rowOf({ rows }: Conversation, { message, event }: Wanted): string | null {
  const found = rows.find((row) => {
    if (row.type === 'day') return false;
    if ('messages' in row) return row.messages.some((one) => one.id === message);
    return row.event.id === event;
  });
  return found?.key ?? null;
}
