// WhatsApp's text marks as a tree: *bold* _italic_ ~strike~ `code` ```block```, > quotes, lists and links.
// The tree is drawn with components, so nothing that a customer writes can become markup of the page.
export type Inline =
  | { type: 'text'; text: string }
  | { type: 'bold' | 'italic' | 'strike'; children: Inline[] }
  | { type: 'code'; text: string }
  | { type: 'link'; text: string; href: string };
export type Block =
  | { type: 'paragraph'; children: Inline[] }
  | { type: 'quote'; children: Inline[] }
  | { type: 'list'; isOrdered: boolean; start: number; items: Inline[][] }
  | { type: 'pre'; text: string };

const marks = { '*': 'bold', _: 'italic', '~': 'strike' } as const;
const DEPTH_MAX = 4;
const LINK = /\b(?:https?:\/\/|www\.)[^\s<>"'`]+/giu;

const isWord = (c: string | undefined) => c !== undefined && /[\p{L}\p{N}]/u.test(c);
const isSpace = (c: string | undefined) => c === undefined || /\s/.test(c);

/** Where the mark that opens at `from` closes, or -1: inside one line, against words, not empty. */
function closing(line: string, from: number, mark: string): number {
  if (isWord(line[from - 1]) || line[from - 1] === mark || isSpace(line[from + 1]) || line[from + 1] === mark) return -1;
  for (let i = line.indexOf(mark, from + 2); i >= 0; i = line.indexOf(mark, i + 1)) {
    if (!isSpace(line[i - 1]) && !isWord(line[i + 1]) && line[i + 1] !== mark) return i;
  }
  return -1;
}

/** Only http(s), never what follows a sentence's end; a closing bracket belongs to the link only if it opens in it. */
function trimmed(url: string): string {
  let text = url.replace(/[.,;:!?…*_~]+$/u, '');
  while (text.endsWith(')') && !text.includes('(')) text = text.slice(0, -1);
  return text;
}

function links(text: string): Inline[] {
  const out: Inline[] = [];
  let at = 0;
  for (const found of text.matchAll(LINK)) {
    const shown = trimmed(found[0]);
    const href = /^www\./i.test(shown) ? `https://${shown}` : shown;
    if (!URL.canParse(href)) continue;
    if (found.index > at) out.push({ type: 'text', text: text.slice(at, found.index) });
    out.push({ type: 'link', text: shown, href });
    at = found.index + shown.length;
  }
  if (at < text.length) out.push({ type: 'text', text: text.slice(at) });
  return out;
}

export function inline(line: string, depth = 0): Inline[] {
  const out: Inline[] = [];
  let plain = 0;
  const spans = [...line.matchAll(LINK)].map((m) => [m.index, m.index + trimmed(m[0]).length] as const);
  const flush = (to: number) => {
    if (to > plain) out.push(...links(line.slice(plain, to)));
  };
  for (let i = 0; i < line.length && depth < DEPTH_MAX; i++) {
    const c = line[i] as string;
    // The marks inside an address are part of the address.
    const span = spans.find(([from, to]) => i >= from && i < to);
    if (span) {
      i = span[1] - 1;
      continue;
    }
    if (c === '`') {
      const end = line.indexOf('`', i + 1);
      if (end <= i + 1) continue;
      flush(i);
      out.push({ type: 'code', text: line.slice(i + 1, end) });
      i = end;
      plain = end + 1;
    } else if (c === '*' || c === '_' || c === '~') {
      const end = closing(line, i, c);
      if (end < 0) continue;
      flush(i);
      out.push({ type: marks[c], children: inline(line.slice(i + 1, end), depth + 1) });
      i = end;
      plain = end + 1;
    }
  }
  flush(line.length);
  return out;
}

function lineBlocks(text: string): Block[] {
  const out: Block[] = [];
  let paragraph: string[] = [];
  const flush = () => {
    if (paragraph.length) {
      const children = paragraph.flatMap((line, i) => [...(i ? [{ type: 'text', text: '\n' } as Inline] : []), ...inline(line)]);
      out.push({ type: 'paragraph', children });
    }
    paragraph = [];
  };
  for (const line of text.split('\n')) {
    const quote = /^> ?(.+)$/.exec(line);
    const bullet = /^[-*•] (.+)$/.exec(line);
    const number = /^(\d{1,3})\. (.+)$/.exec(line);
    const item = bullet?.[1] ?? number?.[2];
    const last = paragraph.length ? undefined : out.at(-1);
    if (quote?.[1]) {
      flush();
      out.push({ type: 'quote', children: inline(quote[1]) });
    } else if (item !== undefined) {
      flush();
      const isOrdered = number !== null;
      if (last?.type === 'list' && last.isOrdered === isOrdered) last.items.push(inline(item));
      else out.push({ type: 'list', isOrdered, start: Number(number?.[1] ?? 1), items: [inline(item)] });
    } else paragraph.push(line);
  }
  flush();
  return out;
}

export function parse(text: string): Block[] {
  const out: Block[] = [];
  text.split(/```([\s\S]+?)```/).forEach((part, i) => {
    if (i % 2) out.push({ type: 'pre', text: part.replace(/^\n|\n$/g, '') });
    else if (part.trim()) out.push(...lineBlocks(out.length ? part.replace(/^\n|\n$/g, '') : part));
  });
  return out;
}

/** A message of one to three emoji and nothing else is shown large. */
export const isOnlyEmoji = (text: string): boolean =>
  /^(?:\p{RGI_Emoji}|\s){1,6}$/v.test(text) && [...new Intl.Segmenter().segment(text.replaceAll(/\s/g, ''))].length <= 3;
