// The ticket that is open, for the keyboard; and the panel beside it, which is a sheet on narrow windows.
import { settings } from '../settings.svelte';
import { ui } from '../ui.svelte';
import type { Conversation } from './conversation.svelte';

export const WIDE = '(min-width: 1180px)';

class Current {
  conversation = $state.raw<Conversation | null>(null);
  togglePanel() {
    if (window.matchMedia(WIDE).matches) settings.setPanelShown(!settings.isPanelShown);
    else ui.isPanelSheetOpen = !ui.isPanelSheetOpen;
  }
}
export const current = new Current();
