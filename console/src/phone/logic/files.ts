// What may be sent from a file: how the messenger would treat it, within its limits.

import { fileSize } from '../../lib/format';

export type SendAs = 'photo' | 'hd' | 'document' | 'video' | 'audio' | 'voice' | 'sticker';

const PHOTOS = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/heic', 'image/heif', 'image/gif', 'image/bmp', 'image/tiff']);
const PASSED_ON_MAX = 100_000_000;
/** What the sandbox takes in one upload. */
const UPLOAD_MAX = 110_000_000;

/** What each way of sending does to the bytes, in the words of the preview. */
export const WAYS: Record<SendAs, { label: string; says: string }> = {
  photo: { label: 'Photo', says: 'Made smaller (1,600 px), camera data removed' },
  hd: { label: 'HD photo', says: 'Up to 4,096 px, camera data removed' },
  document: { label: 'Document', says: 'The bytes as they are, with their name' },
  video: { label: 'Video', says: 'Played in the chat' },
  audio: { label: 'Audio', says: 'A file with a player' },
  voice: { label: 'Voice note', says: 'As if it was recorded here' },
  sticker: { label: 'Sticker', says: 'A WebP picture without a bubble' },
};

/** Files in the order they were chosen, neighbours that travel the same way together. */
export function batches(items: { file: File; as: SendAs }[]): { as: SendAs; files: File[] }[] {
  const out: { as: SendAs; files: File[] }[] = [];
  for (const { file, as } of items) {
    const last = out.at(-1);
    if (last?.as === as) last.files.push(file);
    else out.push({ as, files: [file] });
  }
  return out;
}

/** The way a messenger would offer first for this file. */
export function guess(file: { type: string; name: string }): SendAs {
  const mime = essence(file.type);
  if (PHOTOS.has(mime) || /\.(jpe?g|png|webp|heic|heif)$/i.test(file.name)) return 'photo';
  if (mime.startsWith('video/')) return 'video';
  if (mime.startsWith('audio/')) return 'audio';
  return 'document';
}

/** Every way this file can be sent, the best first. */
export function ways(file: { type: string; name: string }): SendAs[] {
  switch (guess(file)) {
    case 'photo':
      return ['photo', 'hd', 'document'];
    case 'video':
      return ['video', 'document'];
    case 'audio':
      return ['audio', 'voice', 'document'];
    default:
      return ['document'];
  }
}

/** Why a file cannot be sent this way, as a sentence with a way out; null when it can. */
export function refusal(file: { size: number; name: string }, as: SendAs): string | null {
  if (file.size === 0 && as !== 'document') return `“${file.name}” is empty (0 bytes). Send it as a document to see what the desk does with it.`;
  if (file.size > UPLOAD_MAX) return `“${file.name}” has ${fileSize(file.size)}; the sandbox takes at most ${fileSize(UPLOAD_MAX)}.`;
  return null;
}

/** What the tester should know before sending; null when there is nothing to say. */
export function warning(file: { size: number; name: string }): string | null {
  if (file.size <= PASSED_ON_MAX) return null;
  return `“${file.name}” has more than ${fileSize(PASSED_ON_MAX)}: as with Meta, the desk will get error 131052 instead of the file.`;
}

/** PDF, XLSX, … for the badge of a document. */
export function extension(name: string | null, mime: string): string {
  const fromName = /\.([a-z0-9]{1,5})$/i.exec(name ?? '')?.[1];
  return (fromName ?? essence(mime).split('/')[1] ?? 'file').slice(0, 5).toUpperCase();
}

export function essence(mime: string): string {
  return (mime.split(';')[0] ?? '').trim().toLowerCase();
}
