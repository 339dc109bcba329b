// A delivered webhook in a few words. Bodies are whatever was delivered, poison included.

/** E.g. `image from 39333…`, `status read`, `3 messages`; the start of the text if it is not Meta's. */
export function describe(body: unknown): string {
  const value = parse(body);
  const values = list(value, 'entry')
    .flatMap((entry) => list(entry, 'changes'))
    .map((change) => (change as { value?: unknown }).value);
  const messages = values.flatMap((it) => list(it, 'messages')) as { type?: unknown; from?: unknown; from_user_id?: unknown }[];
  const statuses = values.flatMap((it) => list(it, 'statuses')) as { status?: unknown }[];
  const parts: string[] = [];
  if (messages.length === 1) parts.push(`${String(messages[0]?.type)} from ${String(messages[0]?.from ?? messages[0]?.from_user_id ?? 'someone')}`);
  if (messages.length > 1) parts.push(`${messages.length} messages`);
  if (statuses.length === 1) parts.push(`status ${String(statuses[0]?.status)}`);
  if (statuses.length > 1) parts.push(`${statuses.length} statuses`);
  return parts.join(', ') || String(typeof body === 'string' ? body : JSON.stringify(body)).slice(0, 60) || 'empty body';
}

/** The body indented when it is JSON, else as it is; never more than a page shows. */
export function pretty(body: unknown): string {
  const value = parse(body);
  const text = value === null ? String(body) : JSON.stringify(value, null, 2);
  return text.length > 20_000 ? `${text.slice(0, 20_000)}\n… ${text.length - 20_000} characters more` : text;
}

function parse(body: unknown): unknown {
  if (typeof body !== 'string') return body ?? null;
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function list(of: unknown, key: string): unknown[] {
  const value = typeof of === 'object' && of !== null ? (of as Record<string, unknown>)[key] : null;
  return Array.isArray(value) ? value.filter((it) => typeof it === 'object' && it !== null) : [];
}
