// The messenger's light markup (*bold*, _italic_, ~strike~, `code`, ```mono```)
// turned into a tree that components render as elements. The text never becomes
// HTML, so a hostile message stays text.

export type Span =
  | { kind: 'text'; text: string }
  | { kind: 'link'; text: string; href: string }
  | { kind: 'code'; text: string }
  | { kind: 'bold' | 'italic' | 'strike'; children: Span[] };

export type Block =
  | { kind: 'paragraph'; spans: Span[] }
  | { kind: 'mono'; text: string }
  | { kind: 'quote'; spans: Span[] }
  | { kind: 'bullets' | 'numbers'; items: Span[][] };

const MARKS: Record<string, 'bold' | 'italic' | 'strike'> = { '*': 'bold', _: 'italic', '~': 'strike' };
const DEPTH_MAX = 6;
const LINK = /https?:\/\/[^\s<>"']+/iy;
const FENCE = /```([\s\S]+?)```/g;

/** Splits a message into blocks; joins of consecutive plain lines keep their line breaks. */
export function blocks(text: string): Block[] {
  const out: Block[] = [];
  let from = 0;
  for (const fence of text.matchAll(FENCE)) {
    out.push(...lines(text.slice(from, fence.index)));
    out.push({ kind: 'mono', text: (fence[1] ?? '').replace(/^\n|\n$/g, '') });
    from = fence.index + fence[0].length;
  }
  out.push(...lines(text.slice(from)));
  return out;
}

/** The same text with the markup removed: for previews and quotes of one line. */
export function plain(text: string): string {
  return blocks(text)
    .map((block) => {
      if (block.kind === 'mono') return block.text;
      if ('items' in block) return block.items.map(flat).join(' ');
      return flat(block.spans);
    })
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Inline marks of one stretch of text. */
export function spans(text: string, depth = 0): Span[] {
  const out: Span[] = [];
  let plainFrom = 0;
  let at = 0;
  const flush = () => {
    if (at > plainFrom) out.push({ kind: 'text', text: text.slice(plainFrom, at) });
  };
  while (at < text.length) {
    const found = depth < DEPTH_MAX ? spanAt(text, at, depth) : null;
    if (found === null) {
      at += 1;
      continue;
    }
    flush();
    out.push(found.span);
    at = found.end;
    plainFrom = at;
  }
  flush();
  return out;
}

function spanAt(text: string, at: number, depth: number): { span: Span; end: number } | null {
  const char = text[at] ?? '';
  if (char === '`') {
    const end = text.indexOf('`', at + 1);
    const inner = end < 0 ? '' : text.slice(at + 1, end);
    return inner.trim() === '' || inner.includes('\n') ? null : { span: { kind: 'code', text: inner }, end: end + 1 };
  }
  const kind = MARKS[char];
  if (kind !== undefined) {
    const end = closing(text, at, char);
    if (end < 0) return null;
    return { span: { kind, children: spans(text.slice(at + 1, end), depth + 1) }, end: end + 1 };
  }
  return char === 'h' || char === 'H' ? linkAt(text, at) : null;
}

/** A mark opens at a word's edge before a non-space and closes after one, on the same line. */
function closing(text: string, at: number, mark: string): number {
  if (isWord(text[at - 1]) || isSpace(text[at + 1]) || text[at + 1] === mark) return -1;
  for (let i = at + 2; i < text.length; i += 1) {
    if (text[i] === '\n') return -1;
    if (text[i] === mark && !isSpace(text[i - 1]) && !isWord(text[i + 1])) return i;
  }
  return -1;
}

function linkAt(text: string, at: number): { span: Span; end: number } | null {
  if (isWord(text[at - 1])) return null;
  LINK.lastIndex = at;
  const raw = LINK.exec(text)?.[0].replace(/[.,;:!?)*_~]+$/, '');
  const href = raw === undefined ? null : safeUrl(raw);
  return raw === undefined || href === null ? null : { span: { kind: 'link', text: raw, href }, end: at + raw.length };
}

/** Only http and https links leave this page; anything else is shown as text. */
export function safeUrl(raw: string | null | undefined): string | null {
  if (!raw) return null;
  try {
    const url = new URL(raw);
    return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : null;
  } catch {
    return null;
  }
}

function lines(text: string): Block[] {
  const out: Block[] = [];
  let paragraph: string[] = [];
  const flush = () => {
    const joined = paragraph.join('\n').replace(/^\n+|\n+$/g, '');
    if (joined.trim() !== '') out.push({ kind: 'paragraph', spans: spans(joined) });
    paragraph = [];
  };
  for (const line of text.split('\n')) {
    const quote = /^> (.+)$/.exec(line);
    const item = /^(?:[-*] |(\d{1,2})\. )(.+)$/.exec(line);
    if (quote) {
      flush();
      out.push({ kind: 'quote', spans: spans(quote[1] ?? '') });
    } else if (item) {
      flush();
      const kind = item[1] === undefined ? 'bullets' : 'numbers';
      const last = out.at(-1);
      const content = spans(item[2] ?? '');
      if (last && last.kind === kind) last.items.push(content);
      else out.push({ kind, items: [content] });
    } else {
      paragraph.push(line);
    }
  }
  flush();
  return out;
}

function flat(list: Span[]): string {
  return list.map((span) => ('children' in span ? flat(span.children) : span.text)).join('');
}

function isWord(char: string | undefined): boolean {
  return char !== undefined && /[\p{L}\p{N}]/u.test(char);
}

function isSpace(char: string | undefined): boolean {
  return char === undefined || /\s/.test(char);
}
