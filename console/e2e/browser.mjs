// A real Chromium that stays at home, and everything that must never happen on a page of ours.
import { existsSync } from 'node:fs';
import axe from 'axe-core';
import { chromium } from 'playwright-core';

const USUAL = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const ARGS = [
  '--no-sandbox',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
  // A microphone that beeps, and a yes to the question whether the page may use it.
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
];
const TIMEOUT_MS = 15_000;

export function launch(args = []) {
  const executablePath = process.env.SPORTELLO_CHROMIUM ?? USUAL.find(existsSync);
  if (!executablePath) throw new Error('no Chromium was found; install one: apt-get install chromium');
  return chromium.launch({ executablePath, args: [...ARGS, ...args] });
}

/** Complaints of the pages: console errors, policy violations, uncaught errors, requests that leave this machine. */
export class Watch {
  complaints = [];
  #hosts;

  constructor(...urls) {
    this.#hosts = new Set(urls.map((url) => new URL(url).host));
  }

  /** A page of its own session, watched from its first request on. */
  async open(browser, name, url, options = {}) {
    const context = await browser.newContext({ reducedMotion: 'reduce', locale: 'en-GB', ...options });
    context.setDefaultTimeout(TIMEOUT_MS);
    const page = await context.newPage();
    const say = (what) => this.complaints.push(`${name}: ${what}`);
    page.on('pageerror', (error) => say(`uncaught ${error.stack ?? error}`));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()) && !isExpected(message)) {
        say(`${message.type()}: ${message.text()} (${message.location().url})`);
      }
    });
    page.on('request', (request) => {
      const { protocol, host } = new URL(request.url());
      if (!['data:', 'blob:'].includes(protocol) && !this.#hosts.has(host)) say(`asked ${request.url()}`);
    });
    page.on('response', (response) => {
      const type = response.headers()['content-type'] ?? '';
      if (!type.startsWith('text/html')) return;
      const headers = response.headers();
      if (!headers['content-security-policy']?.includes("script-src 'self'")) say(`no policy on ${response.url()}`);
      if (headers['x-content-type-options'] !== 'nosniff') say(`no nosniff on ${response.url()}`);
    });
    await page.goto(url);
    return page;
  }
}

/** "Not signed in" is an answer, but browsers call every 401 an error. */
function isExpected(message) {
  return message.text().includes('401') && message.location().url.endsWith('/api/v1/session');
}

/** The serious and critical violations of what the page shows now, one line each. */
export async function violations(page) {
  await page.evaluate(axe.source);
  const { violations: found } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')} – ${node.failureSummary}`));
}
