// What a flow tells the person who takes over, from the text that the server wrote: the reason in the flow's own words,
// then what to look at
// (`- …`), then a fact a line. Every line is shown, also one of a later version.
import type { TicketEvent } from '../../api/types';
import { titled, whyName } from '../words';

export type Fact = { name: string; text: string };

export function handedOver(data: TicketEvent['data']): { lead: string; points: string[]; facts: Fact[] } {
  const [first = '', ...lines] = typeof data.text === 'string' ? data.text.split('\n') : [];
  const isSaid = typeof data.why === 'string' && first.startsWith(whyName(data.why));
  const points: string[] = [];
  const facts: Fact[] = [];
  let lead = isSaid ? '' : first;
  for (const line of lines) {
    const [, name, text] = /^([\p{L}\p{M}\p{N} ._-]{1,60}): (.*)$/u.exec(line) ?? [];
    const last = facts.at(-1);
    if (line.startsWith('- ') && !last) points.push(line.slice(2));
    else if (name && text !== undefined) facts.push({ name: titled(name), text });
    else if (last) last.text += `\n${line}`;
    else lead += `\n${line}`;
  }
  return { lead: lead.trim(), points, facts };
}
