// WhatsApp's marks. The shorthand: b(…) i(…) s(…) c(…) a(…), blocks joined by |.
import { describe, expect, test } from 'vitest';
import { inline, isOnlyEmoji, parse, type Inline } from '../ticket/markup';

const short = (list: Inline[]): string =>
  list
    .map((p) => {
      if (p.type === 'text') return p.text;
      if (p.type === 'code') return `c(${p.text})`;
      if (p.type === 'link') return `a(${p.text})`;
      return `${p.type.charAt(0)}(${short(p.children)})`;
    })
    .join('');
const blocks = (text: string): string =>
  parse(text)
    .map((b) => {
      if (b.type === 'pre') return `pre(${b.text})`;
      if (b.type === 'list') return `${b.isOrdered ? `ol${b.start}` : 'ul'}(${b.items.map(short).join(';')})`;
      return b.type === 'quote' ? `q(${short(b.children)})` : short(b.children);
    })
    .join('|');

test.each([
  ['*bold* _italic_ ~strike~', 'b(bold) i(italic) s(strike)'],
  ['*_both_*', 'b(i(both))'],
  ['2*3*4 and snake_case_name', '2*3*4 and snake_case_name'],
  ['* not bold * and *open', '* not bold * and *open'],
  ['**twice**', '**twice**'],
  ['(*inside*), yes', '(b(inside)), yes'],
  ['*è* _ñandú_', 'b(è) i(ñandú)'],
  ['`a *b*` c', 'c(a *b*) c'],
  ['see https://example.com/a_b_c*d.', 'see a(https://example.com/a_b_c*d).'],
  ['(https://example.com/x)', '(a(https://example.com/x))'],
  ['https://en.wikipedia.org/wiki/A_(b)', 'a(https://en.wikipedia.org/wiki/A_(b))'],
  ['www.example.com!', 'a(www.example.com)!'],
  ['javascript:alert(1) data:text/html,x', 'javascript:alert(1) data:text/html,x'],
  ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
])('%s', (text, expected) => expect(short(inline(text))).toBe(expected));

test('only http(s) becomes a link, and www gets a scheme', () => {
  const hrefs = inline('www.a.com http://b.com HTTPS://c.com ftp://d.com').flatMap((p) => (p.type === 'link' ? [p.href] : []));
  expect(hrefs).toEqual(['https://www.a.com', 'http://b.com', 'HTTPS://c.com']);
});

describe('blocks', () => {
  test.each([
    ['a\nb', 'a\nb'],
    ['> said\nanswer', 'q(said)|answer'],
    ['- one\n- *two*\nend', 'ul(one;b(two))|end'],
    ['3. c\n4. d', 'ol3(c;d)'],
    ['run ```ls -l\n*x*``` now', 'run |pre(ls -l\n*x*)| now'],
    ['``` open', '``` open'],
  ])('%j', (text, expected) => expect(blocks(text)).toBe(expected));
});

test('a hostile text is read in linear time and bounded depth', () => {
  const started = performance.now();
  parse('*_~'.repeat(1_300) + 'x' + '~_*'.repeat(1_300));
  parse('`'.repeat(4_096));
  parse('http://'.repeat(580));
  expect(performance.now() - started).toBeLessThan(1_000);
});

test.each([
  ['🎉', true],
  ['👍🏽 ❤️ 👩‍👩‍👧', true],
  ['🎉🎉🎉🎉', false],
  ['ok 🎉', false],
  ['12', false],
])('%s is only emoji: %s', (text, expected) => expect(isOnlyEmoji(text)).toBe(expected));
