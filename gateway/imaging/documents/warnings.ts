import type { Bitmap } from '../raster/bitmap.ts';

/** Share of black above which a page is probably not what was meant: a dark screenshot, an inverted scan. */
const NEARLY_BLACK = 0.5;

/** Bits set in each byte. */
const ONES = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

/** What a person should know of a page before it is sent, by its bits alone. */
export function pageWarnings(page: Bitmap): string[] {
  let black = 0;
  for (const byte of page.data) black += ONES[byte] ?? 0;
  if (black === 0) return ['page is blank'];
  return black > page.width * page.rows * NEARLY_BLACK ? ['page nearly black'] : [];
}
