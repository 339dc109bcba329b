// Flows: their text, a conversation that is tried, and how they are called.
import { describe, expect, test } from 'vitest';
import type { FlowCounts, FlowInfo } from '../../api/types';
import { findingsIn, indentAt, lineOfStep, nameIn, offsetOf, withVersion } from '../flows/source';
import { askedOf, photoLines, readTalk } from '../flows/talk';
import { groups, meanRating, rolloutName, startOf } from '../flows/words';
import { doingName, titled, whyName } from '../words';
import { handedOver } from '../ticket/summary';

const source = `# A comment: version: 9
flow: sample
version: 3
about: "version: 4"
steps:
  colour:
    ask:
      text: { en: Which? }
  label:
    say: { reads: [{ finding: { kind: entity.serial } }, { finding: { kind: code.qr } }] }
`;

describe('the text of a flow', () => {
  test.each([
    [1, 1, 0],
    [2, 1, source.indexOf('flow:')],
    [3, 10, source.indexOf('3\nabout')],
    [3, 99, source.indexOf('\nabout')],
    [99, 1, source.length],
  ])('line %i, column %i', (line, column, offset) => expect(offsetOf(source, line, column)).toBe(offset));
  test('a column counts characters, not half ones', () => expect(offsetOf('📷📷x', 1, 3)).toBe(4));
  test('its name and version', () => {
    expect(nameIn(source)).toBe('sample');
    expect(withVersion(source, 12)).toBe(source.replace('version: 3\n', 'version: 12\n'));
    expect(withVersion('flow: a\nsteps: {}', 2)).toBe('flow: a\nversion: 2\nsteps: {}');
    expect(withVersion('flow: a\nversion:\n', 2)).toBe('flow: a\nversion: 2\n');
    expect(withVersion('flow: a\nversion: 1 # first\n', 2)).toBe('flow: a\nversion: 2 # first\n');
  });
  test('where a step stands, and what photos are asked for', () => {
    expect(lineOfStep(source, 'label')).toBe(9);
    expect(lineOfStep(source, 'ghost')).toBeNull();
    expect(findingsIn(source)).toEqual(['entity.serial', 'code.qr']);
  });
  test('the next line is indented like this one, and deeper below a key', () => {
    expect(indentAt(source, source.indexOf('\n  label'))).toBe('      ');
    expect(indentAt(source, source.indexOf('\n    ask'))).toBe('    ');
  });
});

describe('a conversation that is tried', () => {
  const said = readTalk([
    '> says: Hello: there',
    '< Hello Zoe!',
    '< What is it about?',
    '<   · Something is broken',
    '<   · My order – Where it is – or not',
    '> picks: order  [My order]',
    '< Still there?',
    '<',
    '< Which one?',
    '<   [A blue one] [Red]',
    '> photo photo1',
    '> judged photo1: retake too_dark side=800',
    '> passes: 2h',
    '< Where are you?',
    '<   [📍]',
    '= hands over to sales: order',
    '=   Flow: triage 1',
  ]);
  test('reads as it goes', () => {
    expect(said.map((s) => `${s.type}: ${s.text}`)).toEqual([
      'customer: Hello: there',
      'us: Hello Zoe!',
      'us: What is it about?',
      'customer: My order',
      'us: Still there?\n\nWhich one?',
      'customer: Photo',
      'world: Looked at: take again, too dark, with what is written on it',
      'world: 2 h later',
      'us: Where are you?',
      'desk: Hands over to sales: order\nFlow: triage 1',
    ]);
  });
  test('its options can be tapped', () => {
    const options = said.flatMap((s) => (s.type === 'us' ? s.options : []));
    expect(options).toEqual([
      { title: 'Something is broken', description: '', does: 'says: Something is broken' },
      { title: 'My order', description: 'Where it is – or not', does: 'says: My order' },
      { title: 'A blue one', description: '', does: 'says: A blue one' },
      { title: 'Red', description: '', does: 'says: Red' },
      { title: 'Send a place', description: '', does: 'location: 45.0703, 7.6869' },
    ]);
  });
  test('the last row of a full page turns it', () => {
    const rows = Array.from({ length: 9 }, (_, n) => `<   · Row ${n}`);
    const last = (title: string) => readTalk(['< Which?', ...rows, `<   · ${title}`]).flatMap((s) => (s.type === 'us' ? s.options : [])).at(-1)?.does;
    expect(last('More …')).toBe('picks: more');
    expect(last('Row 10')).toBe('says: Row 10');
  });
  test('another system is answered for while it has not answered', () => {
    expect(askedOf(['= looks for an article in en: E20'])).toBe('article');
    expect(askedOf(['= looks up in shop: a=1', '> looked up: missing'])).toBeNull();
    expect(askedOf(['= hands to the bot x', '= hands over to sales: why'])).toBeNull();
  });
  test('a photo comes and is looked at', () => {
    expect(photoLines(1, 'usable', ['entity.serial'])).toEqual(['photo photo2', 'judged photo2: usable entity.serial=SN48213X']);
  });
});

