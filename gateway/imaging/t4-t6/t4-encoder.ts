/** The T.4 encoder: one-dimensional (MH) and two-dimensional (MR) rows between EOLs (T.4 §4). */
import { type BitOrder, reverseBits } from './bit-order.ts';
import { BitSink } from './bit-sink.ts';
import { findChanges, whiteRow } from './changes.ts';
import { EOL_PACKED } from './lookup.ts';
import { emptySymbols, listModes, listRuns } from './symbols.ts';
import type { RowEncoder } from './t6-encoder.ts';

/** MH: modified Huffman, every row alone. MR: modified READ, rows against the one above. */
export type T4Mode = 'MH' | 'MR';

/** What a sender and its receiver agreed on, or a file format demands. */
export interface T4EncoderOptions {
  /** Pixels per row. */
  readonly width: number;
  readonly mode: T4Mode;
  /** MR: every k-th row is one-dimensional (T.4 §4.2.2: at most 2 at 98 lines an inch, 4 at 196, 8 at 391); default 2. */
  readonly k?: number;
  /** Whether each EOL ends on a byte's edge, as some TIFF readers want it; default no. */
  readonly eolAlign?: boolean;
  /** Least bits of a row with its EOL: minimum scan line time × bit rate (T.4 §3); shorter rows get fill; default 0. */
  readonly minScanLineBits?: number;
  /** Bit order of the bytes handed out; default most significant first. */
  readonly bitOrder?: BitOrder;
  /** Whether `finish` ends the page with RTC, as on a line; files have none (RFC 2306 §2.2.4); default yes. */
  readonly rtc?: boolean;
}

/** RTC is six EOLs (T.4 §4.1.4), each with a tag 1 in MR (§4.2.6). */
const RTC_EOLS = 6;
const EOL_BITS = 12;
/** A tag bit behind an EOL: 1 announces a one-dimensional row, 0 a two-dimensional one (T.4 §4.2.5). */
const TAG_1D = (1 << 4) | 1;
const TAG_2D = 1;

/** A T.4 encoder. @throws RangeError on a width outside 1 … 65,535 or a k below 1. */
export function createT4Encoder(options: T4EncoderOptions): RowEncoder {
  const { width, mode, k = 2, eolAlign = false, minScanLineBits = 0, bitOrder = 'msb-first', rtc = true } = options;
  if (!Number.isInteger(k) || k < 1) throw new RangeError(`k of ${k}`);
  const sink = new BitSink(32_768);
  const symbols = emptySymbols(width);
  const stride = (width + 7) >> 3;
  let reference = whiteRow(width);
  let row = whiteRow(width);
  let untilOneDimensional = 0;

  const putEol = (oneDimensional: boolean) => {
    sink.put(EOL_PACKED);
    if (mode === 'MR') sink.put(oneDimensional ? TAG_1D : TAG_2D);
  };
  const putRow = (pixels: DataView, offset: number) => {
    const oneDimensional = mode === 'MH' || untilOneDimensional === 0;
    untilOneDimensional = untilOneDimensional === 0 ? k - 1 : untilOneDimensional - 1;
    findChanges(pixels, offset, width, row);
    if (oneDimensional) listRuns(row, width, symbols);
    else listModes(row, reference, width, symbols);
    if (eolAlign) sink.fill(-(sink.bits + EOL_BITS) & 7);
    const begin = sink.bits;
    putEol(oneDimensional);
    sink.reserveRow(width);
    sink.putAll(symbols);
    sink.fill(Math.max(0, begin + minScanLineBits - sink.bits));
    [reference, row] = [row, reference];
  };
  const take = () => (bitOrder === 'msb-first' ? sink.take() : reverseBits(sink.take()));
  return {
    rows(pixels, offset = 0, count = 1) {
      const view = new DataView(pixels.buffer, pixels.byteOffset, pixels.byteLength);
      for (let y = 0; y < count; y++) putRow(view, offset + y * stride);
    },
    take,
    finish() {
      for (let i = 0; rtc && i < RTC_EOLS; i++) putEol(true);
      sink.alignToByte();
      return take();
    },
  };
}
