/** The T.6 (MMR, Group 4) encoder: every row two-dimensional, no EOLs, EOFB at the end (T.6 §2). */
import type { Bitmap } from '../raster/bitmap.ts';
import { BitSink } from './bit-sink.ts';
import { findChanges, whiteRow } from './changes.ts';
import { EOL_PACKED } from './lookup.ts';
import { emptySymbols, listModes } from './symbols.ts';

/** A coder that takes packed rows and gives coded bytes in chunks of the caller's choosing. */
export interface RowEncoder {
  /** Codes `count` rows (default 1) that stand in `pixels` from byte `offset`, `ceil(width / 8)` bytes each. */
  rows(pixels: Uint8Array, offset?: number, count?: number): void;
  /** The whole bytes coded since the last take. */
  take(): Uint8Array;
  /** Closes the image (EOFB, RTC) and gives the last bytes; the encoder must not be used afterwards. */
  finish(): Uint8Array;
}

/** First size of the output buffer: a typical text page. */
const INITIAL_BYTES = 32_768;

/** A T.6 encoder for rows of `width` pixels. @throws RangeError on a width outside 1 … 65,535. */
export function createT6Encoder(width: number): RowEncoder {
  const sink = new BitSink(INITIAL_BYTES);
  const symbols = emptySymbols(width);
  const stride = (width + 7) >> 3;
  let reference = whiteRow(width);
  let row = whiteRow(width);
  return {
    rows(pixels, offset = 0, count = 1) {
      const view = new DataView(pixels.buffer, pixels.byteOffset, pixels.byteLength);
      for (let y = 0; y < count; y++) {
        findChanges(view, offset + y * stride, width, row);
        listModes(row, reference, width, symbols);
        sink.reserveRow(width);
        sink.putAll(symbols);
        [reference, row] = [row, reference];
      }
    },
    take: () => sink.take(),
    finish() {
      sink.put(EOL_PACKED);
      sink.put(EOL_PACKED);
      sink.alignToByte();
      return sink.take();
    },
  };
}

/** Codes a whole bitmap as one T.6 image with EOFB, padded to a byte. */
export function encodeT6(bitmap: Bitmap): Uint8Array {
  const encoder = createT6Encoder(bitmap.width);
  encoder.rows(bitmap.data, 0, bitmap.rows);
  return encoder.finish();
}
