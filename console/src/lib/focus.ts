/** An attachment for the field that a dialog was opened for. */
export const focused = (element: HTMLElement): void => element.focus();
