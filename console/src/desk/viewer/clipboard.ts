// What was read goes where the agent needs it.
import { toasts } from '../../lib/toasts.svelte';

export async function copy(text: string, what: string) {
  try {
    await navigator.clipboard.writeText(text);
    toasts.show(`${what} copied.`, 'success');
  } catch (problem) {
    toasts.error(problem);
  }
}
