/** The T.4 decoder as a fax machine has it: it survives damaged rows and says how many there were. */
import { type BitOrder, REVERSED } from './bit-order.ts';
import { type Changes, paintRow, whiteRow } from './changes.ts';
import { type CodedLine, EolSplitter } from './eol-splitter.ts';
import { RowReader, withLookAhead } from './row-reader.ts';
import type { T4Mode } from './t4-encoder.ts';
import type { DecodeResult, DecodeSize } from './t6-decoder.ts';

/** How a row came about: decoded, or lost and replaced by the row above it. */
export type RowQuality = 'good' | 'replaced';

/** What a decoder is told beforehand, and whom it tells. */
export interface T4DecoderOptions {
  /** Pixels per row. */
  readonly width: number;
  readonly mode: T4Mode;
  /** Rows after which the page is over; bounds what a hostile sender can fill. */
  readonly maxRows: number;
  /** Bit order of the bytes pushed; default most significant first. */
  readonly bitOrder?: BitOrder;
  /** Called for each row in order; `pixels` (packed, 1 = black) is reused for the next row. */
  readonly onRow: (pixels: Uint8Array, quality: RowQuality) => void;
}

/** What became of a page so far. */
export interface T4Report {
  /** Rows handed out, replaced ones included. */
  readonly rows: number;
  /** Rows that were damaged and replaced. */
  readonly badRows: number;
  /** The longest run of damaged rows: receivers judge a page by it (T.30 leaves the measure to them). */
  readonly longestBadRun: number;
  /** Why the page is over: RTC came, or `maxRows` were reached; `open` while neither. */
  readonly end: 'rtc' | 'limit' | 'open';
  /** EOLs seen: none in data that are no T.4 coding. */
  readonly eols: number;
  /** Bytes used. */
  readonly consumed: number;
}

/** A decoder that takes bytes as they arrive. */
export interface T4Decoder {
  /** Takes some more bytes; those behind the page's end are ignored. */
  push(bytes: Uint8Array): void;
  /** The data are over: hands out a last row that no EOL closed, if it is whole, and zeroes its buffers. */
  finish(): T4Report;
  /** The report so far. */
  report(): T4Report;
}

/**
 * Empty lines (EOL after EOL) that are taken for RTC. T.4 sends five; two are enough, so that noise on the line within
 * RTC does not turn it into rows, and one alone is passed over.
 */
const RTC_EMPTY_LINES = 2;

class Decoder implements T4Decoder {
  private readonly options: T4DecoderOptions;
  private readonly splitter: EolSplitter;
  private readonly reader: RowReader;
  private readonly pixels: Uint8Array;
  private current: Changes;
  private reference: Changes;
  private rows = 0;
  private badRows = 0;
  private badRun = 0;
  private longestBadRun = 0;
  private emptyLines = 0;
  private eols = 0;
  private consumed = 0;
  private end: T4Report['end'] = 'open';
  /** MR: the row above is lost, so that rows are lost until a one-dimensional one (what parameter K is for). */
  private lost = false;

  constructor(options: T4DecoderOptions) {
    const { width } = options;
    this.options = options;
    this.current = whiteRow(width);
    this.reference = whiteRow(width);
    this.pixels = new Uint8Array((width + 7) >> 3);
    this.reader = new RowReader(new Uint8Array(8), width);
    this.splitter = new EolSplitter(width, (line) => this.takeLine(line));
    if (options.maxRows < 1) this.end = 'limit';
  }

  push(bytes: Uint8Array): void {
    if (this.end !== 'open') return;
    const ordered = this.options.bitOrder === 'lsb-first' ? bytes.map((byte) => REVERSED[byte] ?? 0) : bytes;
    this.consumed += this.splitter.push(ordered);
  }

  finish(): T4Report {
    const line = this.end === 'open' && this.eols > 0 ? this.splitter.rest() : null;
    if (line !== null && !this.isEmpty(line, this.tagBits) && this.readRow(line)) this.emitGood();
    this.splitter.wipe();
    this.pixels.fill(0);
    return this.report();
  }

  report(): T4Report {
    const { rows, badRows, longestBadRun, end, eols, consumed } = this;
    return { rows, badRows, longestBadRun, end, eols, consumed };
  }

  /** A line that an EOL closed. Returns false when the page is over. */
  private takeLine(line: CodedLine): boolean {
    this.eols++;
    if (this.eols === 1) {
      // Before the first EOL stands noise of the line's training, or the first row of a file that saved its EOL.
      if (!this.isEmpty(line, 0) && this.readUntagged(line)) this.emitGood();
    } else if (this.isEmpty(line, this.tagBits)) {
      if (++this.emptyLines === RTC_EMPTY_LINES) this.end = 'rtc';
    } else {
      this.emptyLines = 0;
      if (this.readRow(line)) this.emitGood();
      else this.emitReplacement();
    }
    return this.end === 'open';
  }

  /** Bits behind an EOL that are no part of the row. */
  private get tagBits(): number {
    return this.options.mode === 'MR' ? 1 : 0;
  }

  /** Nothing but fill, behind a tag bit in MR. */
  private isEmpty(line: CodedLine, tagBits: number): boolean {
    return !line.overlong && line.zeros <= line.begin + tagBits;
  }

  /** Decodes a line into `current`. */
  private readRow(line: CodedLine): boolean {
    if (this.options.mode === 'MH') return this.readUntagged(line);
    this.reader.attach(line.bytes);
    this.reader.at = line.begin;
    const oneDimensional = this.reader.peek(1) === 1;
    this.reader.at++;
    if (!oneDimensional && this.lost) return false;
    const outcome = oneDimensional
      ? this.reader.readRuns(this.current)
      : this.reader.readModes(this.current, this.reference);
    return outcome === 'whole' && this.fits(line);
  }

