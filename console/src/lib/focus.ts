import { tick } from 'svelte';

/** An attachment for the field that a dialog was opened for: a dialog that is shown gives the focus to its first button. */
export const focused = (element: HTMLElement): void => void tick().then(() => element.focus());
