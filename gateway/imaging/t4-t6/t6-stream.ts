/** The T.6 decoder for data that arrive piece by piece; see t6-decoder.ts for images that are all there. */
import { type Changes, paintRow, whiteRow } from './changes.ts';
import { LOOK_AHEAD, RowReader } from './row-reader.ts';
import type { T6End } from './t6-decoder.ts';

/** EOFB: two EOLs (T.6 §2.4.1.1). */
const EOFB = 0x00_1001;
const EOFB_BITS = 24;

/** What a decoder is told beforehand, and whom it tells. */
export interface T6DecoderOptions {
  /** Pixels per row. */
  readonly width: number;
  /** Rows after which the page is over; bounds what a hostile sender can fill. */
  readonly maxRows: number;
  /** Called for each row in order; `pixels` (packed, 1 = black) is reused for the next row. */
  readonly onRow: (pixels: Uint8Array) => void;
}

/** What became of a page. */
export interface T6Report {
  readonly rows: number;
  /** Why the page is over; `open` while it is not. Zeros alone behind the last row count as `data-end`: padding. */
  readonly end: T6End | 'limit' | 'open';
}

/** A decoder that takes bytes as they arrive; memory is one piece and the longest row. */
export interface T6Decoder {
  /** Takes some more bytes; those behind the page's end are ignored. */
  push(bytes: Uint8Array): void;
  /** The data are over: hands out the rows that are left, and zeroes its buffers. */
  finish(): T6Report;
  report(): T6Report;
}

/** Bytes that no row's code words exceed: seven bits a pixel (VR3), and EOFB. */
function longestRow(width: number): number {
  return width + 64;
}

class Decoder implements T6Decoder {
  readonly #options: T6DecoderOptions;
  readonly #pixels: Uint8Array;
  readonly #reader: RowReader;
  #current: Changes;
  #reference: Changes;
  /** Bytes that are not used up, and {@link LOOK_AHEAD} zeros; the reader stands in the first of them. */
  #bytes: Uint8Array;
  #length = 0;
  #rows = 0;
  #end: T6Report['end'] = 'open';

  constructor(options: T6DecoderOptions) {
    const { width } = options;
    this.#options = options;
    this.#pixels = new Uint8Array((width + 7) >> 3);
    this.#current = whiteRow(width);
    this.#reference = whiteRow(width);
    this.#bytes = new Uint8Array(2 * longestRow(width) + LOOK_AHEAD);
    this.#reader = new RowReader(this.#bytes, width);
    if (options.maxRows < 1) this.#end = 'limit';
  }

  push(bytes: Uint8Array): void {
    if (this.#end !== 'open') return;
    this.#append(bytes);
    // A row is read when it is there for certain: work stays linear, however small the pieces are.
    const whole = 8 * (this.#length - longestRow(this.#options.width));
    while (this.#end === 'open' && this.#reader.at <= whole) this.#readRow();
  }

  finish(): T6Report {
    while (this.#end === 'open') this.#readRow();
    this.#bytes.fill(0);
    this.#pixels.fill(0);
    return this.report();
  }

  report(): T6Report {
    return { rows: this.#rows, end: this.#end };
  }

  /** Moves what is left to the front and puts `bytes` behind it. */
  #append(bytes: Uint8Array): void {
    const used = this.#reader.at >> 3;
    const left = this.#length - used;
    const room = left + bytes.length + LOOK_AHEAD;
    const old = this.#bytes;
    if (room > old.length) this.#bytes = new Uint8Array(Math.max(room, 2 * old.length));
    this.#bytes.set(old.subarray(used, this.#length));
    if (old !== this.#bytes) old.fill(0);
    this.#bytes.set(bytes, left);
    this.#length = left + bytes.length;
    this.#bytes.fill(0, this.#length);
    this.#reader.attach(this.#bytes);
    this.#reader.at &= 7;
  }

  #readRow(): void {
    const reader = this.#reader;
    const begin = reader.at;
    const outcome = reader.readModes(this.#current, this.#reference);
    if (outcome === 'whole' && reader.at <= 8 * this.#length) {
      [this.#reference, this.#current] = [this.#current, this.#reference];
      this.#emit();
      return;
    }
    reader.at = begin;
    this.#end = this.#endAt(begin);
  }

  #endAt(begin: number): T6End {
    if (begin + EOFB_BITS <= 8 * this.#length && this.#reader.peek(EOFB_BITS) === EOFB) return 'eofb';
    return this.#zerosFrom(begin) ? 'data-end' : 'damaged';
  }

  #zerosFrom(begin: number): boolean {
    const first = begin >> 3;
    if (((this.#bytes[first] ?? 0) & (0xff >> (begin & 7))) !== 0) return false;
    return this.#bytes.subarray(first + 1, this.#length).every((byte) => byte === 0);
  }

  #emit(): void {
    this.#pixels.fill(0);
    paintRow(this.#reference, this.#pixels, 0);
    this.#rows++;
    if (this.#rows === this.#options.maxRows) this.#end = 'limit';
    this.#options.onRow(this.#pixels);
  }
}

/** A T.6 decoder for a page that arrives piece by piece. @throws RangeError on a width outside 1 … 65,535. */
export function createT6Decoder(options: T6DecoderOptions): T6Decoder {
  return new Decoder(options);
}
