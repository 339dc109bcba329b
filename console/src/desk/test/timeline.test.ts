// What the conversation shows from what the server sent: order, once each, albums of a turn.
import { describe, expect, test } from 'vitest';
import type { TimelineItem } from '../../api/types';
import { joins, merge } from '../ticket/merge';
import { rows, type Row } from '../ticket/rows';
import { happened, message, photo, said } from './fixtures';

/** One word a row: its type, and for messages their ids, `+` when drawn as continued. */
const seen = (list: Row[]) =>
  list.map((r) =>
    r.type === 'message' ? `${r.isContinued ? '+' : ''}${r.messages.map((m) => m.id).join('·')}` : r.type,
  );
const at = (minute: number, second = 0) =>
  `2026-05-20T10:${String(minute).padStart(2, '0')}:${String(second).padStart(2, '0')}Z`;

describe('merging pages and live changes', () => {
  const [a, b, c] = [1, 2, 3].map((n) => said(message({ id: `M${n}`, sent_at: at(n) })));
  test('any order and any repetition is one ordered list', () => {
    if (!a || !b || !c) throw new Error('unreachable');
    expect(merge([a, c], [a, b, c])).toEqual([a, b, c]);
    expect(merge([a, b], [b, c])).toEqual([a, b, c]);
    expect(merge([b, c], [a])).toEqual([a, b, c]);
  });
  test('the newest word about a message wins', () => {
    const sent = message({ id: 'M1', direction: 'out', status: 'sent' });
    const read = { ...sent, status: 'read' as const };
    expect(merge([said(sent)], [said(read)])).toEqual([said(read)]);
  });
  test('in one second the server’s order stands, whichever page comes when', () => {
    const [p, q, r] = ['P', 'Z', 'A'].map((id) => said(message({ id, sent_at: at(1) })));
    if (!p || !q || !r) throw new Error('unreachable');
    expect(merge([p, q], [q, r])).toEqual([p, q, r]);
    expect(merge([r], [p, q, r])).toEqual([p, q, r]);
    expect(merge([p], [q, r])).toEqual([p, q, r]);
    expect(merge([p, q, r], [q])).toEqual([p, q, r]);
  });
  test('times with and without fractions are compared as times', () => {
    const whole = said(message({ id: 'M1', sent_at: '2026-05-20T10:00:00Z' }));
    const later = said(message({ id: 'M2', sent_at: '2026-05-20T10:00:00.5Z' }));
    expect(merge([later], [whole])).toEqual([whole, later]);
  });
  test('a message and an event with the same id are two things', () => {
    expect(merge([said(message({ id: 'X' }))], [happened('X', 'ticket.created', at(0))])).toHaveLength(2);
  });
  test('a page that does not touch what is known leaves a gap', () => {
    if (!a || !b || !c) throw new Error('unreachable');
    expect(joins([a, b], [b, c])).toBe(true);
    expect(joins([a], [b, c])).toBe(false);
    expect(joins([], [b])).toBe(true);
  });
});

describe('rows', () => {
  test('photos of one turn are one album, of another turn another one', () => {
    const items = [
      photo('P1', at(1, 0), 'R1'),
      photo('P2', at(1, 1), 'R1'),
      photo('P3', at(1, 2), 'R1'),
      photo('P4', at(2), 'R2'),
      photo('P5', at(3), null),
      photo('P6', at(4), null),
    ].map(said);
    expect(seen(rows(items))).toEqual(['day', 'P1·P2·P3', '+P4', '+P5', '+P6']);
  });
  test('what is quoted, revoked or not a picture stands alone', () => {
    const items = [
      photo('P1', at(1), 'R1'),
      photo('P2', at(1, 1), 'R1', { revoked_at: at(2) }),
      photo('P3', at(1, 2), 'R1'),
      message({ id: 'M4', sent_at: at(1, 3), turn_id: 'R1' }),
      photo('P5', at(1, 4), 'R1'),
    ].map(said);
    expect(seen(rows(items))).toEqual(['day', 'P1', '+P2', '+P3', '+M4', '+P5']);
  });
  test('a note between two photos parts the album, and notes are not quiet lines', () => {
    const items = [
      said(photo('P1', at(1, 0), 'R1')),
      happened('E1', 'note.added', at(1, 1)),
      happened('E2', 'status.changed', at(1, 1)),
      said(photo('P2', at(1, 2), 'R1')),
    ];
    expect(seen(rows(items))).toEqual(['day', 'P1', 'note', 'event', 'P2']);
  });
  test('what a flow hands over is a card, the rest of it quiet lines', () => {
    const items = ['flow.began', 'flow.handed_over', 'team.changed'].map((kind, n) => happened(`E${n}`, kind, at(n)));
    expect(seen(rows(items))).toEqual(['day', 'event', 'handover', 'event']);
  });
  test('another sender, another colleague or a pause begins a new group; a day begins with its name', () => {
    const out = (id: string, when: string, author: string) =>
      said(message({ id, direction: 'out', sent_at: when, author: { id: author, name: author } }));
    const items = [
      said(message({ id: 'M1', sent_at: at(0) })),
      said(message({ id: 'M2', sent_at: at(1) })),
      out('M3', at(2), 'ada'),
      out('M4', at(3), 'ada'),
      out('M5', at(4), 'bob'),
      out('M6', at(30), 'bob'),
      out('M7', '2026-05-23T10:00:00Z', 'bob'),
    ];
    expect(seen(rows(items))).toEqual(['day', 'M1', '+M2', 'M3', '+M4', 'M5', 'M6', 'day', 'M7']);
  });
  test('a reaction of ours is no bubble', () => {
    const reaction = { id: 'M1', kind: 'reaction', direction: 'out' } as const;
    expect(seen(rows([said(message({ ...reaction, status: 'sent' }))]))).toEqual(['day']);
    expect(seen(rows([said(message({ ...reaction, status: 'failed' }))]))).toEqual(['day', 'M1']);
  });
  test('a status that follows from the message above it is not said again', () => {
    const status = (id: string, when: string, to: string, actor: string | null) => {
      const item = happened(id, 'status.changed', when, { to });
      if (item.type === 'event') item.event.actor = actor === null ? null : { id: actor, name: actor };
      return item;
    };
    const question = said(message({ id: 'M1', sent_at: at(0) }));
    const answer = said(message({ id: 'M2', direction: 'out', author: { id: 'ada', name: 'Ada' }, sent_at: at(0) }));
    const check = (...items: TimelineItem[]) => seen(rows(items));
    expect(check(question, status('E1', at(0, 1), 'open', null))).toEqual(['day', 'M1']);
    expect(check(answer, status('E1', at(0, 1), 'waiting', 'ada'))).toEqual(['day', 'M2']);
    // By somebody, by somebody else, much later, or to another status: that is news.
    expect(check(question, status('E1', at(0, 1), 'open', 'ada'))).toEqual(['day', 'M1', 'event']);
    expect(check(answer, status('E1', at(0, 1), 'waiting', 'bob'))).toEqual(['day', 'M2', 'event']);
    expect(check(answer, status('E1', at(2), 'waiting', 'ada'))).toEqual(['day', 'M2', 'event']);
    expect(check(answer, status('E1', at(0, 1), 'solved', 'ada'))).toEqual(['day', 'M2', 'event']);
  });
  test('every row has its own key, also when a day comes twice', () => {
    const keys = rows([1, 2, 3].map((n) => said(message({ id: `M${n}`, sent_at: `2026-05-2${n}T10:00:00Z` })))).map(
      (r) => r.key,
    );
    expect(new Set(keys).size).toBe(keys.length);
  });
});
