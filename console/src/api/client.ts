// One client for the whole desk: it carries the CSRF token, and turns every failure into a sentence for a person.
import createClient from 'openapi-fetch';
import type { paths } from './schema';

export class ApiError extends Error {
  override name = 'ApiError';
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryAfterSecs: number | null = null,
  ) {
    super(message);
  }
}

let csrf = '';
let inDoubt: () => void = () => {};
export const setCsrf = (token: string) => (csrf = token);
export const csrfToken = () => csrf;
/** Called when the server does not take the session or its CSRF token: another tab may have begun a new one. */
export const onSessionInDoubt = (run: () => void) => (inDoubt = run);

export const client = createClient<paths>({
  baseUrl: location.origin,
  credentials: 'same-origin',
  fetch: (request) => globalThis.fetch(request),
});
client.use({
  onRequest({ request }) {
    if (!['GET', 'HEAD'].includes(request.method)) request.headers.set('X-CSRF-Token', csrf);
    return request;
  },
});

/** The API speaks like a log; a person reads a sentence. */
function sentenceOf(text: string): string {
  const started = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(started) ? started : `${started}.`;
}

/** Reads an error body; a proxy's HTML page or an empty body still gives a usable sentence. */
export function asError(status: number, body: unknown, retryAfter: string | null): ApiError {
  const error = (body as { error?: { code?: unknown; message?: unknown } } | null | undefined)?.error;
  const secs = retryAfter && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null;
  if (typeof error?.message === 'string' && error.message) {
    return new ApiError(status, String(error.code ?? status), sentenceOf(error.message), secs);
  }
  const sentence =
    status >= 500
      ? `The server could not do that (${status}). Try again; if it stays, see the System page.`
      : `The server refused that (${status}).`;
  return new ApiError(status, String(status), sentence, secs);
}

const unreachable = () =>
  new ApiError(0, 'offline', 'The server cannot be reached. Check the connection; nothing you wrote is lost.');

/** Awaits a call and returns its body, or throws an `ApiError`.
 *  A caller may name a narrower type; it compiles only as long as that is one of the server's. */
export async function body<Ours extends Server, Server>(
  call: Promise<{ data?: Server; error?: unknown; response: Response }>,
): Promise<Ours> {
  let answer;
  try {
    answer = await call;
  } catch {
    throw unreachable();
  }
  const { data, error, response } = answer;
  if (response.ok) return data as Ours;
  const problem = asError(response.status, error, response.headers.get('Retry-After'));
  if ((problem.status === 401 || problem.code === 'csrf') && !response.url.endsWith('/session')) inDoubt();
  throw problem;
}

/** Uploads with progress, which fetch cannot report. */
export function upload(file: File, onprogress: (part: number) => void, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/api/v1/uploads');
    request.responseType = 'json';
    request.setRequestHeader('X-CSRF-Token', csrf);
    request.upload.onprogress = (e) => e.lengthComputable && onprogress(e.loaded / e.total);
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new ApiError(0, 'aborted', 'The upload was stopped.'));
    request.onload = () => {
      if (request.status === 401 || request.status === 403) inDoubt();
      if (request.status >= 200 && request.status < 300) resolve(request.response);
      else reject(asError(request.status, request.response, request.getResponseHeader('Retry-After')));
    };
    signal.addEventListener('abort', () => request.abort());
    const form = new FormData();
    form.append('file', file, file.name);
    request.send(form);
  });
}
