// What one person prefers on one machine. Storage may be refused by the browser: then it lasts as long as the page.
export type Theme = 'system' | 'light' | 'dark';

export function load(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
export function save(key: string, value: string | null) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // A full or forbidden storage is no reason to stop an agent from working.
  }
}

class Settings {
  theme = $state<Theme>((load('theme') as Theme | null) ?? 'system');
  enterSends = $state(load('enter-sends') === 'yes');
  isPanelShown = $state(load('panel') !== 'hidden');

  setTheme(theme: Theme) {
    this.theme = theme;
    save('theme', theme);
    this.apply();
  }
  apply() {
    if (this.theme === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.theme;
  }
  setEnterSends(on: boolean) {
    this.enterSends = on;
    save('enter-sends', on ? 'yes' : null);
  }
  setPanelShown(on: boolean) {
    this.isPanelShown = on;
    save('panel', on ? null : 'hidden');
  }
}
export const settings = new Settings();
