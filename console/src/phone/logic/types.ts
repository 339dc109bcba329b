// The sandbox's control API as the page sees it.
// The sandbox speaks from the customer's side: "out" is what the customer sent,
// "in" is what the business sent. Moments are RFC 3339 text.

export type Direction = 'in' | 'out';

export interface LastMessage {
  text: string | null;
  kind: string;
  at: string;
  direction: Direction;
}

export interface Customer {
  id: string;
  wa_id: string | null;
  user_id: string;
  name: string;
  username: string | null;
  unread: number;
  last_message: LastMessage | null;
  bsuid_only?: boolean;
}

export interface Media {
  url: string;
  mime_type: string;
  file_name: string | null;
  size_bytes: number;
  width: number | null;
  height: number | null;
  voice: boolean;
}

export interface Place {
  latitude: number;
  longitude: number;
  name?: string | null;
  address?: string | null;
}

export interface ContactCard {
  name?: { formatted_name?: string; first_name?: string };
  phones?: { phone?: string; type?: string; wa_id?: string }[];
  emails?: { email?: string }[];
  org?: { company?: string; title?: string };
}

export interface TemplateButton {
  type: string;
  text: string;
  url: string | null;
  payload: string | null;
  index: number;
}

export interface Template {
  name?: string;
  language?: string;
  header_text: string | null;
  header_media: Media | null;
  body: string;
  footer: string | null;
  buttons: TemplateButton[];
}

export interface Reaction {
  from: 'customer' | 'business';
  emoji: string;
}

export type Status = 'sent' | 'delivered' | 'read' | 'played' | 'failed';

export interface ChatMessage {
  id: string;
  direction: Direction;
  type: string;
  at: string;
  text: string | null;
  media: Media | null;
  location: Place | null;
  contacts: ContactCard[] | null;
  interactive: unknown;
  template: Template | null;
  context_id: string | null;
  forwarded?: boolean;
  reactions: Reaction[];
  status: Status;
  error?: { code?: number; message?: string } | null;
  edited: boolean;
  revoked: boolean;
}

/** What became of a form that was filled in. */
export interface FormSent {
  endpoint_status: number | null;
  said: string | null;
  ids: string[];
}

export interface FailNext {
  status: number;
  code: number;
  times: number;
  endpoint: 'messages' | 'media' | 'resolve' | 'download' | null;
}

export interface Knobs {
  duplicate: number;
  reorder: boolean;
  delay_ms: number;
  batch: number;
  drop: number;
  bad_signature: boolean;
  slow_ms: number;
  expire_media: boolean;
  media_url_in_webhook: boolean;
  contacts_on_status: boolean;
  bsuid_only: boolean;
  conversation_on_status: boolean;
  fail_next: FailNext[];
  accept_then_cut: number;
  download: string;
  form: string;
  read_automatically: boolean;
  error_status: number | null;
  throughput_mps: number;
}

export interface BusinessNumber {
  phone_number_id: string;
  display_phone_number: string;
  verified_name: string;
}

export interface SandboxState {
  now: string;
  clock_offset_s: number;
  webhook_url: string | null;
  webhook_state: { delivered: number; failed: number; queued: number; last_status: number | null; handshake?: string | null };
  customers: Customer[];
  knobs: Knobs;
  numbers: BusinessNumber[];
}

export interface Delivery {
  id: string;
  at: string;
  url: string;
  status: number | null;
  attempts: number;
  body: unknown;
}
