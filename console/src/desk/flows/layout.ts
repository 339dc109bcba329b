// Where the boxes of a flow's drawing stand and how the ways between them run: steps and ways in, places in px out.
// Layers go by the longest way from the first step, without the ways that lead back; inside a layer a box stands
// near the middle of what it is joined to. A way over several layers passes each through a place of its own.
import type { FlowStep, FlowWay } from '../../api/types';
import { stepText } from './words';
import { wrapped } from './wrap';

export type Point = { x: number; y: number };
export type Box = Point & { step: FlowStep; layer: number; width: number; height: number; lines: string[] };
export type Line = { from: string; to: string; isBack: boolean; path: string; label: (Point & { text: string; width: number }) | null };
export type Drawing = { width: number; height: number; boxes: Box[]; lines: Line[] };

const BOX_PX = 216;
const HEAD_PX = 32;
export const LINE_PX = 16;
const LINE_CHARS = 31;
const LINES_MAX = 3;
const GAP_X_PX = 32;
const GAP_Y_PX = 44;
const EDGE_PX = 24;
const LABEL_PX = 20;
const LABEL_CHARS = 26;
const LABEL_CHAR_PX = 6.1;
const LANE_PX = 26;
const PASS_PX = 14;
const SWEEPS = 12;

/** A place in a layer: a box, or where a long way passes. */
type Spot = { layer: number; x: number; width: number; up: Spot[]; down: Spot[]; box: Box | null };
type Joined = { from: string; to: string; whens: string[]; isAlsoPlain: boolean; went: number };
type Routed = Joined & { spots: Spot[]; isBack: boolean };
/** Where the words of a way stand, from the lower edge of its layer; and how many rows of them a layer has. */
type Labels = { of: Map<Routed, Point>; rowsIn: Map<number, number> };

export function layout(steps: FlowStep[], ways: FlowWay[]): Drawing {
  const joined = join(steps, ways);
  const back = backWays(steps, joined);
  const layerOf = layers(steps, joined.filter((way) => !back.has(way)));
  const spots = new Map(steps.map((step) => [step.id, spotOf(step, layerOf.get(step.id) ?? 0)]));
  const routed = joined.flatMap((way) => route(way, back.has(way), spots));
  const rows = ordered([...spots.values()], routed);
  spread(rows);
  return drawn(rows, routed);
}

/** Several ways between the same two steps are one line with all their words. */
function join(steps: FlowStep[], ways: FlowWay[]): Joined[] {
  const known = new Set(steps.map((step) => step.id));
  const joined = new Map<string, Joined>();
  for (const { from, to, when, went } of ways) {
    if (!known.has(from) || !known.has(to)) continue;
    const key = `${from} ${to}`;
    const way = joined.get(key) ?? { from, to, whens: [], isAlsoPlain: false, went };
    way.isAlsoPlain ||= !when;
    if (when && !way.whens.includes(when)) way.whens.push(when);
    joined.set(key, way);
  }
  return [...joined.values()];
}

/** The ways that close a circle, walking from the first step. */
export function backWays<Way extends { from: string; to: string }>(steps: FlowStep[], ways: Way[]): Set<Way> {
  const back = new Set<Way>();
  const state = new Map<string, 'open' | 'done'>();
  const walk = (id: string) => {
    state.set(id, 'open');
    for (const way of ways) {
      if (way.from !== id) continue;
      if (state.get(way.to) === 'open') back.add(way);
      else if (!state.has(way.to)) walk(way.to);
    }
    state.set(id, 'done');
  };
  for (const step of steps) if (!state.has(step.id)) walk(step.id);
  return back;
}

/** The length of the longest way from a first step. `ways` have no circle. */
export function layers(steps: FlowStep[], ways: { from: string; to: string }[]): Map<string, number> {
  const found = new Map<string, number>();
  const layerOf = (id: string): number => {
    const known = found.get(id);
    if (known !== undefined) return known;
    const above = ways.filter((way) => way.to === id).map((way) => layerOf(way.from) + 1);
    const layer = Math.max(0, ...above);
    found.set(id, layer);
    return layer;
  };
  for (const step of steps) layerOf(step.id);
  return found;
}

