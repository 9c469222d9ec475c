/** The T.6 (MMR, Group 4) decoder. T.6 has no way to recover a damaged row, so that decoding ends at the first one. */
import type { Bitmap } from '../raster/bitmap.ts';
import { type Changes, paintRow, whiteRow } from './changes.ts';
import { RUN_BITS } from './lookup.ts';
import { RowReader, withLookAhead } from './row-reader.ts';

/** EOFB: two EOLs (T.6 §2.4.1.1). */
const EOFB = 0x00_1001;

/** What decoding one coded page gave. Hostile or cut input ends in a result as any other. */
export interface DecodeResult {
  /** The picture: as many rows as were asked for (white behind the last decoded one), else as many as were decoded. */
  readonly bitmap: Bitmap;
  /** Rows decoded, replaced rows included. */
  readonly rows: number;
  /** Whether the image ended as it should: at EOFB or RTC, or with all rows that were asked for. */
  readonly complete: boolean;
  /** Rows that were asked for or seen but could not be decoded. */
  readonly badRows: number;
  /** The longest run of such rows in succession. */
  readonly longestBadRun: number;
  /** Coded bytes used, closing code words and padding included. */
  readonly consumed: number;
}

/** How much to decode. */
export interface DecodeSize {
  /** Pixels per row. */
  readonly width: number;
  /** Rows the image has, where its container says so. */
  readonly rows?: number;
  /** Where decoding ends at the latest; bounds the memory a hostile image can take. */
  readonly maxRows: number;
}

/** Why a row reader gives no more rows; a word that does not exist within the last 13 bits counts as `data-end`. */
export type T6End = 'eofb' | 'damaged' | 'data-end';

/** Reads a T.6 image row by row in constant memory. */
export class T6RowReader {
  private readonly bytes: Uint8Array;
  private readonly reader: RowReader;
  private readonly endBit: number;
  private current: Changes;
  private reference: Changes;
  /** Set once {@link next} has returned false. */
  end: T6End | null = null;

  /** @throws RangeError on a width outside 1 … 65,535. */
  constructor(bytes: Uint8Array, width: number) {
    this.bytes = withLookAhead(bytes);
    this.reader = new RowReader(this.bytes, width);
    this.endBit = 8 * bytes.length;
    this.current = whiteRow(width);
    this.reference = whiteRow(width);
  }

  /** Bytes used so far, a byte begun counted as used. */
  get consumed(): number {
    return Math.min(this.reader.at + 7, this.endBit) >> 3;
  }

  /** Decodes the next row and paints its black runs into the white bytes at `offset` of `pixels`; false at the end. */
  next(pixels: Uint8Array, offset: number): boolean {
    if (this.end !== null) return false;
    const begin = this.reader.at;
    const outcome = this.reader.readModes(this.current, this.reference);
    if (outcome === 'whole' && this.reader.at <= this.endBit) {
      paintRow(this.current, pixels, offset);
      [this.reference, this.current] = [this.current, this.reference];
      return true;
    }
    const cut = this.reader.at + RUN_BITS > this.endBit;
    this.reader.at = begin;
    this.end = this.takeEnd() ? 'eofb' : cut ? 'data-end' : 'damaged';
    return false;
  }

  /** Zeroes the copy of the image; the reader must not be used afterwards. */
  wipe(): void {
    this.bytes.fill(0);
  }

  /** Takes EOFB if it stands here. */
  takeEnd(): boolean {
    if (this.reader.at + 24 > this.endBit || this.reader.peek(24) !== EOFB) return false;
    this.reader.at += 24;
    return true;
  }
}

/** Rows allocated first when the container does not say how many there are: an A4 page at 204×196. */
const FIRST_ROWS = 2304;

/** Decodes one T.6 image. @throws RangeError on a width outside 1 … 65,535. */
export function decodeT6(bytes: Uint8Array, size: DecodeSize): DecodeResult {
  const { width } = size;
  const stride = (width + 7) >> 3;
  const wanted = Math.min(size.rows ?? size.maxRows, size.maxRows);
  const reader = new T6RowReader(bytes, width);
  let data = new Uint8Array(stride * (size.rows === undefined ? Math.min(wanted, FIRST_ROWS) : wanted));
  let rows = 0;
  while (rows < wanted) {
    if (rows * stride === data.length) data = grow(data, stride * wanted);
    if (!reader.next(data, rows * stride)) break;
    rows++;
  }
  const closed = reader.end === 'eofb' || (reader.end === null && reader.takeEnd());
  const missing = size.rows === undefined ? 0 : wanted - rows;
  const kept = size.rows === undefined ? rows : wanted;
  return {
    bitmap: { width, rows: kept, stride, data: data.subarray(0, kept * stride) },
    rows,
    complete: size.rows === undefined ? closed : rows === size.rows,
    badRows: missing,
    longestBadRun: missing,
    consumed: reader.consumed,
  };
}

/** Twice the room, up to `limit` bytes. */
function grow(data: Uint8Array, limit: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.min(limit, 2 * data.length));
  larger.set(data);
  return larger;
}
