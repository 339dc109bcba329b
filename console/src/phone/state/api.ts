// The control API, one function a call. A failure becomes a sentence with a way out.
import type { Files, Words } from '../logic/forms';
import type { ChatMessage, Customer, Delivery, FormSent, Knobs, SandboxState } from '../logic/types';

export interface NewCustomer {
  phone?: string;
  name?: string;
  username?: string;
}

/** Fields of `POST …/messages`; files go beside them. */
export type Outgoing = Record<string, string>;

export class SandboxError extends Error {}

export const api = {
  state: () => request<SandboxState>('GET', '/sandbox/state'),
  addCustomer: (customer: NewCustomer) => request<Customer>('POST', '/sandbox/customers', customer),
  changeCustomer: (id: string, change: NewCustomer & { bsuid_only?: boolean }) =>
    request<Customer>('PATCH', `/sandbox/customers/${encodeURIComponent(id)}`, change),
  messages: async (id: string) => (await request<{ items: ChatMessage[] }>('GET', chat(id, 'messages'))).items,
  send: (id: string, fields: Outgoing, files: File[] = []) =>
    request<{ ids: string[] }>('POST', chat(id, 'messages'), form(fields, files)),
  fill: (id: string, message: string, words: Words, files: Files) =>
    request<FormSent>('POST', chat(id, `forms/${encodeURIComponent(message)}`), filled(words, files)),
  seen: (id: string) => request<void>('POST', chat(id, 'seen')),
  played: (id: string, message: string) => request<void>('POST', chat(id, 'played'), { id: message }),
  setKnobs: (change: Partial<Knobs>) => request<Knobs>('POST', '/sandbox/knobs', change),
  resetKnobs: () => request<Knobs>('POST', '/sandbox/knobs/reset'),
  advance: (seconds: number) => request<{ now: string }>('POST', '/sandbox/clock', { advance_s: seconds }),
  deliveries: async (limit: number) => items(await request<{ items: Delivery[] } | Delivery[]>('GET', `/sandbox/webhooks?limit=${limit}`)),
  rawWebhook: (body: BodyInit, signature: 'good' | 'bad' | 'none') =>
    request<{ status: number | null; body: string }>(
      'POST',
      '/sandbox/webhooks/raw',
      body,
      signature === 'good' ? {} : { 'X-Sandbox-Signature': signature },
    ),
  reset: () => request<void>('POST', '/sandbox/reset'),
};

function chat(id: string, what: string): string {
  return `/sandbox/customers/${encodeURIComponent(id)}/${what}`;
}

function form(fields: Outgoing, files: File[]): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  for (const file of files) data.append('file', file, file.name);
  return data;
}

function filled(words: Words, files: Files): FormData {
  const data = form(words, []);
  for (const [name, list] of Object.entries(files)) for (const file of list) data.append(name, file, file.name);
  return data;
}

function items(answer: { items: Delivery[] } | Delivery[]): Delivery[] {
  return Array.isArray(answer) ? answer : answer.items;
}

async function request<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const isBytes = typeof body === 'string' || body instanceof FormData || body instanceof Blob;
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      headers: body === undefined || isBytes ? headers : { 'Content-Type': 'application/json', ...headers },
      body: body === undefined ? null : isBytes ? body : JSON.stringify(body),
    });
  } catch {
    throw new SandboxError('The sandbox does not answer. Is it still running? This page reconnects by itself.');
  }
  const text = await answer.text();
  if (!answer.ok) throw new SandboxError(sentence(text) ?? `The sandbox refused this (HTTP ${answer.status}).`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** The reason inside an error body, whichever of the two usual shapes it has. */
function sentence(text: string): string | null {
  try {
    const body = JSON.parse(text) as { error?: string | { message?: string }; message?: string };
    const error = typeof body.error === 'string' ? body.error : body.error?.message;
    return error ?? body.message ?? null;
  } catch {
    return text.length > 0 && text.length < 300 && !text.startsWith('<') ? text : null;
  }
}
