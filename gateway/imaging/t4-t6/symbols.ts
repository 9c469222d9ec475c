/**
 * A row's changing elements turned into packed code words (`word << 4 | length`), by the coding procedures of T.4 and
 * T.6. The words are put into a list, so that one loop in bit-sink.ts packs bits for every mode.
 */
import type { Changes } from './changes.ts';
import { LONGEST_MAKE_UP } from './codes.ts';
import { BLACK_WORDS, HORIZONTAL_PACKED, PASS_PACKED, VERTICAL_PACKED, WHITE_WORDS } from './lookup.ts';

/** Packed words of one row; `count` of them are valid. */
export interface Symbols {
  readonly words: Int32Array;
  count: number;
}

/**
 * Room for the longest row of `width` pixels: horizontal mode takes three words for two pixels, and a long run one
 * word for each 2560 pixels more.
 */
export function emptySymbols(width: number): Symbols {
  return { words: new Int32Array(2 * width + Math.ceil(width / LONGEST_MAKE_UP) + 16), count: 0 };
}

/** Appends one run of `length` pixels (T.4 §4.1.1) and returns the new count. */
function pushRun(words: Int32Array, count: number, table: Int32Array, length: number): number {
  let n = count;
  let rest = length;
  while (rest >= LONGEST_MAKE_UP + 64) {
    words[n++] = table[63 + LONGEST_MAKE_UP / 64] ?? 0;
    rest -= LONGEST_MAKE_UP;
  }
  if (rest >= 64) {
    words[n++] = table[63 + (rest >> 6)] ?? 0;
    rest &= 63;
  }
  words[n++] = table[rest] ?? 0;
  return n;
}

/** Lists the one-dimensional coding of a row: white and black runs in turn, white first (T.4 §4.1). */
export function listRuns(row: Changes, width: number, out: Symbols): void {
  const at = row.at;
  const words = out.words;
  const count = row.count;
  let n = 0;
  let a0 = 0;
  for (let i = 0; i <= count && a0 < width; i++) {
    const a1 = at[i] ?? width;
    n = pushRun(words, n, (i & 1) === 0 ? WHITE_WORDS : BLACK_WORDS, a1 - a0);
    a0 = a1;
  }
  out.count = n;
}

/**
 * Lists the two-dimensional coding of a row against the reference row above it (T.4 §4.2.1.3, T.6 §2.2.4).
 * `i` is the index of a1; b1 must turn to the same colour, so that `j` always has the parity of `i`.
 */
export function listModes(row: Changes, reference: Changes, width: number, out: Symbols): void {
  const cur = row.at;
  const ref = reference.at;
  const words = out.words;
  let n = 0;
  let i = 0;
  let j = 0;
  let a0 = 0;
  while (a0 < width) {
    const a1 = cur[i] ?? width;
    const b1 = ref[j] ?? width;
    const shift = a1 - b1 + 3;
    if (shift >= 0 && shift <= 6 && (ref[j + 1] ?? width) >= a1) {
      words[n++] = VERTICAL_PACKED[shift] ?? 0;
      a0 = a1;
      i++;
      j = j > 0 ? j - 1 : 1;
    } else if ((ref[j + 1] ?? width) < a1) {
      words[n++] = PASS_PACKED;
      a0 = ref[j + 1] ?? width;
      j += 2;
      continue;
    } else {
      const a2 = cur[i + 1] ?? width;
      words[n++] = HORIZONTAL_PACKED;
      const white = (i & 1) === 0;
      n = pushRun(words, n, white ? WHITE_WORDS : BLACK_WORDS, a1 - a0);
      n = pushRun(words, n, white ? BLACK_WORDS : WHITE_WORDS, a2 - a1);
      a0 = a2;
      i += 2;
    }
    while ((ref[j] ?? width) <= a0 && a0 < width) j += 2;
  }
  out.count = n;
}
