import { describe, expect, it } from 'vitest';
import type { PlacedFile } from '../../api/types';
import { FileList, shotOf, stateOf } from '../media/files.svelte';
import { unmaskedUrl, shownUrl } from '../ticket/body/looks';
import { canBeBlackened } from '../viewer/pictures';
import { attachment, message } from './fixtures';

const file = (parts: Parameters<typeof attachment>[0] = {}): PlacedFile => ({
  attachment: attachment(parts),
  ticket_id: 'T1',
  ticket_number: 1,
  direction: 'in',
});

describe('the files of a ticket', () => {
  it('come page by page, none twice, and what was overtaken is left out', async () => {
    const asked: (string | undefined)[] = [];
    const list = new FileList(async ({ cursor }) => {
      asked.push(cursor);
      const ids = cursor ? ['A2', 'A1'] : ['A3', 'A2'];
      return { items: ids.map((id) => file({ id })), next: cursor ? null : 'more' };
    }, 2);
    await list.refresh();
    await Promise.all([list.more(), list.more()]);
    expect([list.items.map((f) => f.attachment.id), asked, list.next]).toEqual([['A3', 'A2', 'A1'], [undefined, 'more'], null]);
    const late = list.refresh();
    list.stop();
    await late;
    expect(list.items.length).toBe(3);
    const broken = new FileList(async () => Promise.reject(new Error('away')), 2);
    await broken.refresh();
    expect([broken.phase, broken.error]).toEqual(['failed', 'away']);
  });
  it('lead to the viewer where there is something to see, and say where there is not', () => {
    const read = { number: 1, is_complete: false, verdict: 'usable' as const, reason: null, hint: null, failed: {} };
    const cases = [
      [{}, 'A1', null],
      [{ renditions: ['page-2', 'page-10'], mime_type: 'application/pdf' }, 'A1/2', null],
      [{ renditions: [], mime_type: 'text/plain' }, null, null],
      [{ mime_type: 'video/mp4' }, null, null],
      [{ is_withheld: true, renditions: [] }, null, 'Withheld'],
      [{ state: 'expired' as const, renditions: [] }, null, 'Missing'],
      [{ state: 'pending' as const, renditions: [] }, null, 'On its way'],
      [{ analysis: read }, null, 'Being read'],
    ] as const;
    for (const [parts, shot, state] of cases) {
      const one = file(parts as Parameters<typeof attachment>[0]);
      expect([shotOf(one), stateOf(one)], JSON.stringify(parts)).toEqual([shot, state]);
    }
  });
});

describe('a picture of which parts were made black', () => {
  it('has another address, so that no browser shows what it kept', () => {
    const [before, after] = [attachment(), attachment({ redaction_count: 2 })];
    expect(shownUrl(before, 'view')).not.toContain('v=');
    expect(shownUrl(after, 'view')).toContain('&v=black2');
    expect(unmaskedUrl(after)).toContain('rendition=view_unmasked&v=black2');
    const masked = attachment({ renditions: ['view', 'view_masked'], redaction_count: 1 });
    expect(shownUrl(masked, 'view')).toContain('&v=masked0-black1');
  });
  it('is a picture or a page that was read', () => {
    const shot = (parts: Parameters<typeof attachment>[0], page: number | null = null) =>
      canBeBlackened({ id: 'A1', attachment: attachment(parts), message: message(), page });
    expect([
      shot({}),
      shot({ mime_type: 'application/pdf', renditions: ['page-1'] }, 1),
      shot({ mime_type: 'application/pdf', renditions: [] }),
      shot({ state: 'fetched' }),
    ]).toEqual([true, true, false, false]);
  });
});
