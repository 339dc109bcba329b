// The nouns of the server's HTTP API, as the desk uses them.
// They name more exactly what the server's document calls a string or an object: the typed bodies mirror its
// `Content` and `Outbound`. `agreement.ts` and `calls.ts` hold them against the document.

export type TicketStatus = 'new' | 'open' | 'waiting' | 'solved' | 'closed';
export type Priority = 'low' | 'normal' | 'high' | 'urgent';
export type Direction = 'in' | 'out';
export type MessageStatus =
  'received' | 'queued' | 'sending' | 'uncertain' | 'accepted' | 'sent' | 'failed' | 'delivered' | 'read' | 'played';
export type MessageKind =
  | 'text'
  | 'image'
  | 'video'
  | 'audio'
  | 'document'
  | 'sticker'
  | 'location'
  | 'contacts'
  | 'choice'
  | 'form'
  | 'button'
  | 'order'
  | 'system'
  | 'unsupported'
  | 'unknown'
  | 'buttons'
  | 'list'
  | 'link'
  | 'location_request'
  | 'template'
  | 'reaction';

export type Page<T> = { items: T[]; next: string | null };
export type Person = { id: string; name: string };
export type Role = 'agent' | 'supervisor' | 'administrator' | 'auditor' | 'technician';
/** What somebody may do; the server's `model::access` says what each means. */
export type Right =
  | 'tickets.read'
  | 'tickets.change'
  | 'originals.read'
  | 'personal_data.read'
  | 'identity_documents.read'
  | 'articles.read'
  | 'flows.read'
  | 'flows.change'
  | 'returns.read'
  | 'returns.change'
  | 'returns.decide'
  | 'visits.read'
  | 'visits.change'
  | 'visits.end'
  | 'technicians.change'
  | 'teams.change'
  | 'people.read'
  | 'people.change'
  | 'system.read'
  | 'system.inspect'
  | 'system.change'
  | 'audit.read';
export type User = Person & { email: string; role: Role; granted: Right[] };
export type Session = { user: User; rights: Right[]; csrf_token: string };
/** A person as those see them who keep the accounts. */
export type Account = User & {
  has_second_factor: boolean;
  disabled_at: string | null;
  created_at: string;
  /** When one of their open sessions was last used. */
  seen_at: string | null;
};
export type UserChange = { role?: Role | null; granted?: Right[] | null; is_disabled?: boolean | null };
export type OwnAccount = { user: User; second_factor_since: string | null; recovery_codes_left: number };
export type OpenSession = {
  id: string;
  is_current: boolean;
  user_agent: string | null;
  address: string | null;
  created_at: string;
  seen_at: string;
  expires_at: string;
};
export type Enrolment = { secret: string; link: string; qr_svg: string };
export type RecoveryCodes = { recovery_codes: string[] };
export type Invitation = {
  id: string;
  email: string;
  name: string;
  role: Role;
  invited_by: string;
  created_at: string;
  expires_at: string;
};
export type Invited = { invitation: Invitation; link: string };
export type OpenInvitation = { email: string; name: string; role: Role; expires_at: string };
export type Token = {
  id: string;
  name: string;
  user: Person | null;
  scopes: Right[] | null;
  created_at: string;
  expires_at: string | null;
};
export type TokenSpec = {
  name: string;
  user_id?: string | null;
  scopes?: Right[] | null;
  expires_at?: string | null;
};
export type MadeToken = { id: string; token: string };
export type AuditEntry = { id: string; at: string; actor: string; action: string; object: string; detail: string };
export type ErrorBody = { error: { code: string; message: string } };

