import { type Bitmap, blankBitmap } from '../raster/bitmap.ts';
import { type HeaderFont, headerFont } from './font.ts';
import { type HeaderText, headerLine } from './line.ts';

/** White left and right of the line, in pixels at 204 dpi: 3 mm, which machines do not print. */
const MARGIN = 24;

/** White above and below the line, in rows at 196 lines per inch. */
const ABOVE = 10;
const BELOW = 6;

/**
 * A page with its header line. The line never covers anything: it takes the white rows at the top, and where there are not
 * enough of them the page moves down, by white rows taken from its end as far as there are any.
 */
export function stampHeader(page: Bitmap, yDpi: number, header: HeaderText, number: number, pages: number): Bitmap {
  const font = headerFont(yDpi);
  const above = Math.round((ABOVE * yDpi) / 196);
  const band = above + font.cellRows * font.rowRepeat + Math.round((BELOW * yDpi) / 196);
  const free = blankRowsAtTop(page, band);
  const bitmap = moveDown(page, band - free);
  const columns = Math.floor((page.width - 2 * MARGIN) / font.cellWidth);
  const line = headerLine(header, number, pages, columns);
  [...line].forEach((character, column) => {
    if (character !== ' ') drawGlyph(bitmap, font, character, MARGIN + column * font.cellWidth, above);
  });
  return bitmap;
}

function blankRowsAtTop(page: Bitmap, most: number): number {
  const end = Math.min(page.data.length, most * page.stride);
  for (let at = 0; at < end; at++) if (page.data[at] !== 0) return Math.floor(at / page.stride);
  return Math.min(most, page.rows);
}

/** Rows from the last mark to the end of the page. */
export function blankRowsAtEnd(page: Bitmap): number {
  for (let at = page.data.length - 1; at >= 0; at--) {
    if (page.data[at] !== 0) return page.rows - 1 - Math.floor(at / page.stride);
  }
  return page.rows;
}

function moveDown(page: Bitmap, rows: number): Bitmap {
  if (rows <= 0) return page;
  const dropped = Math.min(rows, blankRowsAtEnd(page));
  const moved = blankBitmap(page.width, page.rows + rows - dropped);
  moved.data.set(page.data.subarray(0, (page.rows - dropped) * page.stride), rows * page.stride);
  return moved;
}

function drawGlyph(bitmap: Bitmap, font: HeaderFont, character: string, left: number, top: number): void {
  const first = font.indexOf(character.codePointAt(0) ?? 0) * font.cellRows;
  for (let row = 0; row < font.cellRows * font.rowRepeat; row++) {
    const from = (first + Math.floor(row / font.rowRepeat)) * font.glyphs.stride;
    const to = (top + row) * bitmap.stride;
    for (let x = 0; x < font.cellWidth; x++) {
      if (((font.glyphs.data[from + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) === 0) continue;
      const at = to + ((left + x) >> 3);
      bitmap.data[at] = (bitmap.data[at] ?? 0) | (0x80 >> ((left + x) & 7));
    }
  }
}
