// Run lengths of BI_RLE8 and BI_RLE4, two bytes at a time:
//
//    n v   n > 0: n pixels of v (RLE4: of the halves of v in turn)
//    0 0   end of a row        0 1   end of the picture        0 2 dx dy   move
//    0 n   n > 2: n pixels follow as they are, padded to an even number of bytes

const END_OF_ROW = 0;
const END_OF_PICTURE = 1;
const MOVE = 2;

/**
 * Palette indices of a picture, first coded row first; pixels that are skipped have index 0. Runs are cut at the
 * end of their row.
 * @returns undefined when the data end before the picture does
 */
export function unpackBmpRuns(data: Uint8Array, width: number, rows: number, bits: 4 | 8): Uint8Array | undefined {
  const out = new Uint8Array(width * rows);
  let [x, y, at] = [0, 0, 0];
  const pixel = (from: number, i: number) => {
    if (bits === 8) return data[from + i] ?? 0;
    const byte = data[from + (i >> 1)] ?? 0;
    return i % 2 === 0 ? byte >> 4 : byte & 15;
  };
  const put = (index: number) => {
    if (x < width) out[y * width + x++] = index;
  };
  while (y < rows && at + 1 < data.length) {
    const [count = 0, value = 0] = [data[at], data[at + 1]];
    at += 2;
    if (count > 0) {
      for (let i = 0; i < count; i++) put(bits === 8 ? value : pixel(at - 1, i % 2));
    } else if (value === END_OF_PICTURE) {
      return out;
    } else if (value === END_OF_ROW) {
      x = 0;
      y++;
    } else if (value === MOVE) {
      if (at + 1 >= data.length) return undefined;
      x += data[at] ?? 0;
      y += data[at + 1] ?? 0;
      at += 2;
    } else {
      const bytes = Math.ceil((value * bits) / 8);
      if (at + bytes > data.length) return undefined;
      for (let i = 0; i < value; i++) put(pixel(at, i));
      at += bytes + (bytes % 2);
    }
  }
  return y >= rows ? out : undefined;
}