export type Ticket = {
  id: string;
  number: number;
  subject: string | null;
  status: TicketStatus;
  priority: Priority;
  tags: string[];
  contact: { id: string; name: string | null; phone: string | null; username: string | null; language: string | null };
  channel: Person & { kind: string };
  assignee: Person | null;
  team: string | null;
  /** What flows wrote down, by name. */
  fields: Record<string, string>;
  last_message: {
    id: string;
    direction: Direction;
    kind: MessageKind;
    text: string | null;
    status: MessageStatus;
    at: string;
  } | null;
  thumbnail_attachment_id: string | null;
  attachment_count: number;
  unread_count: number;
  window_closes_at: string | null;
  /** When the next promise that runs is due. What waits for the customer has none. */
  due_at: string | null;
  due_for: Target | null;
  /** Since when a promise that still runs is broken. */
  breached_at: string | null;
  /** Put aside: since when, and until when (absent: until the customer writes). */
  snoozed_at: string | null;
  snoozed_until: string | null;
  created_at: string;
  updated_at: string;
};
export type Target = 'first_answer' | 'next_answer' | 'solution';
export type TicketPatch = {
  status?: TicketStatus;
  assignee_id?: string | null;
  team?: string | null;
  priority?: Priority;
  tags?: string[];
  subject?: string;
};

export type Verdict = 'usable' | 'doubtful' | 'retake';
export type AnalysisSummary = {
  number: number;
  /** Quality is said first; text and the rest follow. */
  is_complete: boolean;
  verdict: Verdict;
  reason: string | null;
  hint: string | null;
  /** The parts that failed, each with a sentence. */
  failed: Record<string, string>;
};
export type Region = { page: number | null; points: [number, number][] };
/** One thing that an analyzer says; regions are in pixels of the `view` rendition. */
export type Finding = {
  kind: string;
  value: unknown;
  confidence: number;
  region: Region | null;
  why: string;
  analyzer: string;
  version: string;
};
export type FileAnalysis = AnalysisSummary & {
  is_current: boolean;
  text: string;
  language: string | null;
  ms: Record<string, number>;
  findings: Finding[];
  created_at: string;
};
/** A new look at everything that is stored. */
export type AnalysisRun = {
  id: string;
  since: string;
  total: number;
  done: number;
  failed: number;
  started_at: string;
  ended_at: string | null;
};
export type FileFindings = { attachment_id: string; current: FileAnalysis | null; earlier: FileAnalysis[] };

export type Attachment = {
  id: string;
  message_id: string | null;
  kind: string;
  state: 'pending' | 'fetched' | 'ready' | 'failed' | 'expired';
  reason: string | null;
  retry_at: string | null;
  mime_type: string | null;
  claimed_mime_type: string | null;
  file_name: string | null;
  /** A voice note, or a file that can go out as one (mono Ogg/Opus). */
  is_voice: boolean;
  size_bytes: number | null;
  sha256: string | null;
  width: number | null;
  height: number | null;
  /** An identity document, for those with the right to it. */
  is_withheld: boolean;
  /** Boxes that people made black in all of its renditions. */
  redaction_count: number;
  renditions: string[];
  /** What was said of it; absent until it was looked at. */
  analysis: AnalysisSummary | null;
  expires_at: string | null;
  created_at: string;
};

/** A file and where it stands. */
export type PlacedFile = { attachment: Attachment; ticket_id: string; ticket_number: number; direction: 'in' | 'out' };
/** A rectangle in pixels of the view, or of a document's page. */
export type RedactionBox = { page?: number; x: number; y: number; width: number; height: number };
export type NewRedaction = { boxes: RedactionBox[]; erase_original: boolean };

export type MediaBody = { mime_type?: string; file_name?: string; caption?: string; is_voice?: boolean };
export type LocationBody = { latitude: number; longitude: number; name?: string; address?: string; url?: string };
export type ChoiceBody = { id: string; title: string; description?: string | null };
type Framed = { header?: string; body: string; footer?: string };

