/** Puts the cursor into a field when it appears; not on touch screens, where a keyboard would cover the page. */
export function focused(field: HTMLElement): void {
  if (matchMedia('(pointer: fine)').matches) field.focus();
}