const counts: FlowCounts = { open: 0, ended: 0, handed_over: 0, withdrawn: 0, rated: 0, rating_sum: 0 };
const info = (parts: Partial<FlowInfo>): FlowInfo => ({
  name: 'triage',
  version: 1,
  origin: 'library',
  about: null,
  rollout: 'off',
  triggers: [],
  problems: [],
  counts,
  changed_at: '2026-05-20T10:00:00Z',
  ...parts,
});

describe('how flows are called', () => {
  test('those in use come first, the newest version of each on top', () => {
    const found = groups([
      info({ name: 'a' }),
      info({ name: 'b', version: 1, rollout: { share: 10 } }),
      info({ name: 'b', version: 2, about: 'B' }),
      info({ name: 'c', counts: { ...counts, open: 1 } }),
    ]);
    expect(found.map((g) => [g.name, g.about, g.versions.map((v) => v.version)])).toEqual([
      ['b', 'B', [2, 1]],
      ['c', null, [1]],
      ['a', null, [1]],
    ]);
  });
  test('for whom one is on', () => {
    const names = (['on', 'off', { share: 5 }, { contacts: ['x'] }] as const).map((r) =>
      rolloutName(typeof r === 'object' && 'contacts' in r ? { contacts: [...r.contacts] } : r),
    );
    expect(names).toEqual(['On', 'Off', 'On for 5 %', 'On for 1 contact']);
  });
  test('the mean of ratings', () => {
    expect(meanRating(counts)).toBeNull();
    expect(meanRating({ ...counts, rated: 3, rating_sum: 8 })).toBe('2.7');
  });
  test.each([
    ['any first message', 'Any first message', ''],
    ['words: a, b', 'Says “a”, “b”', ''],
    ['words: a, b, c, d, e, f', 'Says “a”, “b”, “c”, “d” or 2 more', '“e”, “f”'],
    ['found: entity.error_code like E*', 'Found in a picture: error code like E*', ''],
    ['found: picture.kind like screenshot', 'Found in a picture: screenshot', ''],
    ['a photo or a video', 'Sends a photo or a video', ''],
    ['link: repair-…', 'Comes by a link: “repair-…”', ''],
  ])('%s starts it', (trigger, text, rest) => expect(startOf(trigger)).toMatchObject({ text, rest }));
  test('names and reasons', () => {
    expect(titled('product_defect')).toBe('Product defect');
    expect(doingName('waiting for a photo (typed_serial), try 2 of 3')).toBe('waiting for a photo (typed serial), try 2 of 3');
    expect(whyName('tries_used_up')).toBe('The question was asked as often as it may be');
    expect(whyName('something_new')).toBe('Something new');
  });
});

test('what a flow hands over is read line by line', () => {
  const text = 'order: The parcel is missing\nFlow: triage 1, in Italian\ndescription: It is\nnot here\nfile 1: photo, usable\nshop.owner: Rossi\nSomething could not be said: why';
  expect(handedOver({ why: 'planned', text })).toEqual({
    lead: 'order: The parcel is missing',
    points: [],
    facts: [
      { name: 'Flow', text: 'triage 1, in Italian' },
      { name: 'Description', text: 'It is\nnot here' },
      { name: 'File 1', text: 'photo, usable' },
      { name: 'Shop owner', text: 'Rossi' },
      { name: 'Something could not be said', text: 'why' },
    ],
  });
  // What a person should see at a glance stands by itself, also where it looks like a fact.
  expect(handedOver({ why: 'planned', text: 'Decide.\n- Reused: it came before.\n- Too dark.\nFlow: x 1\n- 5 °C' })).toEqual({
    lead: 'Decide.',
    points: ['Reused: it came before.', 'Too dark.'],
    facts: [{ name: 'Flow', text: 'x 1\n- 5 °C' }],
  });
  // What the reason says already is not said again.
  expect(handedOver({ why: 'customer_asked', text: 'The customer asked for a person.' })).toEqual({ lead: '', points: [], facts: [] });
  expect(handedOver({})).toEqual({ lead: '', points: [], facts: [] });
});
