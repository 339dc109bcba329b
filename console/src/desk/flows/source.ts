// What the desk reads in the text of a flow, and the one thing that it writes there: the number of its version.

/** Where a line and a column (both from 1, in characters) stand in the text. */
export function offsetOf(source: string, line: number, column: number): number {
  let start = 0;
  for (let n = 1; n < line; n++) {
    const end = source.indexOf('\n', start);
    if (end < 0) return source.length;
    start = end + 1;
  }
  const end = source.indexOf('\n', start);
  const text = [...source.slice(start, end < 0 ? source.length : end)];
  return start + text.slice(0, Math.max(0, column - 1)).join('').length;
}

export const nameIn = (source: string): string | null => /^flow:[ \t]*["']?([\w-]+)/m.exec(source)?.[1] ?? null;

/** The same text with another version; one that names none gets it below the name of the flow. */
export function withVersion(source: string, version: number): string {
  const named = /^(version:[ \t]*)[^\s#]*/m;
  if (named.test(source)) return source.replace(named, (_, key: string) => `${key.trimEnd()} ${version}`);
  return source.replace(/^flow:.*$/m, (line) => `${line}\nversion: ${version}`);
}

/** The line of a step, from 1. */
export function lineOfStep(source: string, step: string): number | null {
  const lines = source.split('\n');
  const steps = lines.findIndex((line) => /^steps:/.test(line));
  const name = new RegExp(`^\\s+["']?${step}["']?:`);
  const found = lines.findIndex((line, n) => n > steps && name.test(line));
  return steps < 0 || found < 0 ? null : found + 1;
}

/** The kinds of findings that the flow asks photos for. */
export function findingsIn(source: string): string[] {
  const found = source.matchAll(/\bkind:\s*["']?([a-z_]+\.[a-z_]+)/g);
  return [...new Set([...found].map(([, kind]) => kind ?? ''))];
}

/** The indentation that the line after the one at `offset` begins with. */
export function indentAt(source: string, offset: number): string {
  const before = source.slice(source.lastIndexOf('\n', offset - 1) + 1, offset);
  const indent = /^\s*/.exec(before)?.[0] ?? '';
  return /:\s*$/.test(before) ? `${indent}  ` : indent;
}
