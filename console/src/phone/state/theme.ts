// Light or dark: the system's choice until the tester makes one, remembered on this device.

const KEY = 'sandbox-theme';
type Theme = 'light' | 'dark';

export function keepTheme(): void {
  try {
    const kept = localStorage.getItem(KEY);
    if (kept === 'light' || kept === 'dark') document.documentElement.dataset['theme'] = kept;
  } catch {
    // Storage is switched off: the system's choice it is.
  }
}

export function flipTheme(): void {
  const system: Theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  const current = document.documentElement.dataset['theme'] ?? system;
  const next: Theme = current === 'dark' ? 'light' : 'dark';
  document.documentElement.dataset['theme'] = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // As above: it lasts until the reload.
  }
}
