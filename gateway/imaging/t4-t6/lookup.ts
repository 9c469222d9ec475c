/**
 * Lookup tables generated from the code words: packed words for the encoder, prefix tables for the decoder.
 */
import {
  BLACK_MAKE_UP,
  BLACK_TERMINATING,
  EOL,
  EXTENDED_MAKE_UP,
  LONGEST_MAKE_UP,
  MODE_WORDS,
  WHITE_MAKE_UP,
  WHITE_TERMINATING,
} from './codes.ts';

/** Code word and its length in one integer: `word << 4 | length`; no word is longer than 13 bits. */
export function packWord(word: string): number {
  return (Number.parseInt(word, 2) << 4) | word.length;
}

/** All runs that one colour can name with a single code word, as `[run, word]`. */
function runWords(terminating: readonly string[], makeUp: readonly string[]): [number, string][] {
  const long = [...makeUp, ...EXTENDED_MAKE_UP];
  return [
    ...terminating.map((word, run): [number, string] => [run, word]),
    ...long.map((word, index): [number, string] => [64 * (index + 1), word]),
  ];
}

const WHITE_RUNS = runWords(WHITE_TERMINATING, WHITE_MAKE_UP);
const BLACK_RUNS = runWords(BLACK_TERMINATING, BLACK_MAKE_UP);

/** Index of the encoder's word for a run: the run itself below 64, else `63 + run / 64`. */
function wordIndex(run: number): number {
  return run < 64 ? run : 63 + (run >> 6);
}

function encodeTable(runs: readonly [number, string][]): Int32Array {
  const table = new Int32Array(64 + LONGEST_MAKE_UP / 64);
  for (const [run, word] of runs) table[wordIndex(run)] = packWord(word);
  return table;
}

/** Packed words of white runs: entries 0 to 63 are terminating, `63 + n` is the make-up word of `64 n` pixels. */
export const WHITE_WORDS: Int32Array = encodeTable(WHITE_RUNS);
/** Packed words of black runs, laid out as {@link WHITE_WORDS}. */
export const BLACK_WORDS: Int32Array = encodeTable(BLACK_RUNS);

/** Bits that index the run tables: the longest run code word. */
export const RUN_BITS = 13;
/** Bits that index the mode table: the longest mode code word. */
export const MODE_BITS = 7;

/** Fills every slot whose leading bits are `word`. */
function fillPrefix(table: Uint16Array | Uint8Array, indexBits: number, word: string, value: number): void {
  const spare = indexBits - word.length;
  const first = Number.parseInt(word, 2) << spare;
  table.fill(value, first, first + (1 << spare));
}

function decodeTable(runs: readonly [number, string][]): Uint16Array {
  const table = new Uint16Array(1 << RUN_BITS);
  for (const [run, word] of runs) fillPrefix(table, RUN_BITS, word, (run << 4) | word.length);
  return table;
}

/** By the next 13 bits: `run << 4 | length` of a white code word, 0 where no word matches. */
export const WHITE_DECODE: Uint16Array = decodeTable(WHITE_RUNS);
/** By the next 13 bits: `run << 4 | length` of a black code word, 0 where no word matches. */
export const BLACK_DECODE: Uint16Array = decodeTable(BLACK_RUNS);

/** A mode as the decoder sees it: 0 … 6 are VL3 … VR3 (offset + 3), then pass and horizontal. */
export const MODE_PASS = 7;
/** See {@link MODE_PASS}. */
export const MODE_HORIZONTAL = 8;

/** The vertical modes from VL3 (a1 three left of b1) to VR3, index = offset + 3. */
const VERTICAL_WORDS = [
  MODE_WORDS.vl3,
  MODE_WORDS.vl2,
  MODE_WORDS.vl1,
  MODE_WORDS.v0,
  MODE_WORDS.vr1,
  MODE_WORDS.vr2,
  MODE_WORDS.vr3,
];

/** Packed words of the vertical modes, index = a1 − b1 + 3. */
export const VERTICAL_PACKED: Int32Array = Int32Array.from(VERTICAL_WORDS, packWord);
/** Packed word of pass mode. */
export const PASS_PACKED: number = packWord(MODE_WORDS.pass);
/** Packed word of horizontal mode. */
export const HORIZONTAL_PACKED: number = packWord(MODE_WORDS.horizontal);
/** Packed word of EOL. */
export const EOL_PACKED: number = packWord(EOL);

function modeTable(): Uint8Array {
  const table = new Uint8Array(1 << MODE_BITS);
  VERTICAL_WORDS.forEach((word, mode) => {
    fillPrefix(table, MODE_BITS, word, (mode << 4) | word.length);
  });
  fillPrefix(table, MODE_BITS, MODE_WORDS.pass, (MODE_PASS << 4) | MODE_WORDS.pass.length);
  fillPrefix(table, MODE_BITS, MODE_WORDS.horizontal, (MODE_HORIZONTAL << 4) | MODE_WORDS.horizontal.length);
  return table;
}

/** By the next 7 bits: `mode << 4 | length`, 0 where no mode matches (EOL, extensions, damage). */
export const MODE_DECODE: Uint8Array = modeTable();
