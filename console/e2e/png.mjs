// A screenshot with 256 colours instead of millions: a quarter of the bytes, and nobody sees it.
import { crc32 as crcOf, deflateSync } from 'node:zlib';

const COLOURS = 256;

/** Raw RGBA of a screenshot, decoded by the browser that took it. */
export async function pixels(browser, png) {
  const page = await browser.newPage();
  const { width, height, base64 } = await page.evaluate(async (source) => {
    const image = await createImageBitmap(await (await fetch(source)).blob());
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
    context.drawImage(image, 0, 0);
    const bytes = context.getImageData(0, 0, image.width, image.height).data;
    let text = '';
    for (let i = 0; i < bytes.length; i += 32_768) text += String.fromCharCode(...bytes.subarray(i, i + 32_768));
    return { width: image.width, height: image.height, base64: btoa(text) };
  }, `data:image/png;base64,${png.toString('base64')}`);
  await page.close();
  return { width, height, bytes: Buffer.from(base64, 'base64') };
}

/** The picture as a PNG with a palette, chosen by halving the widest box of colours again and again. */
export function indexed({ width, height, bytes }) {
  const counts = new Map();
  for (let i = 0; i < bytes.length; i += 4) {
    const colour = (bytes[i] << 16) | (bytes[i + 1] << 8) | bytes[i + 2];
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const boxes = split([...counts.keys()], counts);
  const place = new Map(boxes.flatMap((box, index) => box.map((colour) => [colour, index])));
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 4) {
      rows[y * (width + 1) + 1 + x] = place.get((bytes[i] << 16) | (bytes[i + 1] << 8) | bytes[i + 2]);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(boxes.flatMap((box) => mean(box, counts)))),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const channel = (colour, shift) => (colour >> shift) & 255;

/** The channel in which a box is widest, and how much its halving would gain. */
function width(box, counts) {
  let best = { shift: 0, gain: -1 };
  for (const shift of [16, 8, 0]) {
    let [low, high, many] = [255, 0, 0];
    for (const colour of box) {
      low = Math.min(low, channel(colour, shift));
      high = Math.max(high, channel(colour, shift));
      many += counts.get(colour);
    }
    // Many alike pixels must not take every colour from the few that differ: the root of their number counts.
    const gain = (high - low) ** 2 * Math.sqrt(many);
    if (gain > best.gain) best = { shift, gain };
  }
  return best;
}

function split(colours, counts) {
  const boxes = [{ box: colours, ...width(colours, counts) }];
  while (boxes.length < COLOURS) {
    boxes.sort((a, b) => a.gain - b.gain);
    const { box, shift, gain } = boxes.pop();
    if (gain <= 0) {
      boxes.push({ box, shift, gain });
      break;
    }
    box.sort((a, b) => channel(a, shift) - channel(b, shift));
    const half = middle(box, counts);
    for (const part of [box.slice(0, half), box.slice(half)]) boxes.push({ box: part, ...width(part, counts) });
  }
  return boxes.map(({ box }) => box);
}

/** Where half of the pixels are on either side; at least one colour stays on each. */
function middle(box, counts) {
  const weight = (colour) => Math.sqrt(counts.get(colour));
  const half = box.reduce((sum, colour) => sum + weight(colour), 0) / 2;
  let sum = 0;
  for (const [i, colour] of box.entries()) {
    sum += weight(colour);
    if (sum >= half) return Math.max(1, Math.min(box.length - 1, i));
  }
  return 1;
}

function mean(box, counts) {
  const sums = [0, 0, 0];
  let many = 0;
  for (const colour of box) {
    const count = counts.get(colour);
    many += count;
    for (const [i, shift] of [16, 8, 0].entries()) sums[i] += channel(colour, shift) * count;
  }
  return sums.map((sum) => Math.round(sum / many));
}

function chunk(type, data) {
  const out = Buffer.alloc(data.length + 12);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, 'latin1');
  data.copy(out, 8);
  out.writeUInt32BE(crcOf(out.subarray(4, data.length + 8)), data.length + 8);
  return out;
}
