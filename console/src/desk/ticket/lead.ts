// What an agent does about flows on a ticket, by button and by key: the outcome is said, and what to do next.
import { toasts } from '../../lib/toasts.svelte';
import { linkTo, route } from '../route.svelte';
import { ui } from '../ui.svelte';
import { titled } from '../words';
import type { Conversation } from './conversation.svelte';

export async function takeOver(conversation: Conversation) {
  if (!conversation.isLed) return toasts.show('No flow leads this customer: you can simply answer.');
  try {
    await conversation.lead('take_over');
    ui.isPanelSheetOpen = false;
    toasts.show('The flow has ended. The customer waits for you now.', 'success');
    ui.compose('reply');
  } catch (problem) {
    toasts.error(problem);
    // It may have ended by itself meanwhile.
    void conversation.refresh();
  }
}

export function openFlows(conversation: Conversation) {
  if (conversation.isLed) return toasts.show('A flow leads this customer already. Take over first, then start another.');
  ui.isPanelSheetOpen = false;
  ui.isFlowPickerOpen = true;
}

/** Leads to the ticket and into the reply: whoever changes a visit or a return tells the customer. */
export const tellCustomer = (ticket: string) => ({
  label: 'Tell the customer',
  run: () => {
    route.go(linkTo(route.view, ticket));
    // Another ticket's page begins with nothing open; the reply comes after it.
    requestAnimationFrame(() => ui.compose('reply'));
  },
});

/** The search beside the conversation; the sheet of details would lie over it. */
export function openArticles() {
  ui.isPanelSheetOpen = false;
  ui.isArticlePickerOpen = true;
}

/** Throws what the server refused, for the dialog to say. */
export async function startFlow(conversation: Conversation, flow: string) {
  await conversation.lead({ begin: flow });
  toasts.show(`${titled(flow)} leads the customer now. You can take over at any time.`, 'success');
}
