// The text of a flow while it is changed, against a server that keeps versions; and the guard of what is not published.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FlowDetail, FlowDrawing, FlowInfo } from '../../api/types';
import { draftOf } from '../flows/draft.svelte';
import { flowList } from '../flows/list.svelte';
import { Trial } from '../flows/trial.svelte';
import { parsePlace, route } from '../route.svelte';

const text = (version: number, more = '') => `flow: triage\nversion: ${version}\n${more}`;

/** One step, which says that text and has so many customers on it. */
function drawing(text: string, open: number): FlowDrawing {
  const place = { x: 24, y: 24, width: 216, height: 57, title: 'A', lines: [text] };
  return { width: 264, height: 105, steps: [{ id: 'a', kind: 'say', wants: null, text, open, ...place }], ways: [] };
}

/** Keeps versions like the server; a text with `bad` in it has a problem. */
class FakeFlows {
  versions = new Map<string, string>([['triage/1', text(1)]]);
  checks: string[] = [];
  /** Answers to the next checks, in ms. */
  delays: number[] = [];

  fetch = async (request: Request): Promise<Response> => {
    const path = new URL(request.url).pathname.replace('/api/v1/flows', '').slice(1);
    const body = request.method === 'GET' ? {} : ((await request.json()) as { source: string; lines: string[] });
    if (path === 'check') return this.#check(body as { source: string });
    if (path === 'try') return this.#try(body as { lines: string[] });
    if (request.method === 'POST') return this.#publish((body as { source: string }).source);
    if (path === '') return Response.json({ items: [...this.versions.keys()].map((key) => this.#info(key)), next: null });
    return this.versions.has(path) ? Response.json(this.#detail(path)) : refused(404, 'no such flow');
  };
  async #check({ source }: { source: string }) {
    this.checks.push(source);
    await new Promise((resolve) => setTimeout(resolve, this.delays.shift() ?? 0));
    const line = source.split('\n').findIndex((words) => words.includes('bad')) + 1;
    const problems = line ? [{ line, column: 1, message: 'this is bad' }] : [];
    return Response.json({ problems, drawing: line ? null : drawing(source, 0) });
  }
  #try({ lines }: { lines: string[] }) {
    if (lines.includes('nonsense')) return refused(400, 'unknown doing');
    return Response.json({ lines: lines.flatMap((line) => [`> ${line}`, '< Yes?']) });
  }
  #publish(source: string) {
    const version = Number(/^version: (\d+)/m.exec(source)?.[1]);
    if (this.versions.has(`triage/${version}`)) return refused(409, 'it is there already');
    this.versions.set(`triage/${version}`, source);
    return Response.json(this.#detail(`triage/${version}`), { status: 201 });
  }
  #detail(key: string): FlowDetail {
    return { info: this.#info(key), source: this.versions.get(key) ?? '', drawing: drawing('', 4) };
  }
  #info(key: string): FlowInfo {
    const [name = '', version] = key.split('/');
    const counts = { open: 0, ended: 0, handed_over: 0, withdrawn: 0, rated: 0, rating_sum: 0 };
    return { name, version: Number(version), origin: 'library', about: null, rollout: 'off', triggers: [], problems: [], counts, changed_at: '2026-05-20T10:00:00Z' };
  }
}
const refused = (status: number, message: string) => Response.json({ error: { code: 'x', message } }, { status });

let server: FakeFlows;
beforeEach(async () => {
  server = new FakeFlows();
  vi.stubGlobal('fetch', server.fetch);
  await flowList.refresh();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});
async function open(version = 1) {
  const draft = draftOf('triage', version);
  await draft.load();
  draft.discard();
  return draft;
}

test('a text is checked a moment after the last key, once', async () => {
  const draft = await open();
  vi.useFakeTimers();
  for (const more of ['b', 'ba', 'bad']) draft.write(text(1, more));
  await vi.advanceTimersByTimeAsync(399);
  expect(server.checks).toEqual([]);
  expect(draft.isChecking).toBe(true);
  await vi.advanceTimersByTimeAsync(10);
  expect(server.checks).toEqual([text(1, 'bad')]);
  expect(draft.problems).toEqual([{ line: 3, column: 1, message: 'this is bad' }]);
  // What is tried and drawn is the last text without problems; those who stand on a step are still shown.
  expect([draft.isChecking, draft.good]).toEqual([false, text(1)]);
  draft.write(text(1, 'good'));
  await vi.advanceTimersByTimeAsync(500);
  expect([draft.problems, draft.good]).toEqual([[], text(1, 'good')]);
  expect(draft.drawn).toEqual(drawing(text(1, 'good'), 4));
  draft.discard();
  expect(draft.drawn).toEqual(drawing('', 4));
});
test('a late answer to an older text says nothing', async () => {
  const draft = await open();
  vi.useFakeTimers();
  server.delays = [2_000, 0];
  draft.write(text(1, 'bad'));
  await vi.advanceTimersByTimeAsync(500);
  draft.write(text(1, 'good'));
  await vi.advanceTimersByTimeAsync(3_000);
  expect([draft.problems, draft.good]).toEqual([[], text(1, 'good')]);
});
test('it is published as the version after the newest, also when a colleague was faster', async () => {
  const draft = await open();
  draft.write(text(1, 'mine'));
  expect([draft.isChanged, draft.nextVersion]).toEqual([true, 2]);
  server.versions.set('triage/2', text(2));
  const { info } = await draft.publish();
  expect(info.version).toBe(3);
  expect(server.versions.get('triage/3')).toBe(text(3, 'mine'));
  expect([draft.isChanged, draft.nextVersion]).toEqual([false, 4]);
});
test('what is written is not lost when the counts are fetched anew', async () => {
  const draft = await open();
  draft.write(text(1, 'mine'));
  await draft.load();
  expect(draft.source).toBe(text(1, 'mine'));
  draft.discard();
  expect(draft.source).toBe(text(1));
});

test('a conversation that is tried grows by a line; a line that cannot be played is taken back', async () => {
  const trial = new Trial();
  await trial.add(text(1), 'says: hello');
  expect(trial.talk.map((said) => said.text)).toEqual(['hello', 'Yes?']);
  await trial.add(text(1), 'nonsense');
  expect([trial.lines, trial.error]).toEqual([['says: hello'], 'Unknown doing.']);
  await trial.addPhoto(text(1), 'usable', []);
  expect([trial.lines.slice(1), trial.error]).toEqual([['photo photo1', 'judged photo1: usable'], '']);
  trial.restart();
  expect([trial.lines, trial.talk]).toEqual([[], []]);
});

test.each([
  ['#/flows', { page: 'flows', flow: null }],
  ['#/flows/triage/2', { page: 'flows', flow: { name: 'triage', version: 2 } }],
  ['#/flows/triage', { page: 'flows', flow: null }],
  ['#/flows/triage/x', { page: 'flows', flow: null }],
])('%s is a place', (hash, place) => expect(parsePlace(hash)).toEqual(place));
test('a guard keeps the place until it lets go', async () => {
  const turned = () => new Promise((resolve) => window.addEventListener('hashchange', resolve, { once: true }));
  const go = async (hash: string) => {
    const done = turned();
    route.go(hash);
    await done;
  };
  await go('#/flows/triage/1');
  const asked: string[] = [];
  route.guard = (to) => {
    asked.push(to);
    return false;
  };
  await go('#/system');
  expect([route.place.page, location.hash, asked]).toEqual(['flows', '#/flows/triage/1', ['#/system']]);
  route.guard = null;
  await go('#/system');
  expect(route.place.page).toBe('system');
});