function spotOf(step: FlowStep, layer: number): Spot {
  const lines = wrapped(stepText(step), LINE_CHARS, LINES_MAX);
  const height = HEAD_PX + (lines.length ? lines.length * LINE_PX + 9 : 0);
  const box = { step, layer, x: 0, y: 0, width: BOX_PX, height, lines };
  return { layer, x: 0, width: BOX_PX, up: [], down: [], box };
}

function route(way: Joined, isBack: boolean, spots: Map<string, Spot>): Routed[] {
  const [from, to] = [spots.get(way.from), spots.get(way.to)];
  if (!from || !to) return [];
  if (isBack) return [{ ...way, isBack, spots: [from, to] }];
  const passes: Spot[] = [];
  for (let layer = from.layer + 1; layer < to.layer; layer++) {
    passes.push({ layer, x: 0, width: PASS_PX, up: [], down: [], box: null });
  }
  const all = [from, ...passes, to];
  all.slice(1).forEach((spot, i) => {
    const above = all[i];
    if (!above) return;
    above.down.push(spot);
    spot.up.push(above);
  });
  return [{ ...way, isBack, spots: all }];
}

/** The layers, each in an order that crosses few ways. */
function ordered(boxes: Spot[], routed: Routed[]): Spot[][] {
  const passes = routed.flatMap((way) => way.spots.filter((spot) => !spot.box));
  const rows: Spot[][] = [];
  for (const spot of [...boxes, ...passes]) (rows[spot.layer] ??= []).push(spot);
  let best = rows.map((row) => [...row]);
  let fewest = crossings(best);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    const isDown = sweep % 2 === 0;
    const order = isDown ? rows.keys() : [...rows.keys()].reverse();
    for (const layer of order) sort(rows, layer, isDown ? 'up' : 'down');
    const count = crossings(rows);
    if (count < fewest) {
      fewest = count;
      best = rows.map((row) => [...row]);
    }
  }
  return best;
}

function sort(rows: Spot[][], layer: number, side: 'up' | 'down') {
  const row = rows[layer];
  const beside = rows[layer + (side === 'up' ? -1 : 1)];
  if (!row || !beside) return;
  const place = new Map(beside.map((spot, i) => [spot, i]));
  const centre = new Map(row.map((spot, i) => [spot, mean(spot[side].map((other) => place.get(other) ?? i), i)]));
  row.sort((a, b) => (centre.get(a) ?? 0) - (centre.get(b) ?? 0));
}

const mean = (numbers: number[], none: number) =>
  numbers.length ? numbers.reduce((sum, n) => sum + n, 0) / numbers.length : none;

export function crossings(rows: Pick<Spot, 'down'>[][]): number {
  let count = 0;
  rows.forEach((row, layer) => {
    const below = new Map((rows[layer + 1] ?? []).map((spot, i) => [spot as unknown, i]));
    const ends = row.flatMap((spot) => spot.down.map((other) => below.get(other) ?? 0).sort((a, b) => a - b));
    for (let i = 0; i < ends.length; i++) for (let k = i + 1; k < ends.length; k++) if ((ends[i] ?? 0) > (ends[k] ?? 0)) count++;
  });
  return count;
}

/** Moves every spot towards the middle of what it is joined to, as far as its neighbours let it. */
function spread(rows: Spot[][]) {
  for (const row of rows) place(row, row.map(() => 0));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isDown = sweep % 2 === 0;
    for (const row of isDown ? rows : rows.toReversed()) {
      const side = isDown ? 'up' : 'down';
      const other = isDown ? 'down' : 'up';
      place(row, row.map((spot) => mean((spot[side].length ? spot[side] : spot[other]).map((o) => o.x), spot.x)));
    }
  }
  const left = Math.min(...rows.flat().map((spot) => spot.x - spot.width / 2));
  for (const spot of rows.flat()) spot.x += EDGE_PX - left;
}