/** The typed body of a message, inbound and outbound: `kind` tells which. */
export type Content =
  | { kind: 'text'; body: string }
  | ({ kind: 'image' | 'video' | 'audio' | 'document' | 'sticker' } & MediaBody)
  | ({ kind: 'location' } & LocationBody)
  | { kind: 'contacts'; cards: unknown[] }
  | ({ kind: 'choice' } & ChoiceBody)
  | { kind: 'form'; name?: string | null; answers?: unknown; body?: string; parameters?: unknown }
  | { kind: 'button'; payload: string | null; text: string }
  | { kind: 'order'; text: string | null; items: unknown[]; catalog_id: string | null }
  | { kind: 'system'; body: string; what: string }
  | { kind: 'unsupported'; what: string | null }
  | { kind: 'unknown'; what: string; raw: unknown }
  | ({ kind: 'buttons'; buttons: ChoiceBody[] } & Framed)
  | ({ kind: 'list'; button: string; sections: { title?: string; rows: ChoiceBody[] }[] } & Framed)
  | { kind: 'link'; body: string; display_text: string; url: string }
  | { kind: 'location_request'; body: string }
  | { kind: 'template'; name: string; language: string; components: unknown[]; preview?: string }
  | { kind: 'reaction'; target: string; emoji: string | null };

export type Quote = {
  id: string | null;
  external_id: string;
  /** Absent, like `kind`, when the message is not here. */
  direction: Direction | null;
  kind: MessageKind | null;
  text: string | null;
};
export type Reaction = { emoji: string; from: 'customer' | 'us'; at: string };

export type Message = {
  id: string;
  ticket_id: string;
  direction: Direction;
  kind: MessageKind;
  text: string | null;
  content: Content;
  status: MessageStatus;
  error: { code: number; message: string } | null;
  author: Person | null;
  attachments: Attachment[];
  reply_to: Quote | null;
  reactions: Reaction[];
  is_forwarded: boolean;
  is_forwarded_often: boolean;
  edited_at: string | null;
  revoked_at: string | null;
  turn_id: string | null;
  /** The channel's id; absent until it took the message. */
  external_id: string | null;
  /** The advertisement that the customer came from, as it came. */
  referral: Record<string, unknown> | null;
  sent_at: string;
  created_at: string;
  statuses: { status: MessageStatus; at: string }[];
};
export type TemplateSend = { name: string; language: string; components?: unknown[]; preview?: string };
export type NewMessage = {
  text?: string;
  attachment_id?: string;
  is_voice?: boolean;
  template?: TemplateSend;
  /** Any other outbound body. */
  content?: Content;
  reply_to?: string;
};

export type TicketEvent = {
  id: string;
  kind: string;
  actor: Person | null;
  at: string;
  data: Record<string, unknown>;
};
export type TimelineItem =
  { type: 'message'; at: string; message: Message } | { type: 'event'; at: string; event: TicketEvent };

/** Percent of contacts, always the same ones; or some that were named. */
export type Rollout = 'off' | 'on' | { share: number } | { contacts: string[] };
export type FlowProblem = { line: number; column: number; message: string };
export type FlowCounts = {
  open: number;
  ended: number;
  handed_over: number;
  withdrawn: number;
  rated: number;
  /** 1 to 3 stars each. */
  rating_sum: number;
};
export type FlowInfo = {
  name: string;
  version: number;
  origin: 'library' | 'folder' | 'console';
  about: string | null;
  rollout: Rollout;
  triggers: string[];
  problems: FlowProblem[];
  counts: FlowCounts;
  changed_at: string;
};
export type StepKind =
  'say' | 'ask' | 'check' | 'look_up' | 'suggest' | 'act' | 'wait' | 'hand_over' | 'bot' | 'end';
