/** The offset of the sandbox's virtual clock in words, e.g. `2 d 3 h ahead`. */
export function offsetLabel(seconds: number): string {
  if (seconds === 0) return 'real time';
  const parts: string[] = [];
  let rest = Math.abs(seconds);
  for (const [unit, size] of [['d', 86_400], ['h', 3_600], ['min', 60], ['s', 1]] as const) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 && parts.length < 2) parts.push(`${count} ${unit}`);
  }
  return `${parts.join(' ')} ${seconds > 0 ? 'ahead' : 'behind'}`;
}
