// A conversation that is tried, from the lines in which the server tells it: `>` what was done, `<` what we say,
// `=` what is done on the desk. Whoever tries it taps an option, and its title is said: the engine takes both.
import type { IconName } from '../../lib/icons';
import { reasonName, verdictName } from '../words';

export type Option = { title: string; description: string; does: string };
export type Said =
  | { type: 'customer'; text: string; icon: IconName | null }
  | { type: 'us'; text: string; options: Option[]; look: 'buttons' | 'rows' | 'place' }
  | { type: 'world'; text: string }
  | { type: 'desk'; text: string };
/** What another system is asked for and has not answered. */
export type Asked = 'look_up' | 'article' | 'bot';

const ROWS_OF_A_PAGE = 10;
const PLACE = 'location: 45.0703, 7.6869';

export function readTalk(lines: string[]): Said[] {
  const talk: Said[] = [];
  let isOpen = false;
  for (const line of lines) {
    const last = talk.at(-1);
    if (line.startsWith('<   ') && last?.type === 'us') readOptions(line.slice(4), last);
    else if (line.startsWith('=   ') && last?.type === 'desk') last.text += `\n${line.slice(4)}`;
    else if (line === '<' && last?.type === 'us') isOpen = true;
    else if (line.startsWith('<')) {
      const text = line.slice(1).trim();
      // An empty line stands inside a message, never between two.
      if (isOpen && last?.type === 'us') last.text += `\n\n${text}`;
      else talk.push({ type: 'us', text, options: [], look: 'buttons' });
      isOpen = false;
    } else if (line.startsWith('=')) talk.push({ type: 'desk', text: sentence(line.slice(1).trim()) });
    else if (line.startsWith('>')) talk.push(done(line.slice(1).trim()));
  }
  for (const said of talk) if (said.type === 'us' && said.look === 'rows') turnable(said.options);
  return talk;
}

function readOptions(text: string, said: Extract<Said, { type: 'us' }>) {
  if (text === '[📍]') {
    said.look = 'place';
    said.options.push({ title: 'Send a place', description: '', does: PLACE });
  } else if (text.startsWith('· ')) {
    const [title = '', ...rest] = text.slice(2).split(' – ');
    said.look = 'rows';
    said.options.push(option(title, rest.join(' – ')));
  } else {
    const titles = text.replace(/^\[|\]$/g, '').split('] [');
    said.options.push(...titles.map((title) => option(title, '')));
  }
}
const option = (title: string, description: string): Option => ({ title, description, does: `says: ${title}` });

/** The last row of a full page that is no answer but turns it. */
function turnable(options: Option[]) {
  const last = options.at(-1);
  if (last && options.length === ROWS_OF_A_PAGE && last.title.endsWith('…')) last.does = 'picks: more';
}

const signs: Record<string, IconName> = {
  photo: 'camera',
  video: 'video',
  voice: 'mic',
  document: 'document',
  location: 'pin',
  sticker: 'sticker',
};
const names: Record<string, string> = {
  photo: 'Photo',
  video: 'Video',
  voice: 'Voice note',
  document: 'Document',
  location: 'A place',
  sticker: 'Sticker',
};

function done(line: string): Said {
  const [, head = '', tail = ''] = /^([^:]*)(?::\s*(.*))?$/.exec(line) ?? [];
  const word = head.split(' ')[0] ?? '';
  if (head === 'says') return { type: 'customer', text: tail, icon: null };
  if (word === 'picks') return { type: 'customer', text: /\[(.*)\]$/.exec(tail)?.[1] ?? tail, icon: null };
  if (word in signs) return { type: 'customer', text: word === 'location' ? 'A place' : tail || (names[word] ?? word), icon: signs[word] ?? null };
  if (word === 'judged') return { type: 'world', text: judged(tail) };
  if (word === 'passes') return { type: 'world', text: `${tail.replace(/(\d+)(\w)$/, (_, n: string, unit: string) => `${n} ${unit}`)} later` };
  if (head === 'person takes over') return { type: 'world', text: 'A person takes over' };
  return { type: 'world', text: sentence(line) };
}

function judged(text: string): string {
  const words = text.split(/\s+/).filter((word) => !word.includes('='));
  const read = text.split(/\s+/).filter((word) => word.includes('='));
  const [verdict = '', reason] = words;
  const why = reason ? `, ${reasonName(reason).toLowerCase()}` : '';
  return `Looked at: ${verdictName(verdict).toLowerCase()}${why}${read.length ? ', with what is written on it' : ''}`;
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

export function askedOf(lines: string[]): Asked | null {
  let asked: Asked | null = null;
  for (const line of lines) {
    if (line.startsWith('= looks up in')) asked = 'look_up';
    else if (line.startsWith('= looks for an article')) asked = 'article';
    else if (line.startsWith('= hands to the bot')) asked = 'bot';
    else if (/^(> (looked up|article|bot):|= hands over|= consent)/.test(line)) asked = null;
  }
  return asked;
}

/** Something that stands on the label of a photo that is tried. */
const samples: Record<string, string> = {
  'entity.serial': 'SN48213X',
  'entity.model': 'WX-700',
  'entity.error_code': 'E20',
};
/** A photo comes and is looked at: the two lines of it. */
export function photoLines(count: number, verdict: string, findings: string[] = []): string[] {
  const name = `photo${count + 1}`;
  const read = findings.map((kind) => ` ${kind}=${samples[kind] ?? 'AB12'}`).join('');
  return [`photo ${name}`, `judged ${name}: ${verdict}${read}`];
}
