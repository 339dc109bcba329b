// What can be measured on a small grey copy of the camera's picture. Pure: numbers in, numbers out.
import type { Rect, Size } from './geometry';

export interface Grey extends Size {
  data: Uint8Array;
}

/** Luma of RGBA pixels (Rec. 601). */
export function greyOf(rgba: Uint8ClampedArray, { width, height }: Size): Grey {
  const data = new Uint8Array(width * height);
  for (let i = 0; i < data.length; i++) {
    data[i] = (at(rgba, i * 4) * 77 + at(rgba, i * 4 + 1) * 150 + at(rgba, i * 4 + 2) * 29) >> 8;
  }
  return { width, height, data };
}

/** Mean and standard deviation of a part, or of everything. */
export function spread(grey: Grey, part: Rect = { x: 0, y: 0, width: grey.width, height: grey.height }) {
  let sum = 0;
  let squares = 0;
  let count = 0;
  forEach(grey, part, (i) => {
    const value = at(grey.data, i);
    sum += value;
    squares += value * value;
    count++;
  });
  const mean = count ? sum / count : 0;
  return { mean, deviation: count ? Math.sqrt(Math.max(0, squares / count - mean * mean)) : 0 };
}

/** From this value on a pixel is blown: paper in good light stays below it. */
const BLOWN = 250;

/** The largest connected patch of blown pixels, as a share of the part. Single blown pixels are no reflection. */
export function glare(grey: Grey, part: Rect): number {
  const waiting = new Uint8Array(grey.data.length);
  let count = 0;
  forEach(grey, part, (i) => {
    waiting[i] = at(grey.data, i) >= BLOWN ? 1 : 0;
    count++;
  });
  let largest = 0;
  for (let start = 0; start < waiting.length; start++) {
    if (waiting[start]) largest = Math.max(largest, patch(waiting, start, grey.width));
  }
  return count ? largest / count : 0;
}

/** Size of the patch around `start`; its pixels are struck off. */
function patch(waiting: Uint8Array, start: number, width: number): number {
  const stack = [start];
  waiting[start] = 0;
  let size = 0;
  for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
    size++;
    const x = i % width;
    const neighbours = [i - width, i + width, x > 0 ? i - 1 : -1, x < width - 1 ? i + 1 : -1];
    for (const next of neighbours) {
      if (!waiting[next]) continue;
      waiting[next] = 0;
      stack.push(next);
    }
  }
  return size;
}

/** What a good camera's noise adds to the variance of the Laplacian (20 σ², σ = 1). */
const NOISE = 20;
/** Below this deviation there is nothing that could be sharp. */
const PLAIN = 7;

/** Variance of the Laplacian by variance of the picture: falls as focus is lost, whatever the light.
 *  Null on a plain surface, of which nobody can say whether it is sharp. */
export function sharpness(grey: Grey): number | null {
  const { deviation } = spread(grey);
  if (deviation < PLAIN) return null;
  const { width, height, data } = grey;
  let sum = 0;
  let squares = 0;
  let count = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const bend = 4 * at(data, i) - at(data, i - 1) - at(data, i + 1) - at(data, i - width) - at(data, i + width);
      sum += bend;
      squares += bend * bend;
      count++;
    }
  }
  if (!count) return null;
  const variance = squares / count - (sum / count) ** 2;
  return Math.max(0, variance - NOISE) / deviation ** 2;
}

/** Mean difference between two copies, by contrast. A lamp that is switched on is no movement: means are taken off. */
export function movement(now: Grey, before: Grey | null): number {
  if (!before || before.data.length !== now.data.length) return 0;
  const one = spread(now);
  const other = spread(before);
  const contrast = Math.max(PLAIN, one.deviation, other.deviation);
  let sum = 0;
  for (let i = 0; i < now.data.length; i++) {
    sum += Math.abs(at(now.data, i) - one.mean - (at(before.data, i) - other.mean));
  }
  return sum / now.data.length / contrast;
}

const COLUMNS = 8;
const ROWS = 6;

/** How much of the frame holds structure, and how far that structure reaches across and down it (all 0–1). */
export function structure(grey: Grey, part: Rect): { filled: number; reach: number } {
  const enough = Math.max(6, spread(grey, part).deviation * 0.12);
  const columns = new Set<number>();
  const rows = new Set<number>();
  let cells = 0;
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      const width = part.width / COLUMNS;
      const height = part.height / ROWS;
      const cell = { x: part.x + column * width, y: part.y + row * height, width, height };
      if (spread(grey, cell).deviation < enough) continue;
      cells++;
      columns.add(column);
      rows.add(row);
    }
  }
  const reach = Math.min(extent(columns) / COLUMNS, extent(rows) / ROWS);
  return { filled: cells / (COLUMNS * ROWS), reach };
}

const extent = (of: Set<number>) => (of.size ? Math.max(...of) - Math.min(...of) + 1 : 0);

/** How many of the frame's four sides have an edge of the paper along them. */
export function sides(grey: Grey, part: Rect): number {
  const band = part.width * 0.06;
  const enough = Math.max(10, spread(grey).deviation * 0.3);
  const { x, y, width, height } = part;
  const across = [y, y + height].map((line) =>
    edged(grey, { x, y: line - band, width, height: band * 2 }, grey.width, enough),
  );
  const down = [x, x + width].map((line) =>
    edged(grey, { x: line - band, y, width: band * 2, height }, 1, enough),
  );
  return [...across, ...down].filter((share) => share >= 0.6).length;
}

/** Share of the lines through a band that cross an edge; `step` leads from a pixel to the next across the edge. */
function edged(grey: Grey, band: Rect, step: number, enough: number): number {
  const strongest = new Map<number, number>();
  forEach(grey, band, (i) => {
    const before = i - step;
    const after = i + step;
    if (before < 0 || after >= grey.data.length) return;
    const line = step === 1 ? Math.floor(i / grey.width) : i % grey.width;
    const jump = Math.abs(at(grey.data, after) - at(grey.data, before));
    strongest.set(line, Math.max(strongest.get(line) ?? 0, jump));
  });
  const crossed = [...strongest.values()].filter((jump) => jump >= enough).length;
  return strongest.size ? crossed / strongest.size : 0;
}

/** Every pixel of a part that lies inside the copy. */
function forEach(grey: Grey, part: Rect, visit: (index: number) => void) {
  const left = Math.max(0, Math.round(part.x));
  const top = Math.max(0, Math.round(part.y));
  const right = Math.min(grey.width, Math.round(part.x + part.width));
  const bottom = Math.min(grey.height, Math.round(part.y + part.height));
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) visit(y * grey.width + x);
  }
}

const at = (data: Uint8Array | Uint8ClampedArray, i: number) => data[i] ?? 0;
