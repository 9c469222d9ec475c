import { toBilevel } from './bilevel.ts';
import type { Bitmap } from './bitmap.ts';
import type { Grey } from './grey.ts';
import { RowAverager, type Size, unpackRow } from './scale.ts';

/** Target rows that are made together: two rows of tiles of the survey that looks for photographs. */
const BAND = 64;
/** Rows that a band knows of its neighbours on either side: the search for hairlines looks two rows up and down. */
const MARGIN = 2;

/** Gives row `y` of the source, packed, into the white `pixels`. Rows are asked for in order. */
export type PackedRowReader = (y: number, pixels: Uint8Array) => void;

/**
 * Scales a bilevel picture band by band, in the memory of one band: coverage becomes grey, and grey black or white as
 * for any page, so that thin strokes stay one pixel wide and halftones keep their tone.
 */
export class BilevelScaler {
  readonly #averager: RowAverager;
  readonly #to: Size;
  readonly #window: Uint8Array;
  /** Target row that the window begins with, and how many follow in it. */
  #first = 0;
  #held = 0;
  /** Target rows handed out. */
  #done = 0;

  constructor(from: Size, read: PackedRowReader, to: Size) {
    const packed = new Uint8Array((from.width + 7) >> 3);
    this.#averager = new RowAverager(
      from,
      (y, row) => {
        read(y, packed.fill(0));
        unpackRow(packed, 0, row);
      },
      to,
    );
    this.#to = to;
    this.#window = new Uint8Array((BAND + 2 * MARGIN) * to.width);
  }

  /** The next rows of the picture, at most 64; null when it is complete. */
  next(): Bitmap | null {
    const { width, rows } = this.#to;
    if (this.#done === rows) return null;
    const end = Math.min(rows, this.#done + BAND);
    this.#fill(Math.min(rows, end + MARGIN));
    const grey: Grey = { width, rows: this.#held, data: this.#window.subarray(0, this.#held * width) };
    const band = cut(
      toBilevel(grey, null, { halftone: 'auto', contrast: 0 }),
      this.#done - this.#first,
      end - this.#done,
    );
    this.#done = end;
    this.#keep(Math.max(0, end - MARGIN));
    return band;
  }

  /** Reads target rows up to `end`. */
  #fill(end: number): void {
    const { width } = this.#to;
    while (this.#first + this.#held < end) this.#averager.next(this.#window, this.#held++ * width);
  }

  /** Forgets the rows above `first`. */
  #keep(first: number): void {
    const { width } = this.#to;
    this.#window.copyWithin(0, (first - this.#first) * width, this.#held * width);
    this.#held -= first - this.#first;
    this.#first = first;
  }
}

/** `rows` rows of a bitmap from row `first`: a view. */
function cut(bitmap: Bitmap, first: number, rows: number): Bitmap {
  return { ...bitmap, rows, data: bitmap.data.subarray(first * bitmap.stride, (first + rows) * bitmap.stride) };
}
