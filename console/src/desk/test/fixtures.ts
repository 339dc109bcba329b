// Small complete messages and tickets for the tests; a test names only what it is about.
import type { Article, Attachment, Message, Return, Ticket, TicketEvent, TicketFlow, TimelineItem, Visit } from '../../api/types';

export const attachment = (parts: Partial<Attachment> = {}): Attachment => ({
  id: 'A1',
  message_id: null,
  kind: 'image',
  state: 'ready',
  reason: null,
  retry_at: null,
  mime_type: 'image/jpeg',
  claimed_mime_type: 'image/jpeg',
  file_name: null,
  is_voice: false,
  size_bytes: 1,
  sha256: null,
  width: 1,
  height: 1,
  is_withheld: false,
  redaction_count: 0,
  renditions: ['thumb', 'view'],
  analysis: null,
  expires_at: null,
  created_at: '2026-05-20T10:00:00Z',
  ...parts,
});

export const message = (parts: Partial<Message> = {}): Message => ({
  id: 'M1',
  ticket_id: 'T1',
  direction: 'in',
  kind: 'text',
  text: 'hello',
  content: { kind: 'text', body: 'hello' },
  status: 'received',
  error: null,
  author: null,
  attachments: [],
  reply_to: null,
  reactions: [],
  is_forwarded: false,
  is_forwarded_often: false,
  edited_at: null,
  revoked_at: null,
  turn_id: null,
  external_id: null,
  referral: null,
  sent_at: '2026-05-20T10:00:00Z',
  created_at: '2026-05-20T10:00:00Z',
  statuses: [],
  ...parts,
});

export const photo = (id: string, at: string, turn: string | null, parts: Partial<Message> = {}): Message =>
  message({
    id,
    kind: 'image',
    text: null,
    content: { kind: 'image' },
    turn_id: turn,
    sent_at: at,
    attachments: [attachment({ id: `A-${id}` })],
    ...parts,
  });

export const said = (m: Message): TimelineItem => ({ type: 'message', at: m.sent_at, message: m });

export const happened = (id: string, kind: string, at: string, data: TicketEvent['data'] = {}): TimelineItem => ({
  type: 'event',
  at,
  event: { id, kind, at, data, actor: { id: 'U1', name: 'Ada' } },
});

export const ticketFlow = (parts: Partial<TicketFlow> = {}): TicketFlow => ({
  flow: 'triage',
  version: 1,
  step: 'topic',
  doing: 'waiting for a choice (topic)',
  ending: null,
  rating: null,
  answers: {},
  started_at: '2026-05-20T10:00:00Z',
  ended_at: null,
  ...parts,
});

export const ticket = (parts: Partial<Ticket> = {}): Ticket => ({
  id: 'T1',
  number: 1,
  subject: null,
  status: 'new',
  priority: 'normal',
  tags: [],
  contact: { id: 'C1', name: 'Ada', phone: null, username: null, language: null },
  channel: { id: 'H1', kind: 'whatsapp', name: 'WhatsApp' },
  assignee: null,
  team: null,
  fields: {},
  last_message: null,
  thumbnail_attachment_id: null,
  attachment_count: 0,
  unread_count: 0,
  window_closes_at: null,
  due_at: null,
  due_for: null,
  breached_at: null,
  snoozed_at: null,
  snoozed_until: null,
  created_at: '2026-05-20T10:00:00Z',
  updated_at: '2026-05-20T10:00:00Z',
  ...parts,
});

export const article = (parts: Partial<Article> = {}): Article => ({
  id: 'K1',
  slug: 'e20',
  products: [],
  codes: ['E20'],
  origin: 'folder',
  is_published: true,
  helped: 0,
  did_not_help: 0,
  texts: { en: { title: 'It shows E20', symptoms: '', body: '' } },
  why: [],
  updated_at: '2026-05-20T10:00:00Z',
  ...parts,
});

export const visit = (parts: Partial<Visit> = {}): Visit => ({
  id: 'V1',
  ticket_id: 'T1',
  ticket_number: 1,
  contact_name: 'Ada',
  technician_id: 'G1',
  technician_name: 'Gino',
  what: 'oven',
  place: '20121 Milano',
  note: null,
  starts_at: '2026-05-20T09:00:00Z',
  ends_at: '2026-05-20T11:00:00Z',
  status: 'booked',
  why: null,
  ...parts,
});

export const oneReturn = (parts: Partial<Return> = {}): Return => ({
  id: 'R1',
  number: 'R-0001',
  ticket_id: 'T1',
  ticket_number: 1,
  contact_name: 'Ada',
  order_number: 'AB-1',
  item: 'pump',
  reason: null,
  wish: null,
  condition: null,
  state: 'proposed',
  next: ['approved', 'refused'],
  note: null,
  created_at: '2026-05-20T10:00:00Z',
  updated_at: '2026-05-20T10:00:00Z',
  ...parts,
});