  private readUntagged(line: CodedLine): boolean {
    this.reader.attach(line.bytes);
    this.reader.at = line.begin;
    return this.reader.readRuns(this.current) === 'whole' && this.fits(line);
  }

  /** Whether the row that was read fills its line: nothing but fill behind it. */
  private fits(line: CodedLine): boolean {
    return !line.overlong && this.reader.at >= line.zeros && this.reader.at <= line.end;
  }

  private emitGood(): void {
    this.badRun = 0;
    this.lost = false;
    [this.reference, this.current] = [this.current, this.reference];
    this.emit('good');
  }

  private emitReplacement(): void {
    this.badRows++;
    this.badRun++;
    this.longestBadRun = Math.max(this.longestBadRun, this.badRun);
    this.lost = true;
    this.emit('replaced');
  }

  private emit(quality: RowQuality): void {
    this.pixels.fill(0);
    paintRow(this.reference, this.pixels, 0);
    this.rows++;
    if (this.rows === this.options.maxRows) this.end = 'limit';
    this.options.onRow(this.pixels, quality);
  }
}

/** A T.4 decoder. @throws RangeError on a width outside 1 … 65,535. */
export function createT4Decoder(options: T4DecoderOptions): T4Decoder {
  return new Decoder(options);
}

/** Rows collected into one bitmap that grows by doubling. */
class Collector {
  private data: Uint8Array;
  private readonly stride: number;
  private rows = 0;

  constructor(stride: number, firstRows: number) {
    this.stride = stride;
    this.data = new Uint8Array(stride * firstRows);
  }

  add(pixels: Uint8Array): void {
    if (this.stride * (this.rows + 1) > this.data.length) {
      const larger = new Uint8Array(2 * this.data.length + this.stride);
      larger.set(this.data);
      this.data = larger;
    }
    this.data.set(pixels, this.stride * this.rows++);
  }

  take(rows: number): Uint8Array {
    return this.data.subarray(0, rows * this.stride);
  }
}

/** How much to decode, and in which mode. */
export interface T4DecodeOptions extends DecodeSize {
  readonly mode: T4Mode;
  readonly bitOrder?: BitOrder;
}

/** Rows allocated first when the container does not say how many there are: an A4 page at 204×196. */
const FIRST_ROWS = 2304;

/**
 * Decodes one T.4 page that is all there. Rows that are missing where `rows` was given count as bad and are white.
 * One-dimensional data without a single EOL are read as rows that follow each other bit by bit.
 * @throws RangeError on a width outside 1 … 65,535.
 */
export function decodeT4(bytes: Uint8Array, options: T4DecodeOptions): DecodeResult {
  const { width, mode, bitOrder = 'msb-first' } = options;
  const stride = (width + 7) >> 3;
  const wanted = Math.min(options.rows ?? options.maxRows, options.maxRows);
  const picture = new Collector(stride, options.rows === undefined ? Math.min(wanted, FIRST_ROWS) : wanted);
  const onRow = (pixels: Uint8Array) => picture.add(pixels);
  const decoder = createT4Decoder({ width, mode, maxRows: wanted, bitOrder, onRow });
  decoder.push(bytes);
  const report = decoder.finish();
  if (report.eols === 0 && mode === 'MH' && bitOrder === 'msb-first')
    return decodeRuns(bytes, { ...options, alignBits: 1 });
  const missing = options.rows === undefined ? 0 : wanted - report.rows;
  const kept = options.rows === undefined ? report.rows : wanted;
  return {
    bitmap: { width, rows: kept, stride, data: picture.take(kept) },
    rows: report.rows,
    complete: options.rows === undefined ? report.end === 'rtc' : report.rows === options.rows,
    badRows: report.badRows + missing,
    longestBadRun: Math.max(report.longestBadRun, missing),
    consumed: report.consumed,
  };
}

/** How much to decode, and where rows begin: at multiples of so many bits. */
export interface RunsDecodeOptions extends DecodeSize {
  readonly alignBits: 1 | 8 | 16;
}

/**
 * Decodes one-dimensional rows without EOLs (TIFF compression 2, "CCITT modified Huffman RLE", and its word-aligned
 * relative). Nothing marks a row's end, so that decoding ends at the first damaged row.
 * @throws RangeError on a width outside 1 … 65,535.
 */
export function decodeRuns(bytes: Uint8Array, options: RunsDecodeOptions): DecodeResult {
  const { width, alignBits } = options;
  const stride = (width + 7) >> 3;
  const wanted = Math.min(options.rows ?? options.maxRows, options.maxRows);
  const reader = new RowReader(withLookAhead(bytes), width);
  const row = whiteRow(width);
  const pixels = new Uint8Array(stride);
  const picture = new Collector(stride, options.rows === undefined ? Math.min(wanted, FIRST_ROWS) : wanted);
  let rows = 0;
  for (; rows < wanted && reader.at < 8 * bytes.length; rows++) {
    if (reader.readRuns(row) === 'damaged' || reader.at > 8 * bytes.length) break;
    paintRow(row, pixels.fill(0), 0);
    picture.add(pixels);
    reader.at = Math.ceil(reader.at / alignBits) * alignBits;
  }
  const missing = options.rows === undefined ? 0 : wanted - rows;
  const kept = options.rows === undefined ? rows : wanted;
  return {
    bitmap: { width, rows: kept, stride, data: picture.take(kept) },
    rows,
    complete: rows === (options.rows ?? -1),
    badRows: missing,
    longestBadRun: missing,
    consumed: Math.min(bytes.length, (reader.at + 7) >> 3),
  };
}
