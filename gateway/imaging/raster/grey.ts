/**
 * One grey picture in memory, as renderers hand it on before it becomes black and white: one byte a pixel, row by row
 * without padding, 0 = black, 255 = white.
 */
export interface Grey {
  readonly width: number;
  readonly rows: number;
  readonly data: Uint8Array;
}

/** A rectangle of pixels: `left ≤ x < right`, `top ≤ y < bottom`. */
export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** An all-white picture. */
export function whiteGrey(width: number, rows: number): Grey {
  return { width, rows, data: new Uint8Array(width * rows).fill(255) };
}

/** The part of `rect` inside a picture of `width × rows` pixels, edges moved outwards to whole pixels. */
export function clipRect(rect: Rect, width: number, rows: number): Rect {
  const clamp = (v: number, max: number) => Math.max(0, Math.min(max, v));
  return {
    left: clamp(Math.floor(rect.left), width),
    top: clamp(Math.floor(rect.top), rows),
    right: clamp(Math.ceil(rect.right), width),
    bottom: clamp(Math.ceil(rect.bottom), rows),
  };
}

/** Pixels in `rect`; 0 when it is empty. */
export function rectArea(rect: Rect): number {
  return Math.max(0, rect.right - rect.left) * Math.max(0, rect.bottom - rect.top);
}
