// What a browser calls itself, in two words. Everything claims to be Mozilla, so the most particular name goes first.
const browsers: [RegExp, string][] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bVersion\/.*\bSafari\//, 'Safari'],
];
const systems: [RegExp, string][] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];
const named = (list: [RegExp, string][], text: string) => list.find(([mark]) => mark.test(text))?.[1];

export function agentName(agent: string | null): string {
  if (!agent) return 'A browser that did not say its name';
  const [browser, system] = [named(browsers, agent), named(systems, agent)];
  if (browser && system) return `${browser} on ${system}`;
  return browser ?? system ?? (agent.length > 40 ? `${agent.slice(0, 40)}…` : agent);
}
/** A phone looks like one in the list. */
export const isPhone = (agent: string | null): boolean => /\b(iPhone|Android|Mobile)\b/.test(agent ?? '');
