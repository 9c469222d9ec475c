import type { CodedPage } from '../../gateway/imaging/page.ts';
import { type Bitmap, blankBitmap } from '../../gateway/imaging/raster/bitmap.ts';
import { decodeT6, encodeT6 } from '../../gateway/imaging/t4-t6/index.ts';
import { writeTiffF } from '../../gateway/imaging/tiff-f/index.ts';
import type { Random } from './random.ts';

/** Which page of which fax a sheet of paper is. */
export interface Mark {
  /** Index of the fax in the scenario, from 0. */
  readonly fax: number;
  /** From 1. */
  readonly page: number;
}

/** A4 at 204×98: the size that passes through rendering bit for bit. */
const SIZE = { width: 1728, rows: 1145, xDpi: 204, yDpi: 98 } as const;
/** The bar code: cells of 96 × 64 pixels from row 16 on, well within the first block of 8 KiB. */
const CELL = 96;
const CELL_ROWS = 64;
const TOP = 16;
/** Rows of noise; each costs about 500 bytes of T.6, so that a page takes several blocks. */
const NOISE_TOP = 200;

/** One black pixel row range. */
function fill({ data, stride }: Bitmap, cell: number): void {
  const from = (cell * CELL) >> 3;
  for (let y = TOP; y < TOP + CELL_ROWS; y++) data.fill(0xff, y * stride + from, y * stride + from + (CELL >> 3));
}

/** Guard, 8 bits of the fax, 4 of the page, 4 check bits, guard. */
function bitsOf({ fax, page }: Mark): boolean[] {
  const number = (fax << 8) | (page << 4) | checkOf(fax, page);
  return [true, ...Array.from({ length: 16 }, (_, bit) => ((number >> (15 - bit)) & 1) === 1), true];
}

const checkOf = (fax: number, page: number): number => (fax * 5 + (fax >> 4) * 3 + page * 7 + 9) & 15;

/** A page that says which it is, with `noise` rows that make it long on the line. */
export function markedPage(mark: Mark, noise: number, random: Random): CodedPage {
  const bitmap = blankBitmap(SIZE.width, SIZE.rows);
  for (const [cell, black] of bitsOf(mark).entries()) if (black) fill(bitmap, cell);
  const from = NOISE_TOP * bitmap.stride;
  for (let at = from; at < from + noise * bitmap.stride; at++) bitmap.data[at] = random.below(256);
  return { ...SIZE, t6: encodeT6(bitmap) };
}

/** The pages as one TIFF-F file. */
export function documentOf(pages: readonly CodedPage[]): Uint8Array {
  return writeTiffF(pages);
}

/** What is printed on a sheet, even when it was cut off behind the bar code; undefined when it cannot be read. */
export function readMark(t6: Uint8Array): Mark | undefined {
  const { bitmap, rows } = decodeT6(t6, { width: SIZE.width, maxRows: SIZE.rows });
  if (rows < TOP + CELL_ROWS) return undefined;
  const y = TOP + CELL_ROWS / 2;
  const black = (cell: number) => bitmap.data[y * bitmap.stride + ((cell * CELL + CELL / 2) >> 3)] === 0xff;
  let number = 0;
  for (let bit = 0; bit < 16; bit++) number = (number << 1) | (black(bit + 1) ? 1 : 0);
  const mark = { fax: number >> 8, page: (number >> 4) & 15 };
  const guarded = black(0) && black(17) && (number & 15) === checkOf(mark.fax, mark.page);
  return guarded ? mark : undefined;
}
