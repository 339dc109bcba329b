import { expect, it } from 'vitest';
import { oggFromWebm, samplesOf } from './ogg';

const HEAD = [...new TextEncoder().encode('OpusHead'), 1, 1, 0, 0, 0x80, 0xbb, 0, 0, 0, 0, 0];
const element = (id: number[], body: number[]) => [...id, 0x40 | (body.length >> 8), body.length & 255, ...body];
const UNKNOWN = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
const block = (packet: number[], flags = 0x80) => element([0xa3], [0x81, 0, 0, flags, ...packet]);

/** A recording as browsers write it: live, so segment and cluster do not know their size. */
function recording(packets: number[][], flags?: number): Uint8Array {
  return new Uint8Array([
    ...element([0x1a, 0x45, 0xdf, 0xa3], [0x42, 0x82, 0x84, 0x77, 0x65, 0x62, 0x6d]),
    ...[0x18, 0x53, 0x80, 0x67, ...UNKNOWN],
    ...element([0x16, 0x54, 0xae, 0x6b], element([0xae], element([0x63, 0xa2], HEAD))),
    ...[0x1f, 0x43, 0xb6, 0x75, ...UNKNOWN],
    ...packets.flatMap((packet) => block(packet, flags)),
  ]);
}

/** Pages of an Ogg file: flags, position and packet bytes. */
function pages(ogg: Uint8Array): { flags: number; at: bigint; body: number[] }[] {
  const out = [];
  for (let i = 0; i < ogg.length; ) {
    expect(new TextDecoder().decode(ogg.subarray(i, i + 4))).toBe('OggS');
    const view = new DataView(ogg.buffer, i);
    const count = view.getUint8(26);
    const size = ogg.subarray(i + 27, i + 27 + count).reduce((sum, it) => sum + it, 0);
    const start = i + 27 + count;
    out.push({ flags: view.getUint8(5), at: view.getBigUint64(6, true), body: [...ogg.subarray(start, start + size)] });
    i = start + size;
  }
  return out;
}

it('moves the packets of a recording into Ogg pages', () => {
  const long = [0xf8, ...Array<number>(600).fill(7)];
  const list = pages(oggFromWebm(recording([[0xf8, 1, 2], long, [0xf8]])) ?? new Uint8Array());
  expect(list.map((page) => page.flags)).toEqual([2, 0, 4]);
  expect(list[0]?.body).toEqual(HEAD);
  expect(list[2]?.body).toEqual([0xf8, 1, 2, ...long, 0xf8]);
  expect(list[2]?.at).toBe(2880n);
});

it('starts a new page before one is full', () => {
  const list = pages(oggFromWebm(recording(Array<number[]>(120).fill([0xf8, 9]))) ?? new Uint8Array());
  expect(list.slice(2).map((page) => [page.body.length, page.at])).toEqual([
    [100, 48_000n],
    [100, 96_000n],
    [40, 115_200n],
  ]);
});

it.each([
  ['nothing', new Uint8Array()],
  ['noise', new Uint8Array([0, 1, 2, 3, 255, 255])],
  ['no packets', recording([])],
  ['laced blocks', recording([[0xf8]], 0x82)],
])('leaves alone what it does not know: %s', (_, bytes) => {
  expect(oggFromWebm(bytes)).toBeNull();
});

it.each([
  [[0xf8], 960],
  [[0xf9], 1920],
  [[0x08], 960],
  [[0x18], 2880],
  [[0xfb, 3], 2880],
  [[0xe0], 120],
])('length of a packet %j', (packet, samples) => {
  expect(samplesOf(new Uint8Array(packet))).toBe(samples);
});
