// Every call the desk makes, by name. The one place that knows addresses.
// Addresses, parameters and bodies are held against the server's document; each answer's type
// names more exactly what the document calls a string.
import { body, client, upload } from './client';
import type * as T from './types';

const id = (value: string) => ({ params: { path: { id: value } } });

export const session = {
  get: (): Promise<T.Session> => body(client.GET('/api/v1/session')),
  start: (email: string, password: string, code?: string): Promise<T.Session> =>
    body(client.POST('/api/v1/session', { body: { email, password, code } })),
  end: (): Promise<unknown> => body(client.DELETE('/api/v1/session')),
};

export type TicketQuery = {
  status?: string;
  assignee?: string;
  team?: string;
  snoozed?: boolean;
  breached?: boolean;
  sort?: 'activity' | 'due';
  q?: string;
  cursor?: string;
  limit?: number;
};
export const tickets = {
  list: (query: TicketQuery): Promise<T.Page<T.Ticket>> =>
    body(client.GET('/api/v1/tickets', { params: { query } })),
  get: (ticket: string): Promise<T.Ticket> => body(client.GET('/api/v1/tickets/{id}', id(ticket))),
  change: (ticket: string, patch: T.TicketPatch): Promise<T.Ticket> =>
    body(client.PATCH('/api/v1/tickets/{id}', { ...id(ticket), body: patch })),
  /** Until a time, or (`null`) until the customer writes. */
  snooze: (ticket: string, until: string | null): Promise<T.Ticket> =>
    body(client.POST('/api/v1/tickets/{id}/snooze', { ...id(ticket), body: { until } })),
  wake: (ticket: string): Promise<T.Ticket> => body(client.DELETE('/api/v1/tickets/{id}/snooze', id(ticket))),
  timeline: (ticket: string, query: { cursor?: string; limit?: number }): Promise<T.Page<T.TimelineItem>> =>
    body(
      client.GET('/api/v1/tickets/{id}/timeline', {
        params: { path: { id: ticket }, query: { ...query, order: 'desc' } },
      }),
    ),
  send: (ticket: string, message: T.NewMessage): Promise<T.Message> =>
    body(client.POST('/api/v1/tickets/{id}/messages', { ...id(ticket), body: message })),
  note: (ticket: string, text: string): Promise<T.TicketEvent> =>
    body(client.POST('/api/v1/tickets/{id}/notes', { ...id(ticket), body: { text } })),
  read: (ticket: string): Promise<unknown> => body(client.POST('/api/v1/tickets/{id}/read', id(ticket))),
  typing: (ticket: string): Promise<unknown> => body(client.POST('/api/v1/tickets/{id}/typing', id(ticket))),
  flow: (ticket: string): Promise<T.TicketFlow | null> => body(client.GET('/api/v1/tickets/{id}/flow', id(ticket))),
  lead: (ticket: string, wish: T.FlowWish): Promise<T.TicketFlow | null> =>
    body(client.POST('/api/v1/tickets/{id}/flow', { ...id(ticket), body: wish })),
};

export type SearchQuery = {
  q: string;
  status?: string;
  assignee?: string;
  kind?: string;
  from?: string;
  to?: string;
  limit?: number;
  cursor?: string;
};
export const search = (query: SearchQuery): Promise<T.SearchPage> =>
  body(client.GET('/api/v1/search', { params: { query } }));

/** As `body`, for what carries a rollout: the document calls it an object, and it may be a word as well. */
const worded = async <Ours>(call: Parameters<typeof body>[0]): Promise<Ours> => (await body(call)) as Ours;
const version = (name: string, number: number) => ({ params: { path: { name, version: number } } });

export const flows = {
  list: (): Promise<T.Page<T.FlowInfo>> => worded(client.GET('/api/v1/flows')),
  get: (name: string, number: number): Promise<T.FlowDetail> =>
    worded(client.GET('/api/v1/flows/{name}/{version}', version(name, number))),
  change: (name: string, number: number, rollout: T.Rollout): Promise<T.FlowDetail> =>
    worded(
      client.PATCH('/api/v1/flows/{name}/{version}', {
        ...version(name, number),
        body: { rollout: rollout as Record<string, unknown> },
      }),
    ),
  check: (source: string): Promise<T.FlowChecked> => body(client.POST('/api/v1/flows/check', { body: { source } })),
  publish: (source: string): Promise<T.FlowDetail> => worded(client.POST('/api/v1/flows', { body: { source } })),
  play: (talk: T.FlowTry): Promise<T.FlowTried> => body(client.POST('/api/v1/flows/try', { body: talk })),
};

const language = (code: string | null) => (code ? { language: code } : {});

