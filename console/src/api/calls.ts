// Every call the desk makes, by name. The one place that knows addresses.
import { body, client, upload } from './client';
import type { Attachment, NewMessage, TicketPatch } from './types';

const id = (value: string) => ({ params: { path: { id: value } } });

export const session = {
  get: () => body(client.GET('/api/v1/session')),
  start: (email: string, password: string) => body(client.POST('/api/v1/session', { body: { email, password } })),
  end: () => body(client.DELETE('/api/v1/session')),
};

export type TicketQuery = { status?: string; assignee?: string; q?: string; cursor?: string; limit?: number };
export const tickets = {
  list: (query: TicketQuery) => body(client.GET('/api/v1/tickets', { params: { query } })),
  get: (ticket: string) => body(client.GET('/api/v1/tickets/{id}', id(ticket))),
  change: (ticket: string, patch: TicketPatch) =>
    body(client.PATCH('/api/v1/tickets/{id}', { ...id(ticket), body: patch })),
  timeline: (ticket: string, query: { cursor?: string; limit?: number }) =>
    body(
      client.GET('/api/v1/tickets/{id}/timeline', {
        params: { path: { id: ticket }, query: { ...query, order: 'desc' } },
      }),
    ),
  send: (ticket: string, message: NewMessage) =>
    body(client.POST('/api/v1/tickets/{id}/messages', { ...id(ticket), body: message })),
  note: (ticket: string, text: string) =>
    body(client.POST('/api/v1/tickets/{id}/notes', { ...id(ticket), body: { text } })),
  read: (ticket: string) => body(client.POST('/api/v1/tickets/{id}/read', id(ticket))),
  typing: (ticket: string) => body(client.POST('/api/v1/tickets/{id}/typing', id(ticket))),
};

export const messages = { retry: (message: string) => body(client.POST('/api/v1/messages/{id}/retry', id(message))) };

export const attachments = {
  retry: (attachment: string) => body(client.POST('/api/v1/attachments/{id}/retry', id(attachment))),
  upload: (file: File, onprogress: (part: number) => void, signal: AbortSignal) =>
    upload(file, onprogress, signal) as Promise<Attachment>,
  url: (attachment: string, rendition: 'thumb' | 'view' | 'original') =>
    `/api/v1/attachments/${encodeURIComponent(attachment)}/content?rendition=${rendition}`,
};

export const people = { list: () => body(client.GET('/api/v1/users', { params: { query: { limit: 200 } } })) };

export const templates = {
  list: (channel_id: string) => body(client.GET('/api/v1/templates', { params: { query: { channel_id } } })),
};

export const system = {
  get: () => body(client.GET('/api/v1/system')),
  quarantine: (cursor?: string) => body(client.GET('/api/v1/inbox/quarantine', { params: { query: { cursor } } })),
  replay: (item: number) => body(client.POST('/api/v1/inbox/{id}/replay', { params: { path: { id: item } } })),
  deadJobs: (cursor?: string) => body(client.GET('/api/v1/jobs', { params: { query: { state: 'dead', cursor } } })),
  retryJob: (job: string) => body(client.POST('/api/v1/jobs/{id}/retry', id(job))),
};
