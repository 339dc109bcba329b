// Where the frame lies: on the screen, in the camera's picture, and in the picture that is sent.

export interface Size {
  width: number;
  height: number;
}
export interface Rect extends Size {
  x: number;
  y: number;
}

/** Width : height. ID-1 cards are 85.6 × 54 mm, a passport's page is 125 × 88 mm (ISO/IEC 7810); `free` is for other things. */
export const RATIOS = { card: 85.6 / 54, passport: 125 / 88, free: 3 / 4 } as const;
export type Shape = keyof typeof RATIOS;

/** What is kept around the frame, as a share of its width: hands are not rulers. */
export const MARGIN = 0.12;
/** A paper at 3000 px is 600 dpi: more says nothing more about it. */
export const SIDE_MAX_PX = 3000;

/** The largest frame of a ratio inside a space. */
export function fit(space: Size, ratio: number): Size {
  const width = Math.max(0, Math.min(space.width, space.height * ratio));
  return { width, height: width / ratio };
}

/** From the screen into the camera's picture, when the picture covers `box` as `object-fit: cover` does. */
export function inSource(part: Rect, box: Rect, source: Size): Rect {
  const scale = Math.max(box.width / source.width, box.height / source.height);
  const left = box.x + (box.width - source.width * scale) / 2;
  const top = box.y + (box.height - source.height * scale) / 2;
  return {
    x: (part.x - left) / scale,
    y: (part.y - top) / scale,
    width: part.width / scale,
    height: part.height / scale,
  };
}

/** Grown by a share of its width on every side, as far as the picture reaches. */
export function grown(part: Rect, share: number, source: Size): Rect {
  const by = part.width * share;
  const x = Math.max(0, part.x - by);
  const y = Math.max(0, part.y - by);
  return {
    x,
    y,
    width: Math.max(1, Math.min(source.width, part.x + part.width + by) - x),
    height: Math.max(1, Math.min(source.height, part.y + part.height + by) - y),
  };
}

/** The middle of a part, `share` of its width and height. */
export function middle(part: Rect, share: number): Rect {
  const width = part.width * share;
  const height = part.height * share;
  return { x: part.x + (part.width - width) / 2, y: part.y + (part.height - height) / 2, width, height };
}

/** Whole pixels, the longest side at most `side_max_px`, never enlarged. */
export function scaled({ width, height }: Size, side_max_px: number): Size {
  const by = Math.min(1, side_max_px / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * by)), height: Math.max(1, Math.round(height * by)) };
}

/** A part of `whole` in the pixels of a copy of `whole` of another size. */
export function inCopy(part: Rect, whole: Rect, copy: Size): Rect {
  const x = copy.width / whole.width;
  const y = copy.height / whole.height;
  return {
    x: (part.x - whole.x) * x,
    y: (part.y - whole.y) * y,
    width: part.width * x,
    height: part.height * y,
  };
}
