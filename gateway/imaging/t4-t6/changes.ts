/**
 * A row as its changing elements (T.4 §4.2.1.1): the columns at which the colour turns, beginning from white, so that
 * elements 0, 2, 4 … begin black runs and 1, 3, 5 … end them. Coder and decoder work on these lists alone; pixels are
 * touched once, when a row enters or leaves.
 */

/** Closing elements behind the last change, all equal to the width: b1 and b2 may lie behind the last change. */
const SENTINELS = 4;

/** The widest row that is coded: sixteen bits, the width of TIFF's and T.30's fields. */
export const MAX_WIDTH = 65_535;

/** The list of one row; `count` changes stand in `at`, then {@link SENTINELS} times the width. */
export interface Changes {
  readonly at: Int32Array;
  count: number;
}

/**
 * An all-white row of `width` pixels: the imaginary line above every page (T.6 §2.2.1).
 * @throws RangeError when the width is not between 1 and {@link MAX_WIDTH}: our own fault, never a document's.
 */
export function whiteRow(width: number): Changes {
  if (!Number.isInteger(width) || width < 1 || width > MAX_WIDTH) throw new RangeError(`row width ${width}`);
  const at = new Int32Array(width + 2 * SENTINELS);
  const row = { at, count: 0 };
  closeRow(row, 0, width);
  return row;
}

/** Sets the number of changes and writes the sentinels behind them. */
export function closeRow(row: Changes, count: number, width: number): void {
  const at = row.at;
  row.count = count;
  at[count] = width;
  at[count + 1] = width;
  at[count + 2] = width;
  at[count + 3] = width;
}

/**
 * Lists the changes of the packed row at byte `offset` of `pixels` (1 = black, most significant bit first).
 * Bits behind the width are ignored. Thirty-two pixels are looked at together: a pixel differs from its left
 * neighbour exactly where `v ^ (v >>> 1)` is set.
 */
export function findChanges(pixels: DataView, offset: number, width: number, row: Changes): void {
  const at = row.at;
  const words = width >>> 5;
  let count = 0;
  let last = 0;
  for (let word = 0; word < words; word++) {
    const v = pixels.getInt32(offset + 4 * word);
    let turns = v ^ ((v >>> 1) | (last << 31));
    last = v & 1;
    while (turns !== 0) {
      const k = Math.clz32(turns);
      at[count++] = 32 * word + k;
      turns &= ~(0x8000_0000 >>> k);
    }
  }
  if ((width & 31) !== 0) count = findTail(pixels, offset, width, row, count, last);
  closeRow(row, count, width);
}

/** The last, incomplete word of a row, read bytewise so that nothing behind the row is touched. */
function findTail(
  pixels: DataView,
  offset: number,
  width: number,
  row: Changes,
  found: number,
  before: number,
): number {
  const first = width & ~31;
  let count = found;
  let v = 0;
  for (let x = first; x < width; x += 8) v |= pixels.getUint8(offset + (x >> 3)) << (24 - (x - first));
  let turns = (v ^ ((v >>> 1) | (before << 31))) & ~(0xffff_ffff >>> (width & 31));
  while (turns !== 0) {
    const k = Math.clz32(turns);
    row.at[count++] = first + k;
    turns &= ~(0x8000_0000 >>> k);
  }
  return count;
}

/** Paints the black runs of a row into the white (zero) bytes at `offset` of `pixels`. */
export function paintRow(row: Changes, pixels: Uint8Array, offset: number): void {
  const at = row.at;
  const count = row.count;
  for (let i = 0; i < count; i += 2) {
    const from = at[i] ?? 0;
    const to = at[i + 1] ?? 0;
    const first = offset + (from >> 3);
    const last = offset + (to >> 3);
    const head = 0xff >> (from & 7);
    const tail = 0xff00 >> (to & 7);
    if (first === last) {
      pixels[first] = (pixels[first] ?? 0) | (head & tail);
    } else {
      pixels[first] = (pixels[first] ?? 0) | head;
      for (let x = first + 1; x < last; x++) pixels[x] = 0xff;
      // A run that ends on a byte's edge, perhaps the row's own, has no tail.
      if ((to & 7) !== 0) pixels[last] = (pixels[last] ?? 0) | tail;
    }
  }
}
