// Voice notes travel as Ogg/Opus. Most browsers record the same Opus packets in a
// WebM file, so they are moved from the one container to the other, untouched.
// WebM: RFC 9559; Ogg: RFC 3533; Opus in Ogg: RFC 7845.

const MASTERS = new Set([0x18538067, 0x1654ae6b, 0xae, 0x1f43b675, 0xa0]); // segment, tracks, track, cluster, block group
const CODEC_PRIVATE = 0x63a2;
const SIMPLE_BLOCK = 0xa3;
const BLOCK = 0xa1;
const LACED = 0x06;
const SEGMENTS_MAX = 255;
const PACKETS_A_PAGE = 50;
const SERIAL = 0x53504f52;

/** The Ogg file with the packets of a WebM recording, or null when the bytes are not such a recording. */
export function oggFromWebm(webm: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const found = packets(webm);
  if (found === null || found.packets.length === 0) return null;
  const pages = [page([found.head], 0n, 0, 2), page([tags()], 0n, 1, 0)];
  let samples = 0n;
  let batch: Uint8Array[] = [];
  let segments = 0;
  found.packets.forEach((packet, i) => {
    const needed = Math.floor(packet.length / 255) + 1;
    if (batch.length >= PACKETS_A_PAGE || segments + needed > SEGMENTS_MAX) {
      pages.push(page(batch, samples, pages.length, 0));
      batch = [];
      segments = 0;
    }
    batch.push(packet);
    segments += needed;
    samples += BigInt(samplesOf(packet));
    if (i === found.packets.length - 1) pages.push(page(batch, samples, pages.length, 4));
  });
  return concat(pages);
}

/** Samples (at 48 kHz) in one Opus packet, from its first bytes: RFC 6716, section 3.1. */
export function samplesOf(packet: Uint8Array): number {
  const toc = packet[0] ?? 0;
  const config = toc >> 3;
  const frame = config < 12 ? [480, 960, 1920, 2880][config & 3] : config < 16 ? [480, 960][config & 1] : [120, 240, 480, 960][config & 3];
  const code = toc & 3;
  const count = code === 0 ? 1 : code === 3 ? (packet[1] ?? 0) & 0x3f : 2;
  return (frame ?? 0) * count;
}

function packets(webm: Uint8Array): { head: Uint8Array; packets: Uint8Array[] } | null {
  let head: Uint8Array | null = null;
  const list: Uint8Array[] = [];
  let at = 0;
  while (at < webm.length) {
    const id = vint(webm, at, true);
    const size = id && vint(webm, at + id.length, false);
    if (!id || !size) break;
    const start = at + id.length + size.length;
    if (MASTERS.has(id.value)) {
      at = start; // Its children follow; a live recording does not know the size of these.
      continue;
    }
    const body = webm.subarray(start, start + size.value);
    if (id.value === CODEC_PRIVATE) head = body;
    if (id.value === SIMPLE_BLOCK || id.value === BLOCK) {
      const track = vint(body, 0, false);
      if (!track || ((body[track.length + 2] ?? 0) & LACED) !== 0) return null;
      list.push(body.subarray(track.length + 3));
    }
    at = start + size.value;
  }
  const isOpus = head !== null && new TextDecoder().decode(head.subarray(0, 8)) === 'OpusHead';
  return isOpus && head !== null ? { head, packets: list } : null;
}

/** A variable-length number at `at`; ids keep their length marker, sizes lose it. */
function vint(bytes: Uint8Array, at: number, keepsMarker: boolean): { value: number; length: number } | null {
  const first = bytes[at];
  if (first === undefined || first === 0) return null;
  const length = Math.clz32(first) - 23;
  let value = keepsMarker ? first : first & (0xff >> length);
  for (let i = 1; i < length; i += 1) value = value * 256 + (bytes[at + i] ?? 0);
  return { value, length };
}

function page(list: Uint8Array[], samples: bigint, sequence: number, flags: number): Uint8Array {
  const lacing = list.flatMap((packet) => [...Array<number>(Math.floor(packet.length / 255)).fill(255), packet.length % 255]);
  const header = new Uint8Array(27 + lacing.length);
  const view = new DataView(header.buffer);
  header.set(new TextEncoder().encode('OggS'));
  header[5] = flags;
  view.setBigUint64(6, samples, true);
  view.setUint32(14, SERIAL, true);
  view.setUint32(18, sequence, true);
  header[26] = lacing.length;
  header.set(lacing, 27);
  const whole = concat([header, ...list]);
  new DataView(whole.buffer).setUint32(22, checksum(whole), true);
  return whole;
}

function tags(): Uint8Array {
  const vendor = new TextEncoder().encode('Sportello sandbox');
  const bytes = new Uint8Array(16 + vendor.length);
  bytes.set(new TextEncoder().encode('OpusTags'));
  new DataView(bytes.buffer).setUint32(8, vendor.length, true);
  bytes.set(vendor, 12);
  return bytes;
}

function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 0x80000000 ? (sum << 1) ^ 0x04c11db7 : sum << 1;
  }
  return sum >>> 0;
}

function concat(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
