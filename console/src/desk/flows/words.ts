// Flows as people read them.
import type { FlowCounts, FlowInfo, FlowStep, FlowWay, Rollout, StepKind, Wanted } from '../../api/types';
import type { IconName } from '../../lib/icons';

const origins: Record<FlowInfo['origin'], string> = {
  library: 'Comes with Sportello',
  folder: 'From the folder of flows',
  console: 'Written here',
};
export const originName = (origin: FlowInfo['origin']): string => origins[origin] ?? origin;

/** For whom a version is on, in a word or two. */
export function rolloutName(rollout: Rollout): string {
  if (rollout === 'on') return 'On';
  if (rollout === 'off') return 'Off';
  if ('share' in rollout) return `On for ${rollout.share} %`;
  return `On for ${rollout.contacts.length} ${rollout.contacts.length === 1 ? 'contact' : 'contacts'}`;
}
export const isOn = (rollout: Rollout): boolean => rollout !== 'off';

const WORDS_SHOWN = 4;
export type Start = { icon: IconName; text: string; rest: string };
/** What starts a flow, short; `rest` is what was left out. */
export function startOf(trigger: string): Start {
  const said = /^words: (.*)$/s.exec(trigger)?.[1];
  if (said !== undefined) {
    const words = said.split(', ').map((word) => `“${word}”`);
    const rest = words.slice(WORDS_SHOWN);
    const more = rest.length ? ` or ${rest.length} more` : '';
    return { icon: 'chat', text: `Says ${words.slice(0, WORDS_SHOWN).join(', ')}${more}`, rest: rest.join(', ') };
  }
  if (trigger === 'any first message') return { icon: 'inbox', text: 'Any first message', rest: '' };
  if (trigger === 'menu') return { icon: 'list', text: 'Chosen from the menu', rest: '' };
  const found = /^found: (.*)$/.exec(trigger)?.[1];
  if (found) return { icon: 'search', text: `Found in a picture: ${foundName(found)}`, rest: '' };
  const link = /^link: (.*)$/.exec(trigger)?.[1];
  if (link) return { icon: 'link', text: `Comes by a link: “${link}”`, rest: '' };
  return { icon: 'camera', text: `Sends ${trigger}`, rest: '' };
}

const foundName = (found: string) => found.replace(/^picture\.kind like /, '').replace(/^\w+\./, '').replaceAll('_', ' ');

/** Stars of three, with one decimal; absent while nobody rated. */
export const meanRating = (counts: FlowCounts): string | null =>
  counts.rated > 0 ? (counts.rating_sum / counts.rated).toFixed(1) : null;

export type Group = { name: string; about: string | null; versions: FlowInfo[] };
/** The versions by flow, the newest first; flows that lead somebody or may come before those that are off. */
export function groups(list: FlowInfo[]): Group[] {
  const byName = new Map<string, FlowInfo[]>();
  for (const info of list) byName.set(info.name, [...(byName.get(info.name) ?? []), info]);
  const isUsed = (versions: FlowInfo[]) => versions.some((v) => isOn(v.rollout) || v.counts.open > 0);
  return [...byName]
    .map(([name, all]) => {
      const versions = all.toSorted((a, b) => b.version - a.version);
      return { name, about: versions.find((v) => v.about)?.about ?? null, versions };
    })
    .sort((a, b) => Number(isUsed(b.versions)) - Number(isUsed(a.versions)) || a.name.localeCompare(b.name));
}

const kinds: Record<StepKind, { name: string; icon: IconName }> = {
  say: { name: 'Says', icon: 'chat' },
  ask: { name: 'Asks', icon: 'question' },
  check: { name: 'Decides', icon: 'diamond' },
  look_up: { name: 'Looks up', icon: 'search' },
  suggest: { name: 'Suggests an article', icon: 'book' },
  act: { name: 'Does', icon: 'tag' },
  wait: { name: 'Waits', icon: 'clock' },
  hand_over: { name: 'Hands over', icon: 'user' },
  bot: { name: 'Hands to a bot', icon: 'bot' },
  end: { name: 'Ends', icon: 'check' },
};
const asked: Record<Wanted, IconName> = {
  photo: 'camera',
  video: 'video',
  voice: 'mic',
  document: 'document',
  location: 'pin',
  choice: 'list',
  number: 'number',
  date: 'calendar',
  text: 'edit',
};
export const stepName = (kind: StepKind): string => kinds[kind]?.name ?? kind;
export const stepIcon = (step: FlowStep): IconName =>
  (step.wants && asked[step.wants]) ?? kinds[step.kind]?.icon ?? 'question';

/** What stands on a way, line by line: its words, and behind them how many went it. */
export function wayLines(way: FlowWay): string[] {
  if (!way.label) return [];
  const lines = [...way.label.lines];
  if (way.went) lines.push([...lines.splice(-1), way.went.toLocaleString()].join(' · '));
  return lines;
}
