// Articles: why one was found, in which language it is shown, what a ticket is searched by, and typing without haste.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ArticleSearch } from '../articles/list.svelte';
import { askedBy, titleOf, whyFound } from '../articles/words';
import { article, message, said, ticket } from './fixtures';

test('a word is told once, by the place that says most', () => {
  const why = [
    { word: 'shows', place: 'body' },
    { word: 'E20', place: 'title' },
    { word: 'e20', place: 'code' },
    { word: 'shows', place: 'symptom' },
  ] as const;
  expect(whyFound([...why])).toBe('“e20” as its code, “shows” among the symptoms');
  expect(whyFound([])).toBe('');
});

test('it is shown in the wanted language, in English, or in the one that there is', () => {
  const text = (title: string) => ({ title, symptoms: '', body: '' });
  const both = article({ texts: { en: text('Door'), it: text('Porta') } });
  expect([titleOf(both, 'it'), titleOf(both, 'hi'), titleOf(both, null)]).toEqual(['Porta', 'Door', 'Door']);
  expect(titleOf(article({ texts: { pt: text('Porta') } }), 'it')).toBe('Porta');
  expect(titleOf(article({ texts: {} }), 'en')).toBe('e20');
});

describe('what a ticket is searched by', () => {
  const says = (...texts: string[]) => texts.map((text, n) => said(message({ id: `M${n}`, text })));
  test.each([
    ['the code in the words', {}, ['Hello', 'It stopped and shows E18!'], 'E18'],
    ['the newest code', {}, ['It shows E18', 'and now ER-14'], 'ER-14'],
    ['what a flow wrote down', { fields: { error_code: 'F 07' } }, ['It shows E18'], 'F 07'],
    ['the code in the subject', { subject: 'Washer with E20' }, ['Hello'], 'E20'],
    ['the subject', { subject: 'No water' }, ['Hello'], 'No water'],
    ['the newest words', {}, ['Hello', 'the door\n does not close'], 'the door does not close'],
    ['nothing', {}, [], ''],
  ])('%s', (_, parts, texts, expected) => expect(askedBy(ticket(parts), says(...texts))).toBe(expected));
  test('a year, a long number or our own words are no code', () => {
    const ours = said(message({ direction: 'out', text: 'Is it E20?' }));
    expect(askedBy(ticket(), [...says('bought in 2026, DE4900000 A12345'), ours])).toBe('bought in 2026, DE4900000 A12345');
  });
  test('it stays short', () => expect(askedBy(ticket(), says('word '.repeat(100))).length).toBeLessThanOrEqual(80));
});

describe('the search', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  test('typing asks once, and a late answer to older words is dropped', async () => {
    const waiting: { q: string | null; answer: () => void }[] = [];
    vi.stubGlobal('fetch', (request: Request) => {
      const q = new URL(request.url).searchParams.get('q');
      const body = { items: [article({ slug: q ?? 'all' })], next: null };
      return new Promise((resolve) => waiting.push({ q, answer: () => resolve(Response.json(body)) }));
    });
    const search = new ArticleSearch();
    for (const words of ['E', 'E2', 'E20']) {
      search.words = words;
      search.typed();
    }
    expect(search.isStale).toBe(true);
    await vi.advanceTimersByTimeAsync(300);
    search.words = 'E21';
    search.typed();
    await vi.advanceTimersByTimeAsync(300);
    expect(waiting.map((one) => one.q)).toEqual(['E20', 'E21']);
    waiting[1]?.answer();
    await vi.waitFor(() => expect(search.items[0]?.slug).toBe('E21'));
    waiting[0]?.answer();
    await vi.advanceTimersByTimeAsync(10);
    expect([search.items[0]?.slug, search.isStale]).toEqual(['E21', false]);
  });
});
