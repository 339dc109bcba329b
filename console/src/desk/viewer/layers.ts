// What was found, as layers over the photo and as words beside it. Pure: a finding's kind decides where it goes.
import type { FileAnalysis, Finding } from '../../api/types';

export type Layer = 'text' | 'codes' | 'meaning' | 'personal' | 'faces' | 'forensics' | 'quality';
export const layers: { layer: Layer; key: string; label: string }[] = [
  { layer: 'text', key: 't', label: 'Text' },
  { layer: 'codes', key: 'c', label: 'Codes' },
  { layer: 'meaning', key: 'm', label: 'Meaning' },
  { layer: 'personal', key: 'p', label: 'Personal data' },
  { layer: 'faces', key: 'f', label: 'Faces' },
  { layer: 'forensics', key: 'e', label: 'Traces of editing' },
  { layer: 'quality', key: 'q', label: 'Quality' },
];

const prefixes: [string, Layer][] = [
  ['text.', 'text'],
  ['code.', 'codes'],
  ['entity.', 'meaning'],
  ['mrz', 'meaning'],
  ['pii.face', 'faces'],
  ['pii.', 'personal'],
  ['forensics.', 'forensics'],
  ['manipulation.', 'forensics'],
  ['quality.', 'quality'],
];
export const layerOf = (kind: string): Layer | null => prefixes.find(([start]) => kind.startsWith(start))?.[1] ?? null;

/** A finding that stands somewhere on the photo. */
export type Mark = { id: number; layer: Layer; points: string; finding: Finding };

export function marks(analysis: FileAnalysis | null, page: number | null = null): Mark[] {
  return (analysis?.findings ?? []).flatMap((finding, id) => {
    const layer = layerOf(finding.kind);
    const points = finding.region?.points ?? [];
    const isElsewhere = (finding.region?.page ?? null) !== page;
    if (!layer || points.length < 3 || isElsewhere) return [];
    return [{ id, layer, points: points.map(([x, y]) => `${x},${y}`).join(' '), finding }];
  });
}

/** A value in the fewest words: what a chip shows and a click copies. */
export function words(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(Math.round(value * 1_000) / 1_000);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return value.map(words).filter(Boolean).join(', ');
  const parts = value as Record<string, unknown>;
  for (const key of ['text', 'value', 'raw']) if (typeof parts[key] === 'string') return parts[key];
  // An amount and its currency, a name and its number: the members in their order.
  return Object.entries(parts)
    .filter(([, part]) => typeof part === 'string' || typeof part === 'number')
    .map(([, part]) => words(part))
    .join(' ');
}

/** `entity.error_code` → `Error code`. */
export function kindWords(kind: string): string {
  const last = kind.slice(kind.indexOf('.') + 1).replaceAll(/[._]/g, ' ');
  const acronyms = new Set(['qr', 'ean', 'upc', 'mrz', 'iban', 'pan', 'upi', 'utr', 'url', 'os', 'c2pa', 'exif', 'xmp', 'pdf417']);
  const all = last.split(' ').map((word) => (acronyms.has(word) ? word.toUpperCase() : word));
  const text = all.join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The lines that were read, as they stand in the text; null when they are not all of it (a long document). */
export function linesOf(analysis: FileAnalysis, page: number | null = null): Finding[] | null {
  const all = analysis.findings.filter((f) => f.kind === 'text.line');
  if (all.map((f) => f.value).join('\n') !== analysis.text) return null;
  return all.filter((f) => page === null || (f.region?.page ?? null) === page);
}

export type Section = { title: string; findings: Finding[] };

/** The findings that the panel lists under a title; text is shown whole instead, line by line it would drown the rest. */
export function sections(analysis: FileAnalysis): Section[] {
  const of = (title: string, ...starts: string[]): Section => ({
    title,
    findings: analysis.findings.filter((f) => starts.some((start) => f.kind.startsWith(start))),
  });
  const listed = [
    of('Numbers and names', 'entity.', 'mrz'),
    of('Codes', 'code.'),
    of('Personal data', 'pii.'),
    of('Seen before', 'seen.'),
    of('Kind of picture', 'picture.'),
    of('Where it comes from', 'provenance.', 'forensics.', 'manipulation.', 'consistency.', 'check.'),
    of('Safety of the file', 'malice.', 'file.'),
    of('Measured', 'quality.'),
  ];
  const known = new Set(listed.flatMap((section) => section.findings));
  const rest = analysis.findings.filter((f) => !known.has(f) && !f.kind.startsWith('text.'));
  return [...listed, { title: 'Other', findings: rest }].filter((section) => section.findings.length > 0);
}
