/** Bitmaps for tests: seeded noise of every texture, and the degenerate ones. */
import { type Bitmap, blankBitmap } from '../../../gateway/imaging/index.ts';

/** A generator of 32-bit numbers with a known seed (Marsaglia's xorshift). */
export function seeded(seed: number): () => number {
  let state = seed || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

export function setPixel(bitmap: Bitmap, x: number, y: number): void {
  const at = y * bitmap.stride + (x >> 3);
  bitmap.data[at] = (bitmap.data[at] ?? 0) | (0x80 >> (x & 7));
}

/** Runs of `1 … longest` pixels; each row is like the one above but for a few shifted runs. */
export function runsPicture(width: number, rows: number, longest: number, random: () => number): Bitmap {
  const bitmap = blankBitmap(width, rows);
  for (let y = 0; y < rows; y++) {
    if (y > 0 && random() % 3 !== 0) {
      bitmap.data.copyWithin(y * bitmap.stride, (y - 1) * bitmap.stride, y * bitmap.stride);
      for (let n = random() % 4; n > 0; n--) setPixel(bitmap, random() % width, y);
      continue;
    }
    for (let x = random() % (longest + 1); x < width; x += 1 + (random() % longest)) {
      for (const end = Math.min(width, x + 1 + (random() % longest)); x < end; x++) setPixel(bitmap, x, y);
    }
  }
  return bitmap;
}

/** White, black, stripes, single pixels at the edges: where coders go wrong. */
export function degeneratePictures(width: number): [string, Bitmap][] {
  const make = (rows: number, black: (x: number, y: number) => boolean): Bitmap => {
    const bitmap = blankBitmap(width, rows);
    for (let y = 0; y < rows; y++) for (let x = 0; x < width; x++) if (black(x, y)) setPixel(bitmap, x, y);
    return bitmap;
  };
  return [
    ['no rows', make(0, () => false)],
    ['white', make(3, () => false)],
    ['black', make(3, () => true)],
    ['columns', make(3, (x) => (x & 1) === 0)],
    ['odd columns', make(3, (x) => (x & 1) === 1)],
    ['chequers', make(4, (x, y) => ((x + y) & 1) === 0)],
    ['black and white rows', make(4, (_, y) => (y & 1) === 0)],
    ['first column', make(3, (x) => x === 0)],
    ['last column', make(3, (x) => x === width - 1)],
    ['a diagonal', make(9, (x, y) => x === (3 * y) % width)],
    ['last column every other row', make(4, (x, y) => x === width - 1 && (y & 1) === 1)],
  ];
}

/** Row widths around bytes, words and make-up codes, and those of T.4. */
export const WIDTHS = [1, 2, 7, 8, 9, 31, 32, 33, 63, 64, 65, 127, 1728, 2048, 2432, 2561, 2624, 5300];
