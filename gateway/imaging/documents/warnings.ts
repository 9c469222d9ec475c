import type { Bitmap } from '../raster/bitmap.ts';

/** Share of black above which a page is probably not what was meant: a dark screenshot, an inverted scan. */
const NEARLY_BLACK = 0.5;

/** What a person should know of a page before it is sent, by its bits alone. */
export function pageWarnings(page: Bitmap): string[] {
  const black = bitsSet(page.data);
  if (black === 0) return ['page is blank'];
  return black > page.width * page.rows * NEARLY_BLACK ? ['page nearly black'] : [];
}

/** Four octets at a time, and white ones, which most are, without a count: over half a megabyte it is a twelfth of a page's cost. */
function bitsSet(data: Uint8Array): number {
  const before = Math.min(data.length, -data.byteOffset & 3);
  const words = new Uint32Array(data.buffer, data.byteOffset + before, (data.length - before) >> 2);
  const after = before + words.length * 4;
  let bits = 0;
  for (let at = 0; at < before; at++) bits += bitsOf(data[at] ?? 0);
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? 0;
    if (word !== 0) bits += bitsOf(word);
  }
  for (let at = after; at < data.length; at++) bits += bitsOf(data[at] ?? 0);
  return bits;
}

/** Bits set in 32: sums of neighbours of one, two, four and eight bits. */
function bitsOf(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
