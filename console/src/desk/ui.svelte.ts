// What is open on the page at this moment; the keyboard and the buttons both act through it.
import { SvelteSet } from 'svelte/reactivity';
import type { Message, Region, Visit } from '../api/types';

class Ui {
  isPanelSheetOpen = $state(false);
  isShortcutsOpen = $state(false);
  isSearchOpen = $state(false);
  isStatusMenuOpen = $state(false);
  isSnoozeMenuOpen = $state(false);
  isFlowPickerOpen = $state(false);
  isArticlePickerOpen = $state(false);
  isBookingOpen = $state(false);
  isReturnFormOpen = $state(false);
  /** The visit that is looked at, and what is to be done with it at once. */
  visit = $state.raw<Visit | null>(null);
  visitTo = $state<'nothing' | 'moving' | 'calling off'>('nothing');
  mode = $state<'reply' | 'note'>('reply');
  replyTo = $state.raw<Message | null>(null);
  /** The attachment in the photo viewer. */
  picture = $state<string | null>(null);
  /** The line in it that somebody looked for. */
  lit = $state.raw<Region | null>(null);
  /** Attachments that somebody wanted to see before they were read. */
  readonly revealed = new SvelteSet<string>();
  /** Goes up each time the composer is asked to take the focus. */
  focusComposer = $state(0);
  announcement = $state('');
  /** Files that another part of the page made, for the reply to take up. */
  handed = $state.raw<File[]>([]);

  compose(mode: 'reply' | 'note') {
    this.mode = mode;
    this.focusComposer++;
  }
  quote(message: Message) {
    this.replyTo = message;
    this.compose('reply');
  }
  openVisit(visit: Visit, to: Ui['visitTo'] = 'nothing') {
    this.visitTo = to;
    this.visit = visit;
  }
  /** Another ticket: nothing of the last one stays open. */
  reset() {
    this.isPanelSheetOpen = false;
    this.isStatusMenuOpen = false;
    this.isSnoozeMenuOpen = false;
    this.isFlowPickerOpen = false;
    this.isArticlePickerOpen = false;
    this.isBookingOpen = false;
    this.isReturnFormOpen = false;
    this.visit = null;
    this.mode = 'reply';
    this.replyTo = null;
    this.picture = null;
    this.lit = null;
    this.handed = [];
  }
}
export const ui = new Ui();
