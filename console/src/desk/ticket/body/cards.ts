// A WhatsApp contact card, read with care: every part of it may be absent or of another type.
export type Card = { name: string; org: string; phones: string[]; emails: string[] };

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value.slice(0, 10) : []);
const unique = (values: string[]) => [...new Set(values.filter(Boolean))];

export function cardOf(raw: unknown): Card {
  const name = field(raw, 'name');
  const spoken = [field(name, 'first_name'), field(name, 'last_name')].map(text).filter(Boolean).join(' ');
  return {
    name: text(field(name, 'formatted_name')) || spoken || 'Contact without a name',
    org: [field(field(raw, 'org'), 'title'), field(field(raw, 'org'), 'company')].map(text).filter(Boolean).join(', '),
    phones: unique(list(field(raw, 'phones')).map((p) => text(field(p, 'phone')) || text(field(p, 'wa_id')))),
    emails: unique(list(field(raw, 'emails')).map((e) => text(field(e, 'email')))),
  };
}