export type Wanted = 'photo' | 'video' | 'voice' | 'document' | 'location' | 'choice' | 'number' | 'date' | 'text';
/** A box: its left upper corner, and what of its name and text fits. */
export type FlowStep = {
  id: string;
  kind: StepKind;
  /** What a question is for. */
  wants: Wanted | null;
  text: string;
  open: number;
  x: number;
  y: number;
  width: number;
  height: number;
  title: string;
  lines: string[];
};
/** Its words by their middle; the last line has room for ` · ` and how many went. */
export type FlowWayLabel = { lines: string[]; x: number; y: number; width: number; height: number };
/** All ways from a step to another; `path` is the `d` of an SVG path. */
export type FlowWay = {
  from: string;
  to: string;
  when: string;
  went: number;
  is_back: boolean;
  path: string;
  label: FlowWayLabel | null;
};
export type FlowDrawing = { width: number; height: number; steps: FlowStep[]; ways: FlowWay[] };
/** The drawing is there when there are no problems. */
export type FlowDetail = { info: FlowInfo; source: string; drawing: FlowDrawing | null };
export type FlowChecked = { problems: FlowProblem[]; drawing: FlowDrawing | null };
export type FlowLanguage = 'en' | 'it' | 'es' | 'pt' | 'hi';
export type FlowTry = { source: string; language: FlowLanguage; lines: string[] };
export type FlowTried = { lines: string[] };
/** How a ticket's customer is led, or was. */
export type TicketFlow = {
  flow: string;
  version: number;
  step: string | null;
  /** In a few words: `waiting for a photo (label), try 2 of 3`. */
  doing: string | null;
  /** Absent while it is under way. */
  ending: 'ended' | 'handed_over' | 'withdrawn' | null;
  rating: number | null;
  answers: Record<string, string>;
  started_at: string;
  ended_at: string | null;
};
export type FlowWish = 'take_over' | { begin: string };

export type ArticleText = { title: string; symptoms: string; body: string };
/** A word that was asked, and where it stands in the article. */
export type ArticleMatch = { word: string; place: 'code' | 'product' | 'title' | 'symptom' | 'body' };
export type Article = {
  id: string;
  slug: string;
  products: string[];
  codes: string[];
  origin: string;
  is_published: boolean;
  helped: number;
  did_not_help: number;
  /** By language. */
  texts: Record<string, ArticleText>;
  why: ArticleMatch[];
  updated_at: string;
};
export type ArticleMessage = { text: string; attachment_id: string | null };
/** As a customer gets it; the language is the next best when it is not written in theirs. */
export type ArticleMessages = { language: string; messages: ArticleMessage[] };

export type Technician = TechnicianSpec & {
  id: string;
  /** The path of their calendar; whoever has it may read it. Told to those who may change technicians. */
  calendar: string | null;
};
export type TechnicianSpec = { name: string; areas: string[]; skills: string[]; hours: string[]; user_id: string | null };
/** Minutes of opening hours; without a priority it is for any that has no promise of its own. */
export type Promised = {
  priority: Priority | null;
  first_answer_min: number | null;
  next_answer_min: number | null;
  solution_min: number | null;
};
export type Holiday = { day: string; name: string };
export type TeamMember = {
  user_id: string;
  name: string;
  skills: string[];
  languages: string[];
  is_there: boolean;
  /** Tickets that need them now, of all teams. */
  in_hand: number;
  tickets_max: number | null;
};
export type Assigning = 'by_hand' | 'round_robin' | 'least_load';
export type TeamMemberSpec = Pick<TeamMember, 'user_id' | 'skills' | 'languages' | 'tickets_max'>;
export type TeamSpec = {
  /** What flows call it. */
  name: string;
  time_zone: string;
  hours: string[];
  holidays: Holiday[];
  assigning: Assigning;
  /** Whether tickets that no flow gave to a team are its. */
  takes_new: boolean;
  members: TeamMemberSpec[];
  promises: Promised[];
};
export type Team = Omit<TeamSpec, 'members'> & {
  id: string;
  members: TeamMember[];
  is_open: boolean;
  /** Tickets that have nobody. */
  waiting: number;
};
export type Presence = { is_there: boolean; user_id?: string };

