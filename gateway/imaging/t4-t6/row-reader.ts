/**
 * Code words back to changing elements: one row from a bit position. Never throws and never loops: each turn takes at
 * least one bit, and behind the end stand zero bits, which begin no code word.
 */
import { type Changes, closeRow } from './changes.ts';
import { BLACK_DECODE, MODE_BITS, MODE_DECODE, MODE_PASS, RUN_BITS, WHITE_DECODE } from './lookup.ts';

/** Zero bytes behind the coded bytes, so that a look ahead never leaves the buffer. */
export const LOOK_AHEAD = 8;

/** What `readRow…` says of a row: whole, or not decodable from some bit on. */
export type RowOutcome = 'whole' | 'damaged';

/** A copy of `bytes` with the zeros that {@link RowReader} looks ahead into. */
export function withLookAhead(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(bytes.length + LOOK_AHEAD);
  padded.set(bytes);
  return padded;
}

/** Reads rows of `width` pixels at bit position `at` of a buffer padded by {@link LOOK_AHEAD} zeros. */
export class RowReader {
  /** Bit position of the next code word. */
  at = 0;
  private view: DataView;
  private readonly width: number;

  constructor(padded: Uint8Array, width: number) {
    this.view = new DataView(padded.buffer, padded.byteOffset, padded.byteLength);
    this.width = width;
  }

  /** Goes on in another padded buffer. */
  attach(padded: Uint8Array): void {
    this.view = new DataView(padded.buffer, padded.byteOffset, padded.byteLength);
  }

  /** The next `count` (1 to 24) bits without taking them. */
  peek(count: number): number {
    return (this.view.getInt32(this.at >> 3) << (this.at & 7)) >>> (32 - count);
  }

  /** Takes one run of a colour, make-up words included; -1 when a word does not exist or the run leaves the row. */
  private readRun(table: Uint16Array, room: number): number {
    const view = this.view;
    let at = this.at;
    let run = 0;
    for (;;) {
      const entry = table[(view.getInt32(at >> 3) << (at & 7)) >>> (32 - RUN_BITS)] ?? 0;
      const length = entry >> 4;
      if (entry === 0 || run + length > room) {
        this.at = at;
        return -1;
      }
      run += length;
      at += entry & 15;
      if (length < 64) {
        this.at = at;
        return run;
      }
    }
  }

  /** Reads a one-dimensional row (T.4 §4.1). A damaged row leaves `row` unspecified. */
  readRuns(row: Changes): RowOutcome {
    const changes = row.at;
    const width = this.width;
    let a0 = 0;
    let n = 0;
    let table = WHITE_DECODE;
    while (a0 < width) {
      const run = this.readRun(table, width - a0);
      if (run < 0) return 'damaged';
      a0 += run;
      // A run of no pixels joins its neighbours: the two changes at one column are none.
      if (n > 0 && changes[n - 1] === a0) n--;
      else changes[n++] = a0;
      table = table === WHITE_DECODE ? BLACK_DECODE : WHITE_DECODE;
    }
    closeRow(row, n > 0 && changes[n - 1] === width ? n - 1 : n, width);
    return 'whole';
  }

  /** Reads a two-dimensional row against the row above (T.4 §4.2, T.6 §2.2). A damaged row leaves `row` unspecified. */
  readModes(row: Changes, reference: Changes): RowOutcome {
    const view = this.view;
    const width = this.width;
    const cur = row.at;
    const ref = reference.at;
    let at = this.at;
    let a0 = 0;
    let n = 0;
    let j = 0;
    while (a0 < width) {
      const entry = MODE_DECODE[(view.getInt32(at >> 3) << (at & 7)) >>> (32 - MODE_BITS)] ?? 0;
      at += entry & 15;
      const mode = entry >> 4;
      if (entry === 0) {
        this.at = at;
        return 'damaged';
      }
      if (mode < MODE_PASS) {
        const a1 = (ref[j] ?? 0) + mode - 3;
        if (a1 < a0 || a1 > width) {
          this.at = at;
          return 'damaged';
        }
        a0 = a1;
        if (n > 0 && cur[n - 1] === a1) n--;
        else cur[n++] = a1;
        j = j > 0 ? j - 1 : 1;
      } else if (mode === MODE_PASS) {
        a0 = ref[j + 1] ?? 0;
        j += 2;
        continue;
      } else {
        this.at = at;
        const white = (n & 1) === 0;
        const first = this.readRun(white ? WHITE_DECODE : BLACK_DECODE, width - a0);
        if (first < 0) return 'damaged';
        a0 += first;
        if (n > 0 && cur[n - 1] === a0) n--;
        else cur[n++] = a0;
        const second = this.readRun(white ? BLACK_DECODE : WHITE_DECODE, width - a0);
        if (second < 0) return 'damaged';
        a0 += second;
        if (n > 0 && cur[n - 1] === a0) n--;
        else cur[n++] = a0;
        at = this.at;
      }
      while ((ref[j] ?? 0) <= a0 && a0 < width) j += 2;
    }
    this.at = at;
    closeRow(row, n > 0 && cur[n - 1] === width ? n - 1 : n, width);
    return 'whole';
  }
}
