/**
 * One bilevel picture in memory: the form in which every stage of imaging hands pixels on.
 *
 * `data` holds `rows × stride` bytes, `stride = ceil(width / 8)`; the most significant bit is the leftmost pixel;
 * 1 is black, as in T.4 and T.6. Padding bits at the end of a row are 0 (white).
 */
export interface Bitmap {
  readonly width: number;
  readonly rows: number;
  readonly stride: number;
  readonly data: Uint8Array;
}

/** An all-white bitmap of `width × rows` pixels. */
export function blankBitmap(width: number, rows: number): Bitmap {
  const stride = (width + 7) >> 3;
  return { width, rows, stride, data: new Uint8Array(stride * rows) };
}