export const articles = {
  list: (): Promise<T.Page<T.Article>> => body(client.GET('/api/v1/articles')),
  search: (q: string, code: string | null): Promise<T.Page<T.Article>> =>
    body(client.GET('/api/v1/articles', { params: { query: { q, ...language(code) } } })),
  get: (article: string): Promise<T.Article> => body(client.GET('/api/v1/articles/{id}', id(article))),
  messages: (article: string, code: string | null): Promise<T.ArticleMessages> =>
    body(
      client.GET('/api/v1/articles/{id}/messages', { params: { path: { id: article }, query: language(code) } }),
    ),
  send: (ticket: string, article_id: string): Promise<T.Article> =>
    body(client.POST('/api/v1/tickets/{id}/articles', { ...id(ticket), body: { article_id } })),
};

export type VisitQuery = { from?: string; until?: string; technician?: string; ticket?: string };
export type TimeQuery = { what?: string; place?: string; technician?: string; visit?: string };
export const visits = {
  list: (query: VisitQuery): Promise<T.Page<T.Visit>> => body(client.GET('/api/v1/visits', { params: { query } })),
  times: (query: TimeQuery): Promise<T.Page<T.VisitTime>> =>
    body(client.GET('/api/v1/visits/times', { params: { query } })),
  book: (visit: T.NewVisit): Promise<T.Visit> => body(client.POST('/api/v1/visits', { body: visit })),
  move: (visit: string, to: T.VisitMove): Promise<T.Visit> =>
    body(client.POST('/api/v1/visits/{id}/move', { ...id(visit), body: to })),
  end: (visit: string, end: T.VisitEnd): Promise<T.Visit> =>
    body(client.PATCH('/api/v1/visits/{id}', { ...id(visit), body: end })),
};

export const technicians = {
  list: (): Promise<T.Page<T.Technician>> => body(client.GET('/api/v1/technicians')),
  add: (spec: T.TechnicianSpec): Promise<T.Technician> => body(client.POST('/api/v1/technicians', { body: spec })),
  change: (technician: string, spec: T.TechnicianSpec): Promise<T.Technician> =>
    body(client.PATCH('/api/v1/technicians/{id}', { ...id(technician), body: spec })),
  leave: (technician: string): Promise<unknown> =>
    body(client.DELETE('/api/v1/technicians/{id}', id(technician))),
};

export const teams = {
  list: (): Promise<T.Page<T.Team>> => body(client.GET('/api/v1/teams')),
  add: (spec: T.TeamSpec): Promise<T.Team> => body(client.POST('/api/v1/teams', { body: spec })),
  change: (team: string, spec: T.TeamSpec): Promise<T.Team> =>
    body(client.PATCH('/api/v1/teams/{id}', { ...id(team), body: spec })),
  remove: (team: string): Promise<unknown> => body(client.DELETE('/api/v1/teams/{id}', id(team))),
  promises: (): Promise<T.Page<T.Promised>> => body(client.GET('/api/v1/promises')),
  promise: (items: T.Promised[]): Promise<T.Page<T.Promised>> =>
    body(client.PATCH('/api/v1/promises', { body: { items } })),
  presence: (presence: T.Presence): Promise<unknown> =>
    body(client.POST('/api/v1/presence', { body: presence })),
};

export type ReturnQuery = { state?: string; ticket?: string; limit?: number; cursor?: string };
export const returns = {
  list: (query: ReturnQuery): Promise<T.Page<T.Return>> =>
    body(client.GET('/api/v1/returns', { params: { query } })),
  get: (one: string): Promise<T.Return> => body(client.GET('/api/v1/returns/{id}', id(one))),
  open: (one: T.NewReturn): Promise<T.Return> => body(client.POST('/api/v1/returns', { body: one })),
  change: (one: string, change: T.ReturnChange): Promise<T.Return> =>
    body(client.PATCH('/api/v1/returns/{id}', { ...id(one), body: change })),
};

export const messages = {
  retry: (message: string): Promise<T.Message> => body(client.POST('/api/v1/messages/{id}/retry', id(message))),
};

export type FileQuery = { limit?: number; cursor?: string };
export const attachments = {
  retry: (attachment: string): Promise<T.Attachment> =>
    body(client.POST('/api/v1/attachments/{id}/retry', id(attachment))),
  upload: (file: File, onprogress: (part: number) => void, signal: AbortSignal) =>
    upload(file, onprogress, signal) as Promise<T.Attachment>,
  redact: (attachment: string, wanted: T.NewRedaction): Promise<T.Attachment> =>
    body(client.POST('/api/v1/attachments/{id}/redactions', { ...id(attachment), body: wanted })),
  ofTicket: (ticket: string, query: FileQuery): Promise<T.Page<T.PlacedFile>> =>
    body(client.GET('/api/v1/tickets/{id}/attachments', { params: { path: { id: ticket }, query } })),
  ofContact: (contact: string, query: FileQuery): Promise<T.Page<T.PlacedFile>> =>
    body(client.GET('/api/v1/contacts/{id}/attachments', { params: { path: { id: contact }, query } })),
  findings: (attachment: string): Promise<T.FileFindings> =>
    body(client.GET('/api/v1/attachments/{id}/findings', id(attachment))),
  /** A new `version` is a new address: what was masked meanwhile is fetched again. */
  url: (attachment: string, rendition: 'thumb' | 'view' | 'view_unmasked' | `page-${number}` | 'original', version?: string) =>
    `/api/v1/attachments/${encodeURIComponent(attachment)}/content?rendition=${rendition}${version ? `&v=${version}` : ''}`,
};

