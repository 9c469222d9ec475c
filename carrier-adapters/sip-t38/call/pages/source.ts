import { BilevelScaler, type Bitmap, blankBitmap, T6RowReader } from '../../../../gateway/imaging/index.ts';
import type { PageGeometry } from '../../t30/page-terms.ts';
import { PageError } from './error.ts';
import type { Fit } from './fit.ts';

/** Rows that are handed on together: 1 to 3 ms of work. */
const BAND = 64;

/** The rows of a stored page as they stand on the lines to be sent, band by band. */
export interface PageSource {
  /** The next rows; null behind the last. The pixels are valid until the next call. @throws {PageError} `unreadable` */
  next(): Bitmap | null;
  /** Zeroes what was read. */
  wipe(): void;
}

/** The rows of `page`, stored as `t6`, by `fit`. `t6` is copied. */
export function readPage(page: PageGeometry, t6: Uint8Array, fit: Fit): PageSource {
  const reader = new T6RowReader(t6, page.width);
  const read = (y: number, pixels: Uint8Array, offset = 0) => {
    if (!reader.next(pixels, offset))
      throw new PageError('unreadable', `the stored page ends in row ${y} of ${page.rows}`);
  };
  const scaled = fit.width !== page.width || fit.rows !== page.rows;
  const bands = scaled ? new BilevelScaler(page, read, fit) : new PlainBands(page, read);
  return {
    next() {
      const band = bands.next();
      return band === null || fit.width === fit.lineWidth ? band : placed(band, fit);
    },
    wipe: () => reader.wipe(),
  };
}

/** Rows at their own size. */
class PlainBands {
  readonly #page: PageGeometry;
  readonly #read: (y: number, pixels: Uint8Array, offset: number) => void;
  readonly #band: Bitmap;
  #done = 0;

  constructor(page: PageGeometry, read: (y: number, pixels: Uint8Array, offset: number) => void) {
    this.#page = page;
    this.#read = read;
    this.#band = blankBitmap(page.width, BAND);
  }

  next(): Bitmap | null {
    const rows = Math.min(BAND, this.#page.rows - this.#done);
    if (rows === 0) return null;
    const { data, stride } = this.#band;
    data.fill(0);
    for (let y = 0; y < rows; y++) this.#read(this.#done + y, data, y * stride);
    this.#done += rows;
    return { ...this.#band, rows };
  }
}

/** `band` on wider white lines. */
function placed(band: Bitmap, { left, lineWidth }: Fit): Bitmap {
  const lines = blankBitmap(lineWidth, band.rows);
  for (let y = 0; y < band.rows; y++) {
    const row = band.data.subarray(y * band.stride, (y + 1) * band.stride);
    lines.data.set(row, y * lines.stride + (left >> 3));
  }
  band.data.fill(0);
  return lines;
}
