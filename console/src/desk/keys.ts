// The keyboard of the desk. Plain letters work wherever the reader is not typing.
import type { Right } from '../api/types';
import { toasts } from '../lib/toasts.svelte';
import { agenda } from './visits/agenda.svelte';
import { current } from './ticket/current.svelte';
import { openArticles, openFlows, takeOver } from './ticket/lead';
import { linkTo, route } from './route.svelte';
import { here } from './session.svelte';
import { ui } from './ui.svelte';

const typing = 'input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]';
/** The rows of the list of tickets, or of the page in its place. */
const rowsOf = () => [...document.querySelectorAll<HTMLElement>('[data-ticket], [data-row]')];

export const shortcuts: { keys: string[]; does: string }[] = [
  { keys: ['j', '↓'], does: 'Next row' },
  { keys: ['k', '↑'], does: 'Previous row' },
  { keys: ['Enter'], does: 'Open the row' },
  { keys: ['u'], does: 'Back to the list' },
  { keys: ['/'], does: 'Search' },
  { keys: ['r'], does: 'Reply' },
  { keys: ['n'], does: 'Write a note' },
  { keys: ['a'], does: 'Assign to me' },
  { keys: ['s'], does: 'Change the status' },
  { keys: ['z'], does: 'Put the ticket aside, or bring it back' },
  { keys: ['t'], does: 'Take over from a flow' },
  { keys: ['f'], does: 'Start a flow' },
  { keys: ['h'], does: 'Find an article that helps, and send it' },
  { keys: ['v'], does: 'Book a visit' },
  { keys: ['o'], does: 'Open a return' },
  { keys: ['i'], does: 'Show or hide the details' },
  { keys: ['Ctrl', 'Enter'], does: 'Send' },
  { keys: ['Esc'], does: 'Leave the field, close what is open' },
  { keys: ['?'], does: 'This sheet' },
];
export const agendaShortcuts: { keys: string[]; does: string }[] = [
  { keys: ['←', '→'], does: 'Earlier and later' },
  { keys: ['t'], does: 'Today' },
  { keys: ['w'], does: 'A week' },
  { keys: ['d'], does: 'A day' },
];
export const viewerShortcuts: { keys: string[]; does: string }[] = [
  { keys: ['←', '→'], does: 'Previous and next picture of the ticket' },
  { keys: ['Home', 'End'], does: 'First and last picture' },
  { keys: ['+', '−'], does: 'Zoom' },
  { keys: ['0'], does: 'Fit to the window' },
  { keys: ['r', 'R'], does: 'Rotate; to the other side' },
  { keys: ['b', 'B'], does: 'Brighter, darker' },
  { keys: ['k', 'K'], does: 'More and less contrast' },
  { keys: ['n'], does: 'Light and contrast as they are' },
  { keys: ['g'], does: 'Magnifying glass; arrows move it' },
  { keys: ['v'], does: 'Compare two pictures; arrows change the second' },
  { keys: ['a'], does: 'Draw on a copy for the customer' },
  { keys: ['x'], does: 'Make parts black for good' },
  { keys: ['y'], does: 'Copy the text' },
  { keys: ['d'], does: 'Download the original (recorded)' },
  { keys: ['t'], does: 'Show where text stands' },
  { keys: ['c'], does: 'Show codes' },
  { keys: ['m'], does: 'Show numbers, dates and amounts' },
  { keys: ['p'], does: 'Show personal data' },
  { keys: ['f'], does: 'Show faces' },
  { keys: ['e'], does: 'Show traces of editing' },
  { keys: ['q'], does: 'Show what troubles the picture' },
  { keys: ['i'], does: 'Show or hide the findings' },
];
export const drawingShortcuts: { keys: string[]; does: string }[] = [
  { keys: ['s', 'a', 'o', 'b', 'p', 't', 'n'], does: 'Select, arrow, ellipse, box, pen, text, step' },
  { keys: ['1', '…', '5'], does: 'Colour' },
  { keys: ['Enter'], does: 'Put one in the middle' },
  { keys: ['[', ']'], does: 'Choose the mark before and after' },
  { keys: ['↑', '↓', '←', '→'], does: 'Move it; with Shift by more' },
  { keys: ['+', '−'], does: 'Larger, smaller' },
  { keys: ['Del'], does: 'Remove it' },
  { keys: ['Ctrl', 'Z'], does: 'Undo; with Shift again' },
  { keys: ['Esc'], does: 'Leave the drawing' },
];

