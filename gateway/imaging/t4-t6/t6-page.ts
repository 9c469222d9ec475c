import type { Bitmap } from '../raster/bitmap.ts';
import { behind, kernels, roomFor } from '../raster/kernels.ts';
import { BLACK_WORDS, EOL_PACKED, HORIZONTAL_PACKED, PASS_PACKED, VERTICAL_PACKED, WHITE_WORDS } from './lookup.ts';
import { emptySymbols } from './symbols.ts';

/** The code words in the order in which the kernel looks them up. */
const WORDS = Int32Array.of(
  ...WHITE_WORDS,
  ...BLACK_WORDS,
  ...VERTICAL_PACKED,
  PASS_PACKED,
  HORIZONTAL_PACKED,
  EOL_PACKED,
);

/** Octets behind the rows that may be read, and behind the coded ones that may be written. */
const MARGIN = 16;

/**
 * Codes a whole bitmap as {@link encodeT6} does, octet for octet, in half its time and from the first page on: for
 * pages that are coded by the hundred. Nothing of the page is left in the memory of the kernels.
 */
export function codePage({ width, rows, stride, data }: Bitmap): Uint8Array {
  const lists = behind(0, WORDS.byteLength);
  const bits = behind(lists, 2 * (width + 8) * Int32Array.BYTES_PER_ELEMENT + emptySymbols(width).words.byteLength);
  const out = behind(bits, rows * stride + MARGIN);
  // Seven bits a pixel at the most (VR3), and EOFB.
  const end = behind(out, rows * width + MARGIN);
  const { codeT6 } = kernels();
  const memory = roomFor(kernels(), end);
  new Int32Array(memory, 0, WORDS.length).set(WORDS);
  new Uint8Array(memory, bits, rows * stride).set(data.subarray(0, rows * stride));
  const length = codeT6(bits, width, rows, 0, lists, out);
  const coded = new Uint8Array(memory, out, length).slice();
  new Uint8Array(memory, 0, out + length + MARGIN).fill(0);
  return coded;
}
