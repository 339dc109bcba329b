import { describe, expect, it } from 'vitest';
import { blocks, plain, safeUrl, spans, type Span } from './formatting';

/** The tree in a compact notation, so that a table can hold it. */
function show(list: Span[]): string {
  return list
    .map((span) => ('children' in span ? `${span.kind}(${show(span.children)})` : span.kind === 'text' ? span.text : `${span.kind}[${span.text}]`))
    .join('');
}

describe('inline marks', () => {
  it.each([
    ['hello', 'hello'],
    ['*bold* and _italic_ and ~gone~', 'bold(bold) and italic(italic) and strike(gone)'],
    ['*bold _both_*', 'bold(bold italic(both))'],
    ['`a*b*c`', 'code[a*b*c]'],
    ['2*3*4', '2*3*4'],
    ['snake_case_name', 'snake_case_name'],
    ['* not bold *', '* not bold *'],
    ['**', '**'],
    ['*over\nlines*', '*over\nlines*'],
    ['(*bold*)!', '(bold(bold))!'],
    ['see https://a.example/x?y=1.', 'see link[https://a.example/x?y=1].'],
    ['javascript:alert(1)', 'javascript:alert(1)'],
    ['<b>x</b>', '<b>x</b>'],
    ['_é_', 'italic(é)'],
  ])('%j', (text, expected) => {
    expect(show(spans(text))).toBe(expected);
  });

  it('keeps every character of a hostile message and ends quickly', () => {
    const hostile = '*_~'.repeat(1365);
    expect(show(spans(hostile))).toContain('*_~');
    expect(plain('*'.repeat(4096))).toBe('*'.repeat(4096));
  });
});

describe('blocks', () => {
  it('splits fences, quotes and lists from paragraphs', () => {
    const text = 'Hi\n- one\n- two\n1. first\n> said\n```a *b*\n c```after';
    expect(blocks(text).map((block) => block.kind)).toEqual(['paragraph', 'bullets', 'numbers', 'quote', 'mono', 'paragraph']);
    expect(blocks(text).find((block) => block.kind === 'mono')).toEqual({ kind: 'mono', text: 'a *b*\n c' });
  });

  it('keeps the line breaks inside a paragraph', () => {
    expect(blocks('a\nb\n\nc')).toEqual([{ kind: 'paragraph', spans: [{ kind: 'text', text: 'a\nb\n\nc' }] }]);
  });
});

it('says a message in one line without marks', () => {
  expect(plain('*Hello*\n- a _b_\n```code```')).toBe('Hello a b code');
});

it.each([
  ['https://a.example/', 'https://a.example/'],
  ['http://a.example', 'http://a.example/'],
  ['javascript:alert(1)', null],
  ['data:text/html,x', null],
  ['//a.example', null],
  ['', null],
  [null, null],
])('lets only web links through: %j', (raw, expected) => {
  expect(safeUrl(raw)).toBe(expected);
});