/** In their order, without touching, as near to the wished middles as possible: neighbours that push share the error. */
function place(row: Spot[], wished: number[]) {
  type Block = { spots: Spot[]; at: number[]; sum: number };
  const blocks: Block[] = [];
  const start = (block: Block) => block.sum / block.spots.length;
  row.forEach((spot, i) => {
    let block: Block = { spots: [spot], at: [0], sum: wished[i] ?? 0 };
    for (let last = blocks.at(-1); last; last = blocks.at(-1)) {
      const end = last.at.at(-1) ?? 0;
      const tail = last.spots.at(-1);
      const head = block.spots[0];
      const apart = ((tail?.width ?? 0) + (head?.width ?? 0)) / 2 + GAP_X_PX;
      if (start(last) + end + apart <= start(block)) break;
      const shift = end + apart;
      block = {
        spots: [...last.spots, ...block.spots],
        at: [...last.at, ...block.at.map((at) => at + shift)],
        sum: last.sum + block.sum - shift * block.spots.length,
      };
      blocks.pop();
    }
    blocks.push(block);
  });
  for (const block of blocks) block.spots.forEach((spot, i) => (spot.x = start(block) + (block.at[i] ?? 0)));
}

function drawn(rows: Spot[][], routed: Routed[]): Drawing {
  const labels = labelRows(routed);
  let y = EDGE_PX;
  const tops: number[] = [];
  rows.forEach((row, layer) => {
    tops[layer] = y;
    const height = Math.max(...row.map((spot) => spot.box?.height ?? 0));
    for (const { box, x } of row) if (box) Object.assign(box, { x: x - box.width / 2, y });
    y += height + GAP_Y_PX + (labels.rowsIn.get(layer) ?? 0) * LABEL_PX;
  });
  const boxes = rows.flatMap((row) => row.flatMap((spot) => (spot.box ? [spot.box] : [])));
  const heightOf = (layer: number) => Math.max(...(rows[layer] ?? []).map((spot) => spot.box?.height ?? 0));
  const right = Math.max(...rows.flat().map((spot) => spot.x + spot.width / 2));
  let lanes = 0;
  const lines = routed.map((way) => {
    if (way.isBack) return around(way, right + LANE_PX * ++lanes);
    return down(way, tops, heightOf, labels.of.get(way));
  });
  const last = Math.max(...boxes.map((box) => box.y + box.height));
  const labelled = Math.max(0, ...lines.map((line) => (line.label ? line.label.x + line.label.width / 2 : 0)));
  return { width: Math.max(right + LANE_PX * lanes, labelled) + EDGE_PX, height: last + EDGE_PX, boxes, lines };
}

/** Words of ways that begin in the same layer and would touch stand in rows below one another. */
function labelRows(routed: Routed[]): Labels {
  const labels: Labels = { of: new Map(), rowsIn: new Map() };
  const byLayer = new Map<number, Routed[]>();
  for (const way of routed) {
    const layer = way.spots[0]?.layer ?? 0;
    if (!way.isBack && labelOf(way)) byLayer.set(layer, [...(byLayer.get(layer) ?? []), way]);
  }
  for (const [layer, ways] of byLayer) {
    // More rows make the gap higher and so move the words along their ways: until they fit, one more.
    for (let rows = 1; rows <= ways.length; rows++) {
      const placed = rowed(ways, rows);
      if (!placed) continue;
      labels.rowsIn.set(layer, rows);
      for (const [way, label] of placed) labels.of.set(way, label);
      break;
    }
  }
  return labels;
}

/** The words of a layer's ways in so many rows; nothing when they need more. */
function rowed(ways: Routed[], rows: number): Labels['of'] | null {
  const placed: Labels['of'] = new Map();
  const taken: { row: number; from: number; to: number }[] = [];
  for (const way of ways.toSorted((a, b) => (a.spots[1]?.x ?? 0) - (b.spots[1]?.x ?? 0))) {
    const [from, to] = way.spots;
    if (!from || !to) continue;
    const half = widthOf(labelOf(way)) / 2 + 4;
    const isFree = (row: number, x: number) => taken.every((t) => t.row !== row || t.to <= x - half || t.from >= x + half);
    let found = false;
    for (let row = 0; row < rows && !found; row++) {
      const y = 14 + LABEL_PX * (row + 0.5);
      const end = { x: port(to, from, 'up'), y: GAP_Y_PX + rows * LABEL_PX };
      const x = along({ x: port(from, to, 'down'), y: 0 }, end, y);
      if (!isFree(row, x)) continue;
      taken.push({ row, from: x - half, to: x + half });
      placed.set(way, { x, y });
      found = true;
    }
    if (!found) return null;
  }
  return placed;
}

