// Meta's `interactive` object, read tolerantly into what the page draws.
// Whatever is missing or of a wrong type is simply not drawn.
import { safeUrl } from './formatting';

export interface Choice {
  id: string;
  title: string;
  description: string;
}

export interface Section {
  title: string;
  rows: Choice[];
}

export type Action =
  | { kind: 'buttons'; buttons: Choice[] }
  | { kind: 'list'; label: string; sections: Section[] }
  | { kind: 'link'; label: string; href: string | null; raw: string }
  | { kind: 'location' }
  | { kind: 'flow'; label: string; token: string; name: string; screen: string }
  | { kind: 'unknown'; type: string };

export interface Interactive {
  header: string;
  body: string;
  footer: string;
  action: Action;
}

export function readInteractive(raw: unknown): Interactive {
  const it = record(raw);
  const header = record(it['header']);
  return {
    header: text(header['text']),
    body: text(record(it['body'])['text']),
    footer: text(record(it['footer'])['text']),
    action: readAction(text(it['type']), record(it['action'])),
  };
}

/** The reply the customer chose, as it sits in a message they sent. */
export function readReply(raw: unknown): { title: string; description: string; json: string } | null {
  const it = record(raw);
  const flow = record(it['nfm_reply']);
  if (it['nfm_reply'] !== undefined) {
    return { title: text(flow['body']) || 'Form sent', description: '', json: text(flow['response_json']) };
  }
  const reply = record(it['button_reply'] ?? it['list_reply'] ?? it['button']);
  const title = text(reply['title']) || text(reply['text']);
  return title === '' ? null : { title, description: text(reply['description']), json: '' };
}

function readAction(type: string, action: Record<string, unknown>): Action {
  const parameters = record(action['parameters']);
  switch (type) {
    case 'button':
      return { kind: 'buttons', buttons: array(action['buttons']).map((button) => choice(record(button)['reply'])) };
    case 'list':
      return { kind: 'list', label: text(action['button']) || 'Choose', sections: array(action['sections']).map(section) };
    case 'cta_url': {
      const raw = text(parameters['url']);
      return { kind: 'link', label: text(parameters['display_text']) || 'Open', href: safeUrl(raw), raw };
    }
    case 'location_request_message':
      return { kind: 'location' };
    case 'flow':
      return {
        kind: 'flow',
        label: text(parameters['flow_cta']) || 'Open form',
        token: text(parameters['flow_token']),
        name: text(parameters['flow_name']) || text(parameters['flow_id']),
        screen: text(record(parameters['flow_action_payload'])['screen']),
      };
    default:
      return { kind: 'unknown', type: type || 'interactive' };
  }
}

function section(raw: unknown): Section {
  const it = record(raw);
  return { title: text(it['title']), rows: array(it['rows']).map(choice) };
}

function choice(raw: unknown): Choice {
  const it = record(raw);
  return { id: text(it['id']), title: text(it['title']), description: text(it['description']) };
}

function record(raw: unknown): Record<string, unknown> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? (raw as Record<string, unknown>) : {};
}

function array(raw: unknown): unknown[] {
  return Array.isArray(raw) ? raw : [];
}

function text(raw: unknown): string {
  return typeof raw === 'string' ? raw : typeof raw === 'number' ? String(raw) : '';
}
