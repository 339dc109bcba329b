// Pixels: the picture that is sent, and the small copies that the hints are computed on.
// Whatever is sent went through a canvas, and so carries no EXIF: no place, no device, no time.
import { MARGIN, SIDE_MAX_PX, grown, inCopy, middle, scaled, type Rect, type Size } from './geometry';
import { greyOf, type Grey } from './grey';
import type { Look } from './hints';

const QUALITY = 0.92;
const FRAME_WIDTH_PX = 160;
const DETAIL_WIDTH_PX = 320;
/** Looked at around the frame, as a share of its width: a paper's edge lies on either side of the line. */
const AROUND = 0.08;

export interface Picture {
  blob: Blob;
  /** For the hints on the picture itself, before it is sent. */
  look: Look;
}

/** The frame of the camera's picture and its margin, as a JPEG. */
export async function take(video: HTMLVideoElement, frame: Rect): Promise<Picture | null> {
  const source = { width: video.videoWidth, height: video.videoHeight };
  const blob = await encode(video, grown(frame, MARGIN, source));
  return blob && { blob, look: lookAt(video, frame, source) };
}

/** A picture from a file, made anew; null when the browser cannot open it. */
export async function reread(file: Blob): Promise<Picture | null> {
  const address = URL.createObjectURL(file);
  const image = new Image();
  try {
    image.src = address;
    await image.decode();
    const size = { width: image.naturalWidth, height: image.naturalHeight };
    const whole = { x: 0, y: 0, ...size };
    const blob = await encode(image, whole);
    return blob && { blob, look: lookAt(image, whole, size) };
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** What the hints need of a picture, around the frame. */
export function lookAt(image: CanvasImageSource, frame: Rect, source: Size): Look {
  const whole = grown(frame, AROUND, source);
  const copy = greyCopy(image, whole, FRAME_WIDTH_PX, coarse);
  return { frame: copy, inner: inCopy(frame, whole, copy), detail: greyCopy(image, middle(frame, 0.4), DETAIL_WIDTH_PX, fine) };
}

const coarse = document.createElement('canvas');
const fine = document.createElement('canvas');

function greyCopy(image: CanvasImageSource, part: Rect, width_max_px: number, canvas: HTMLCanvasElement): Grey {
  const width = Math.max(1, Math.min(width_max_px, Math.round(part.width)));
  const height = Math.max(1, Math.round((width * part.height) / part.width));
  // Sizing a canvas clears it and costs memory; at four times a second only when it must be.
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return { width: 0, height: 0, data: new Uint8Array() };
  context.drawImage(image, part.x, part.y, part.width, part.height, 0, 0, width, height);
  return greyOf(context.getImageData(0, 0, width, height).data, { width, height });
}

function encode(image: CanvasImageSource, part: Rect): Promise<Blob | null> {
  const canvas = document.createElement('canvas');
  const { width, height } = scaled(part, SIDE_MAX_PX);
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (!context) return Promise.resolve(null);
  context.imageSmoothingQuality = 'high';
  // A transparent PNG would become black.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.drawImage(image, part.x, part.y, part.width, part.height, 0, 0, width, height);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', QUALITY));
}