/** `or` where the same way is also the usual one; at the end how many went it. */
function labelOf(way: Joined): string {
  const text = way.whens.join(', ').replaceAll('_', ' ');
  const words = wrapped(text && way.isAlsoPlain ? `or ${text}` : text, LABEL_CHARS, 1)[0] ?? '';
  return [words, way.went ? way.went.toLocaleString() : ''].filter(Boolean).join(' · ');
}
const widthOf = (text: string) => Math.round(text.length * LABEL_CHAR_PX + 14);

/** Where on its box a way begins or ends: beside the others, in the order of where they go. */
function port(spot: Spot, other: Spot, side: 'up' | 'down'): number {
  const all = [...new Set(spot[side])].sort((a, b) => a.x - b.x);
  const room = Math.min(36, (spot.width - 40) / Math.max(1, all.length - 1));
  return spot.box ? spot.x + (all.indexOf(other) - (all.length - 1) / 2) * room : spot.x;
}

function down(way: Routed, tops: number[], heightOf: (layer: number) => number, place: Point | undefined): Line {
  const path: string[] = [];
  let label: Line['label'] = null;
  way.spots.slice(1).forEach((spot, i) => {
    const above = way.spots[i];
    if (!above) return;
    const bottom = (tops[above.layer] ?? 0) + heightOf(above.layer);
    const from = { x: port(above, spot, 'down'), y: (tops[above.layer] ?? 0) + (above.box?.height ?? 0) };
    const to = { x: port(spot, above, 'up'), y: tops[spot.layer] ?? 0 };
    // Down beside the taller boxes of its layer, then over to the next.
    path.push(i === 0 ? `M${at(from)}` : `L${at(from)}`, `L${at({ x: from.x, y: bottom })}`, curve({ x: from.x, y: bottom }, to));
    if (i > 0 || !place) return;
    const text = labelOf(way);
    label = { text, width: widthOf(text), x: place.x, y: bottom + place.y };
  });
  return { from: way.from, to: way.to, isBack: false, path: path.join(''), label };
}

function around(way: Routed, lane: number): Line {
  const [a, b] = [way.spots[0]?.box, way.spots[1]?.box];
  if (!a || !b) return { from: way.from, to: way.to, isBack: true, path: '', label: null };
  const from = { x: a.x + a.width, y: a.y + a.height / 2 };
  const to = { x: b.x + b.width, y: b.y + (a === b ? 10 : b.height / 2) };
  const path = `M${at(from)}C${at({ x: lane, y: from.y })} ${at({ x: lane, y: to.y })} ${at(to)}`;
  const text = labelOf(way);
  const label = text ? { text, width: widthOf(text), x: (from.x + to.x + 6 * lane) / 8, y: (from.y + to.y) / 2 } : null;
  return { from: way.from, to: way.to, isBack: true, path, label };
}

const at = ({ x, y }: Point) => `${round(x)} ${round(y)}`;
const round = (n: number) => Math.round(n * 10) / 10;
const curve = (from: Point, to: Point) => {
  const middle = (from.y + to.y) / 2;
  return `C${at({ x: from.x, y: middle })} ${at({ x: to.x, y: middle })} ${at(to)}`;
};

/** The x of that curve at a height. */
function along(from: Point, to: Point, y: number): number {
  const part = Math.min(1, Math.max(0, (y - from.y) / Math.max(1, to.y - from.y)));
  let [low, high] = [0, 1];
  for (let i = 0; i < 20; i++) {
    const t = (low + high) / 2;
    if (1.5 * t - 1.5 * t * t + t * t * t < part) low = t;
    else high = t;
  }
  return from.x + (to.x - from.x) * (3 * low * low - 2 * low * low * low);
}
