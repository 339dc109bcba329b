// The link's own small protocol: ask what it is good for, send one picture through it.
import { isLanguage, type Language } from './texts';

export type LinkState = 'open' | 'used' | 'expired' | 'unknown';

export interface Link {
  state: LinkState;
  purpose: string;
  /** Null when the server names none of ours; the browser's is taken then. */
  language: Language | null;
  expires: Date | null;
}

/** How sending ended. `offline` and `busy` can be tried again with the same picture. */
export type Outcome = 'sent' | 'used' | 'expired' | 'unknown' | 'too_large' | 'not_a_picture' | 'busy' | 'offline';

const ASK_TIMEOUT_MS = 20_000;
const SEND_TIMEOUT_MS = 180_000;

/** `/capture/{token}`, behind whatever prefix the page is served; null when the address holds no token. */
export function addressOf(pathname: string): string | null {
  const path = pathname.replace(/\/+$/, '');
  return /\/capture\/[^/]+$/.test(path) ? path : null;
}

/** Null when the server cannot be reached or speaks nonsense. */
export async function ask(address: string): Promise<Link | null> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), ASK_TIMEOUT_MS);
  try {
    const answer = await fetch(`${address}/state`, { cache: 'no-store', signal: giveUp.signal });
    return readLink(await answer.json());
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

/** Reads the server's word for a link. */
export function readLink(body: unknown): Link | null {
  if (typeof body !== 'object' || body === null) return null;
  const { state, purpose, language, expires_at, error } = body as Record<string, unknown>;
  const at = typeof expires_at === 'string' ? new Date(expires_at) : null;
  const rest = {
    purpose: typeof purpose === 'string' ? purpose : '',
    language: isLanguage(language) ? language : null,
    expires: at && !Number.isNaN(at.getTime()) ? at : null,
  };
  if (state === 'open' || state === 'used' || state === 'expired' || state === 'unknown') return { state, ...rest };
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : null;
  return code === 'unknown' || code === 'used' || code === 'expired' ? { state: code, ...rest } : null;
}

export function outcomeOf(status: number): Outcome {
  if (status >= 200 && status < 300) return 'sent';
  switch (status) {
    case 404:
      return 'unknown';
    case 409:
      return 'used';
    case 410:
      return 'expired';
    case 413:
      return 'too_large';
    case 415:
      return 'not_a_picture';
    case 0:
      return 'offline';
    default:
      return 'busy';
  }
}

/** Sends the picture; `onpart` hears how much of it has left (0–1), which fetch cannot say. */
export function send(address: string, picture: Blob, onpart: (part: number) => void): Promise<Outcome> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open('POST', `${address}/photo`);
    request.timeout = SEND_TIMEOUT_MS;
    request.setRequestHeader('Content-Type', 'image/jpeg');
    request.upload.onprogress = (e) => e.lengthComputable && onpart(e.loaded / e.total);
    request.onerror = request.ontimeout = request.onabort = () => resolve('offline');
    request.onload = () => resolve(outcomeOf(request.status));
    request.send(picture);
  });
}

/** The outcome of this attempt in the light of the one before. If that one's answer was lost on the way,
 *  a link that is used by now was used by our own picture. */
export const inLightOf = (before: Outcome | null, now: Outcome): Outcome =>
  before === 'offline' && now === 'used' ? 'sent' : now;