function move(by: 1 | -1) {
  const all = rowsOf();
  const focused = all.indexOf(document.activeElement as HTMLElement);
  const open = all.findIndex((row) => row.dataset.ticket === route.ticket);
  const from = focused >= 0 ? focused : open;
  const to = all[from < 0 ? 0 : Math.min(all.length - 1, Math.max(0, from + by))];
  to?.focus();
  to?.scrollIntoView({ block: 'nearest' });
}

function backToList() {
  const ticket = route.ticket;
  route.go(linkTo(route.view));
  requestAnimationFrame(() =>
    rowsOf()
      .find((row) => row.dataset.ticket === ticket)
      ?.focus(),
  );
}

async function assignToMe() {
  const conversation = current.conversation;
  if (!conversation?.ticket || !here.user) return;
  if (conversation.ticket.assignee?.id === here.user.id) return toasts.show('This ticket is yours already.');
  try {
    await conversation.change({ assignee_id: here.user.id });
    toasts.show(`Ticket #${conversation.ticket.number} is yours.`, 'success');
  } catch (problem) {
    toasts.error(problem);
  }
}

const anywhere: Record<string, () => void> = {
  j: () => move(1),
  k: () => move(-1),
  '/': () => {
    // A page with a search of its own has that; elsewhere everything is searched.
    const own = document.querySelector<HTMLElement>('[data-search]');
    if (own) own.focus();
    else ui.isSearchOpen = true;
  },
  '?': () => (ui.isShortcutsOpen = true),
};
const onTicket: Record<string, () => void> = {
  r: () => ui.compose('reply'),
  n: () => ui.compose('note'),
  a: () => void assignToMe(),
  s: () => (ui.isStatusMenuOpen = true),
  z: () => (ui.isSnoozeMenuOpen = true),
  u: backToList,
  t: () => current.conversation && void takeOver(current.conversation),
  f: () => current.conversation && openFlows(current.conversation),
  h: () => openArticles(),
  v: () => (ui.isBookingOpen = true),
  o: () => (ui.isReturnFormOpen = true),
  i: () => current.togglePanel(),
};
/** What a key needs of whoever presses it. */
const needs: Record<string, Right> = {
  ...Object.fromEntries(['r', 'n', 'a', 's', 'z', 't', 'f', 'h'].map((key) => [key, 'tickets.change'] as const)),
  v: 'visits.change',
  o: 'returns.change',
};
const allowed = (keys: Record<string, () => void>) =>
  Object.fromEntries(Object.entries(keys).filter(([key]) => !needs[key] || here.may(needs[key])));
const onAgenda: Record<string, () => void> = {
  ArrowLeft: () => agenda.move(-1),
  ArrowRight: () => agenda.move(1),
  t: () => agenda.today(),
  w: () => agenda.show('week'),
  d: () => agenda.show('day'),
};
const backTo = (hash: string): Record<string, () => void> => ({ u: () => route.go(hash) });

/** What the keys do on the page that is shown, beside those that work anywhere. */
function onPage(): Record<string, () => void> {
  const { place } = route;
  if (place.page === 'tickets') return place.ticket ? allowed(onTicket) : {};
  if (place.page === 'visits') return onAgenda;
  if (place.page === 'system' || place.page === 'flows' || place.page === 'teams') return {};
  return backTo(`#/${place.page}`);
}

export function handleKey(event: KeyboardEvent) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target as HTMLElement;
  if (target.closest('dialog[open]')) return;
  if (target.closest(typing)) {
    if (event.key === 'Escape') target.blur();
    return;
  }
  const isInList = target === document.body || target.matches('[data-ticket], [data-row]');
  const arrow = { ArrowDown: 'j', ArrowUp: 'k' }[event.key];
  const run = anywhere[(isInList && arrow) || event.key] ?? onPage()[event.key];
  if (!run) return;
  event.preventDefault();
  run();
}
