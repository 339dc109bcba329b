// The drawn copy as a file that WhatsApp takes.

/** WhatsApp takes JPEG and PNG of at most 5 MB as pictures. */
export const COPY_BYTES_MAX = 5 * 1024 * 1024;
const QUALITIES = [0.92, 0.85, 0.75, 0.6, 0.45];

/** What a canvas can be asked for. */
export type Encoder = (type: string, quality: number) => Promise<Blob | null>;

/** The best quality that fits. */
export async function encoded(encode: Encoder, bytesMax = COPY_BYTES_MAX): Promise<Blob> {
  for (const quality of QUALITIES) {
    const blob = await encode('image/jpeg', quality);
    if (!blob) throw new Error('The picture could not be made in this browser. Close other tabs and try again.');
    if (blob.size <= bytesMax) return blob;
  }
  throw new Error('The picture is too large for WhatsApp even when it is made small. Draw on another one.');
}

export const encoderOf =
  (canvas: HTMLCanvasElement): Encoder =>
  (type, quality) =>
    new Promise((resolve) => canvas.toBlob(resolve, type, quality));

/** `label.jpg` → `label-marked.jpg`; of a page with its number. */
export function nameOf(fileName: string | null, page: number | null): string {
  const bare = (fileName ?? 'picture').replace(/\.[^.]{1,8}$/, '') || 'picture';
  return `${bare}${page === null ? '' : `-page-${page}`}-marked.jpg`;
}
