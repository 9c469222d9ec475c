/** The Orientation field (TIFF 6.0 §8) applied to pixels. */
import { type Bitmap, blankBitmap } from '../raster/bitmap.ts';
import type { Grey } from '../raster/grey.ts';

/** How an upright picture is read from a stored one: swap rows and columns, then mirror across and down. */
interface Turn {
  readonly transpose: boolean;
  readonly mirrorX: boolean;
  readonly mirrorY: boolean;
}

/** Orientation 1 … 8: which edge the first stored row and column are. */
const TURNS: readonly Turn[] = [
  { transpose: false, mirrorX: false, mirrorY: false },
  { transpose: false, mirrorX: true, mirrorY: false },
  { transpose: false, mirrorX: true, mirrorY: true },
  { transpose: false, mirrorX: false, mirrorY: true },
  { transpose: true, mirrorX: false, mirrorY: false },
  { transpose: true, mirrorX: true, mirrorY: false },
  { transpose: true, mirrorX: true, mirrorY: true },
  { transpose: true, mirrorX: false, mirrorY: true },
];

/** Index of the stored pixel that upright pixel (x, y) shows, as `[column, row]` by steps. */
function walk(turn: Turn, stored: { width: number; rows: number }) {
  const width = turn.transpose ? stored.rows : stored.width;
  const rows = turn.transpose ? stored.width : stored.rows;
  const across = (x: number) => (turn.mirrorX ? width - 1 - x : x);
  const down = (y: number) => (turn.mirrorY ? rows - 1 - y : y);
  return { width, rows, across, down };
}

/** The picture upright. */
export function orientGrey(stored: Grey, orientation: number): Grey {
  const turn = TURNS[orientation - 1];
  if (turn === undefined || orientation === 1) return stored;
  const { width, rows, across, down } = walk(turn, stored);
  const data = new Uint8Array(width * rows);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x++) {
      const u = across(x);
      const v = down(y);
      data[y * width + x] = stored.data[turn.transpose ? u * stored.width + v : v * stored.width + u] ?? 255;
    }
  }
  return { width, rows, data };
}

/** The picture upright. */
export function orientBitmap(stored: Bitmap, orientation: number): Bitmap {
  const turn = TURNS[orientation - 1];
  if (turn === undefined || orientation === 1) return stored;
  const { width, rows, across, down } = walk(turn, stored);
  const upright = blankBitmap(width, rows);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = turn.transpose ? [down(y), across(x)] : [across(x), down(y)];
      const bit = ((stored.data[v * stored.stride + (u >> 3)] ?? 0) >> (7 - (u & 7))) & 1;
      const at = y * upright.stride + (x >> 3);
      upright.data[at] = (upright.data[at] ?? 0) | (bit << (7 - (x & 7)));
    }
  }
  return upright;
}
