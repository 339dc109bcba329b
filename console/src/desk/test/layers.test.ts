import { describe, expect, it } from 'vitest';
import type { FileAnalysis, Finding } from '../../api/types';
import { kindWords, layerOf, linesOf, marks, sections, words } from '../viewer/layers';

const finding = (kind: string, value: unknown, points?: [number, number][]): Finding => ({
  kind,
  value,
  confidence: 0.9,
  region: points ? { page: null, points } : null,
  why: 'because',
  analyzer: 'local.test',
  version: '1',
});
const analysis = (findings: Finding[]): FileAnalysis => ({
  number: 1,
  is_current: true,
  is_complete: true,
  verdict: 'usable',
  reason: null,
  hint: null,
  text: '',
  language: null,
  ms: {},
  failed: {},
  findings,
  created_at: '2026-05-20T10:00:00Z',
});
const box: [number, number][] = [[0, 0], [10, 0], [10, 4.5], [0, 4.5]];

describe('layers of findings', () => {
  it('gives each kind its layer, and none to what is said of the whole picture', () => {
    const kinds = ['text.line', 'code.qr', 'entity.serial', 'mrz', 'pii.card', 'pii.face', 'forensics.copy_move', 'quality.glare', 'seen.near', 'textile'];
    expect(kinds.map(layerOf)).toEqual(['text', 'codes', 'meaning', 'meaning', 'personal', 'faces', 'forensics', 'quality', null, null]);
  });
  it('marks only what stands somewhere', () => {
    const all = marks(analysis([finding('text.line', 'E18', box), finding('quality.blur', 3), finding('code.qr', 'x', [[1, 1]])]));
    expect(all.map((mark) => [mark.layer, mark.points])).toEqual([['text', '0,0 10,0 10,4.5 0,4.5']]);
    expect(marks(null)).toEqual([]);
  });
  it('says values in the fewest words', () => {
    expect([words('E18'), words(0.12345), words({ amount: '12.50', currency: 'EUR' }), words({ text: 'a', x: 1 }), words(null)]).toEqual(
      ['E18', '0.123', '12.50 EUR', 'a', ''],
    );
    expect([kindWords('entity.error_code'), kindWords('code.qr'), kindWords('mrz'), kindWords('text')]).toEqual(
      ['Error code', 'QR', 'MRZ', 'Text'],
    );
  });
  it('gives the lines one by one where they are all of the text', () => {
    const one = finding('text.line', 'E18', box);
    const two = { ...finding('text.line', 'hot'), region: { page: 2, points: box } };
    const all = analysis([one, finding('code.qr', 'x'), two]);
    expect(linesOf({ ...all, text: 'E18\nhot' })).toEqual([one, two]);
    expect(linesOf({ ...all, text: 'E18\nhot' }, 2)).toEqual([two]);
    expect(linesOf({ ...all, text: 'E18\nhot\nand more' })).toBeNull();
  });
  it('lists every finding once; text is shown whole', () => {
    const found = ['entity.serial', 'pii.card', 'seen.exact', 'provenance.exif', 'quality.glare', 'text.line', 'new.thing'];
    const listed = sections(analysis(found.map((kind) => finding(kind, 'v'))));
    expect(listed.flatMap((s) => s.findings.map((f) => f.kind)).sort()).toEqual(found.filter((k) => k !== 'text.line').sort());
    expect(listed.at(-1)?.title).toBe('Other');
    const told = sections(analysis([finding('forensics.copy_move', 'v'), finding('document.truncated', 'v')]));
    expect(told.map((s) => s.title)).toEqual(['Where it comes from', 'Other']);
  });
});