export type Visit = {
  id: string;
  ticket_id: string;
  ticket_number: number;
  contact_name: string | null;
  technician_id: string;
  technician_name: string;
  what: string;
  place: string;
  note: string | null;
  starts_at: string;
  ends_at: string;
  status: 'booked' | 'cancelled' | 'done';
  /** Of a cancellation. */
  why: string | null;
};
export type VisitTime = Pick<Visit, 'technician_id' | 'technician_name' | 'starts_at' | 'ends_at'>;
export type VisitMove = Pick<Visit, 'technician_id' | 'starts_at'>;
export type NewVisit = VisitMove & Pick<Visit, 'ticket_id' | 'what' | 'place'> & { note?: string };
export type VisitEnd = { status: 'cancelled' | 'done'; why?: string };

export type ReturnState = 'proposed' | 'approved' | 'refused' | 'received' | 'refunded' | 'replaced';
export type Return = {
  id: string;
  /** What stands on the parcel: `R-1042`. */
  number: string;
  ticket_id: string;
  ticket_number: number;
  contact_name: string | null;
  order_number: string;
  item: string;
  reason: string | null;
  wish: string | null;
  condition: string | null;
  state: ReturnState;
  next: ReturnState[];
  /** Of the person who decided. */
  note: string | null;
  created_at: string;
  updated_at: string;
};
export type NewReturn = {
  ticket_id: string;
  order_number: string;
  item: string;
  reason?: string;
  wish?: string;
  condition?: string;
};
export type ReturnChange = { state: ReturnState; note?: string };

export type TemplateComponent = {
  type: string;
  format?: string;
  text?: string;
  buttons?: { type: string; text: string; url?: string; phone_number?: string }[];
};
export type Template = {
  name: string;
  language: string;
  category: string | null;
  status: string | null;
  components: TemplateComponent[];
};

export type InboxStats = { received: number; read: number; quarantined: number; waiting: number };
export type Degraded = { code: string; message: string };
export type ProcessState = {
  id: string;
  roles: string[];
  host: string;
  version: string;
  started_at: string;
  seen_at: string;
  /** Seen within the last minute. One that ended as it should is not listed. */
  is_alive: boolean;
  /** The one that answered. */
  is_this: boolean;
  degraded: Degraded[];
};
export type SystemState = {
  version: string;
  /** Of every living process, each once. */
  degraded: Degraded[];
  processes: ProcessState[];
  inbox: InboxStats;
  media: { pending: number; oldest_pending_secs: number | null };
  dead_jobs: number;
  channels: { id: string; kind: string; name: string; is_sandbox: boolean; is_configured: boolean }[];
  /** What the channel complained about lately. */
  problems: { code: number; message: string; times: number; at: string }[];
};
export type Quarantined = {
  id: number;
  received_at: string;
  reason: string | null;
  body_text: string;
  size_bytes: number;
};
export type Job = {
  id: string;
  kind: string;
  state: string;
  attempts: number;
  run_at: string;
  last_error: string | null;
  payload: unknown;
  created_at: string;
};

/** `ticket_id` is absent when so much happened at once that everything shown may be old. */
export type Change = { ticket_id: string | null; what: string };

/** Where words of a search stand. */
export interface SearchHit {
  place:
    | 'message'
    | 'note'
    | 'read'
    | 'file_name'
    | 'number'
    | 'subject'
    | 'tag'
    | 'field'
    | 'contact_name'
    | 'phone'
    | 'username'
    | 'identity';
  snippet: string;
  /** From and to, in characters of the snippet. */
  matches: [number, number][];
  message_id: string | null;
  event_id: string | null;
  direction: Direction | null;
  attachment_id: string | null;
  file_name: string | null;
  region: Region | null;
  field: string | null;
  at: string | null;
}
export interface FoundTicket {
  ticket: Ticket;
  hits: SearchHit[];
  more: number;
}
export interface SearchPage {
  items: FoundTicket[];
  next: string | null;
  not_yet_indexed: number | null;
}
