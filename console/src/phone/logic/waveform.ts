/** Heights (0.15 to 1) of a sketched waveform, always the same for the same seed. */
export function bars(seed: string, count: number): number[] {
  let hash = 2166136261;
  for (const char of seed) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16777619);
  return Array.from({ length: count }, (_, i) => {
    hash = Math.imul(hash ^ (i + 1), 16777619);
    const noise = ((hash >>> 8) & 0xffff) / 0xffff;
    const swell = 0.45 + 0.4 * Math.sin(i / 3.1 + (hash >>> 28));
    return Math.min(1, Math.max(0.15, noise * swell + 0.15));
  });
}
