// Articles as people read them, and what a ticket would be searched by.
import type { Article, ArticleMatch, ArticleText, Ticket, TimelineItem } from '../../api/types';

const places: Record<ArticleMatch['place'], string> = {
  code: 'as its code',
  product: 'as its product',
  title: 'in the title',
  symptom: 'among the symptoms',
  body: 'in the text',
};
/** `“E20” as its code, “leaks” in the title`: a word is told once, by the place that says most. */
export function whyFound(why: ArticleMatch[]): string {
  const rank = Object.keys(places);
  const best = new Map<string, ArticleMatch>();
  for (const one of why.toSorted((a, b) => rank.indexOf(a.place) - rank.indexOf(b.place))) {
    const word = one.word.toLowerCase();
    if (!best.has(word)) best.set(word, one);
  }
  return [...best.values()].map(({ word, place }) => `“${word}” ${places[place]}`).join(', ');
}

const origins: Record<string, string> = { folder: 'From the folder of articles', console: 'Written here' };
export const originName = (origin: string): string => origins[origin] ?? origin;

/** In this language, or in the next best: the same choice as the server's. */
export function textOf(article: Article, language: string | null): { language: string; text: ArticleText } | null {
  const languages = Object.keys(article.texts).sort();
  const found = [language ?? '', 'en', ...languages].find((code) => article.texts[code]);
  const text = found ? article.texts[found] : undefined;
  return found && text ? { language: found, text } : null;
}
export const titleOf = (article: Article, language: string | null): string =>
  textOf(article, language)?.text.title || article.slug;

/** `E20`, `ER-14`, `F 07`: a letter or two and a number, as displays show them. */
const CODE = /(?<![\p{L}\p{N}-])[A-Z]{1,3}[ -]?\d{1,4}(?![\p{L}\p{N}-])/u;
const WORDS_CHARS_MAX = 80;

/** What to search for a ticket: the error code that stands in it, else what it is about, else the newest words. */
export function askedBy(ticket: Ticket, items: TimelineItem[]): string {
  const said = items.flatMap((item) =>
    item.type === 'message' && item.message.direction === 'in' && item.message.text ? [item.message.text] : [],
  );
  const field = Object.entries(ticket.fields).find(([name, value]) => /code$/.test(name) && value);
  const newestFirst = said.toReversed();
  const code = [ticket.subject ?? '', ...newestFirst].map((text) => CODE.exec(text)?.[0]).find(Boolean);
  const words = ticket.subject || newestFirst[0] || '';
  return (field?.[1] ?? code ?? words).replaceAll(/\s+/g, ' ').trim().slice(0, WORDS_CHARS_MAX);
}