export const people = {
  list: (): Promise<T.Page<T.User>> => body(client.GET('/api/v1/users')),
  accounts: (): Promise<T.Page<T.Account>> => body(client.GET('/api/v1/accounts')),
  change: (person: string, change: T.UserChange): Promise<T.User> =>
    body(client.PATCH('/api/v1/users/{id}', { ...id(person), body: change })),
  endSessions: (person: string): Promise<unknown> => body(client.DELETE('/api/v1/users/{id}/sessions', id(person))),
  resetSecondFactor: (person: string): Promise<unknown> =>
    body(client.DELETE('/api/v1/users/{id}/second-factor', id(person))),
};

export const invitations = {
  list: (): Promise<T.Page<T.Invitation>> => body(client.GET('/api/v1/invitations')),
  send: (email: string, name: string, role: T.Role): Promise<T.Invited> =>
    body(client.POST('/api/v1/invitations', { body: { email, name, role } })),
  revoke: (invitation: string): Promise<unknown> => body(client.DELETE('/api/v1/invitations/{id}', id(invitation))),
  open: (secret: string): Promise<T.OpenInvitation> =>
    body(client.POST('/api/v1/invitations/open', { body: { secret } })),
  accept: (secret: string, name: string, password: string): Promise<T.Session> =>
    body(client.POST('/api/v1/invitations/accept', { body: { secret, name, password } })),
};

export const tokens = {
  list: (): Promise<T.Page<T.Token>> => body(client.GET('/api/v1/tokens')),
  make: (spec: T.TokenSpec): Promise<T.MadeToken> => body(client.POST('/api/v1/tokens', { body: spec })),
  revoke: (token: string): Promise<unknown> => body(client.DELETE('/api/v1/tokens/{id}', id(token))),
};

export type AuditQuery = { object?: string; actor?: string; cursor?: string };
export const audit = {
  list: (query: AuditQuery): Promise<T.Page<T.AuditEntry>> =>
    body(client.GET('/api/v1/audit', { params: { query } })),
};

/** One's own account. */
export const account = {
  get: (): Promise<T.OwnAccount> => body(client.GET('/api/v1/account')),
  sessions: (): Promise<T.Page<T.OpenSession>> => body(client.GET('/api/v1/account/sessions')),
  endSession: (session: string): Promise<unknown> =>
    body(client.DELETE('/api/v1/account/sessions/{id}', id(session))),
  endOthers: (): Promise<{ ended: number }> => body(client.DELETE('/api/v1/account/sessions')),
  setPassword: (password: string, new_password: string): Promise<{ ended: number }> =>
    body(client.POST('/api/v1/account/password', { body: { password, new_password } })),
  beginSecondFactor: (password: string): Promise<T.Enrolment> =>
    body(client.POST('/api/v1/account/second-factor', { body: { password } })),
  confirmSecondFactor: (code: string): Promise<T.RecoveryCodes> =>
    body(client.POST('/api/v1/account/second-factor/confirm', { body: { code } })),
  dropSecondFactor: (password: string): Promise<unknown> =>
    body(client.POST('/api/v1/account/second-factor/off', { body: { password } })),
  newRecoveryCodes: (password: string): Promise<T.RecoveryCodes> =>
    body(client.POST('/api/v1/account/recovery-codes', { body: { password } })),
};

export const templates = {
  list: (channel_id: string): Promise<T.Page<T.Template>> =>
    body(client.GET('/api/v1/templates', { params: { query: { channel_id } } })),
};

export const analysis = {
  runs: (): Promise<T.Page<T.AnalysisRun>> => body(client.GET('/api/v1/analysis/runs')),
  start: (): Promise<T.AnalysisRun> => body(client.POST('/api/v1/analysis/runs', { body: {} })),
};

export const system = {
  get: (): Promise<T.SystemState> => body(client.GET('/api/v1/system')),
  quarantine: (cursor?: string): Promise<T.Page<T.Quarantined>> =>
    body(client.GET('/api/v1/inbox/quarantine', { params: { query: { cursor } } })),
  replay: (item: number): Promise<unknown> =>
    body(client.POST('/api/v1/inbox/{id}/replay', { params: { path: { id: item } } })),
  deadJobs: (cursor?: string): Promise<T.Page<T.Job>> =>
    body(client.GET('/api/v1/jobs', { params: { query: { state: 'dead', cursor } } })),
  retryJob: (job: string): Promise<unknown> => body(client.POST('/api/v1/jobs/{id}/retry', id(job))),
};
