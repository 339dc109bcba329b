import { expect, test } from 'vitest';
import { addressOf, inLightOf, outcomeOf, readLink, type Outcome } from './link';
import { LANGUAGES, languageOf, moment, texts } from './texts';

test.each([
  ['/capture/AbC-9', '/capture/AbC-9'],
  ['/capture/AbC-9/', '/capture/AbC-9'],
  ['/help/capture/AbC-9', '/help/capture/AbC-9'],
  ['/capture/', null],
  ['/capture', null],
  ['/capture/a/state', null],
  ['/', null],
])('%s is the link %s', (path, expected) => expect(addressOf(path)).toBe(expected));

test('the server’s word for a link', () => {
  expect(readLink({ state: 'open', purpose: 'identity_document', language: 'hi', expires_at: '2026-11-23T10:00:00Z' })).toEqual({
    state: 'open',
    purpose: 'identity_document',
    language: 'hi',
    expires: new Date('2026-11-23T10:00:00Z'),
  });
  const bare = { purpose: '', language: null, expires: null };
  expect(readLink({ state: 'used', language: 'xx', expires_at: 'soon' })).toEqual({ state: 'used', ...bare });
  expect(readLink({ error: { code: 'unknown', message: 'no such link' } })).toEqual({ state: 'unknown', ...bare });
  for (const nonsense of [null, 'open', {}, { state: 'later' }, { error: { code: 'internal' } }, { error: null }]) {
    expect(readLink(nonsense)).toBeNull();
  }
});

test.each<[number, Outcome]>([
  [200, 'sent'],
  [404, 'unknown'],
  [409, 'used'],
  [410, 'expired'],
  [413, 'too_large'],
  [415, 'not_a_picture'],
  [503, 'busy'],
  [500, 'busy'],
  [0, 'offline'],
])('%i means %s', (status, expected) => expect(outcomeOf(status)).toBe(expected));

test('a lost answer does not turn our own picture into somebody else’s', () => {
  expect(inLightOf('offline', 'used')).toBe('sent');
  expect(inLightOf(null, 'used')).toBe('used');
  expect(inLightOf('busy', 'used')).toBe('used');
  expect(inLightOf('offline', 'expired')).toBe('expired');
});

test('the first of the browser’s languages that we speak', () => {
  expect(languageOf(['de-DE', 'pt-BR', 'en'])).toBe('pt');
  expect(languageOf(['de', 'fr'])).toBe('en');
});

test('an hour today, a day otherwise', () => {
  const now = new Date('2026-11-23T10:00:00Z');
  expect(moment(new Date('2026-11-23T14:30:00Z'), now, 'it', 'Europe/Rome')).toBe('15:30');
  expect(moment(new Date('2026-11-24T14:30:00Z'), now, 'it', 'Europe/Rome')).toBe('mar 24 nov, 15:30');
  // It is tomorrow already where the person is.
  expect(moment(new Date('2026-11-23T23:30:00Z'), now, 'en-GB', 'Asia/Kolkata')).toBe('Tue 24 Nov, 05:00');
});

/** Every sentence of a language, functions called with a mark. */
const sentences = (of: unknown): string[] => {
  if (typeof of === 'string') return [of];
  if (typeof of === 'function') return [String((of as (when: string) => string)('WHEN'))];
  return Object.values(of as Record<string, unknown>).flatMap(sentences);
};
test.each(LANGUAGES)('%s says everything, within a phone’s width', (language) => {
  const all = sentences(texts[language]);
  expect(all.filter((text) => !text.trim())).toEqual([]);
  expect(texts[language].until('WHEN')).toContain('WHEN');
  // A hint has to be read at a glance, a button on one line.
  for (const hint of Object.values(texts[language].hints)) expect(hint.length).toBeLessThanOrEqual(36);
  for (const label of [texts[language].start.open, texts[language].review.send]) expect(label.length).toBeLessThanOrEqual(24);
  if (language !== 'en') {
    const english = new Set(sentences(texts.en));
    expect(all.filter((text) => english.has(text))).toEqual([]);
  }
});
