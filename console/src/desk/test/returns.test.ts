// Returns: their order, their pictures and what speaks for and against them.
import { afterEach, expect, test, vi } from 'vitest';
import type { Finding } from '../../api/types';
import { returns } from '../returns/list.svelte';
import { assessmentOf, evidenceOf, groups, picturesIn, waitsFor } from '../returns/words';
import { attachment, happened, message, oneReturn, photo, said } from './fixtures';

afterEach(() => vi.unstubAllGlobals());

test('every state stands in one group, and what awaits a decision first', () => {
  expect(groups[0]?.states).toEqual(['proposed']);
  const states = groups.flatMap((group) => group.states);
  expect([...states].sort()).toEqual(['approved', 'proposed', 'received', 'refunded', 'refused', 'replaced']);
  expect(new Set(states.map((state) => waitsFor(oneReturn({ state })))).size).toBe(6);
});
test('only what the customer sent and what may be shown is a picture of the return', () => {
  const held = { number: 1, is_complete: false, verdict: 'usable', reason: null, hint: null, failed: {} } as const;
  const items = [
    photo('one', '2026-05-20T10:00:00Z', null),
    photo('ours', '2026-05-20T10:01:00Z', null, { direction: 'out' }),
    said(message({ id: 'M2', attachments: [attachment({ id: 'A-held', analysis: held })] })),
    said(message({ id: 'M3', attachments: [attachment({ id: 'A-bill', renditions: [] })] })),
  ].map((item) => ('type' in item ? item : said(item)));
  expect(picturesIn(items).map((file) => file.id)).toEqual(['A-one']);
});
test('the assessment is the hand-over that names this return', () => {
  const told = (id: string, text: string) => happened(id, 'flow.handed_over', '2026-05-20T10:00:00Z', { text });
  const items = [told('E3', 'Which oven?'), told('E2', 'Return R-0001 waits'), told('E1', 'Return R-0001 waited')];
  expect(assessmentOf(items, 'R-0001')?.id).toBe('E2');
  expect(assessmentOf(items, 'R-0002')).toBeNull();
});
test('what tells most stands first; text, measures and absent metadata are no evidence', () => {
  const finding = (kind: string, confidence = 1): Finding =>
    ({ kind, value: null, confidence, region: null, why: '', analyzer: 'a', version: '1' });
  const all = ['quality.blur', 'text.line', 'entity.serial', 'provenance.edited', 'provenance.none', 'forensics.none', 'forensics.copy_move', 'seen.near'].map((k) => finding(k));
  const told = evidenceOf([...all, finding('seen.exact', 0.5), finding('code.qr')]).map((one) => one.kind);
  expect(told).toEqual(['seen.near', 'seen.exact', 'forensics.copy_move', 'provenance.edited', 'entity.serial']);
});
test('the groups are fetched by their states, a further page is added', async () => {
  const asked: string[] = [];
  vi.stubGlobal('fetch', (request: Request) => {
    const query = new URL(request.url).searchParams;
    const [state, cursor] = [query.get('state') ?? '', query.get('cursor')];
    asked.push(state);
    const items = state === 'proposed' ? [oneReturn({ id: cursor ? 'R2' : 'R1' })] : [];
    return Promise.resolve(Response.json({ items, next: items.length && !cursor ? 'more' : null }));
  });
  await returns.refresh();
  expect(asked).toEqual(['proposed', 'approved', 'received', 'refunded,replaced,refused']);
  const [first] = returns.groups;
  if (first) await returns.more(first);
  expect([first?.items.map((one) => one.id), first?.next]).toEqual([['R1', 'R2'], null]);
});
