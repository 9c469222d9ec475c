/**
 * Cuts a T.4 bit stream at its EOLs. An EOL is eleven or more zeros and a one, at any bit, and stands in no row's code
 * words; a receiver that lost its place therefore finds the next row by it alone (T.4 §4.1.2).
 */
import { LOOK_AHEAD } from './row-reader.ts';

/** Zeros before the one of an EOL. */
const EOL_ZEROS = 11;
/** Fill beyond this many zeros is dropped instead of kept. */
const KEPT_ZEROS = 32;

/** One line: the bits between two EOLs. Positions are bits of `bytes`. */
export interface CodedLine {
  /** The line's bytes and {@link LOOK_AHEAD} zeros; reused for the next line. */
  readonly bytes: Uint8Array;
  /** The first bit behind the EOL before, or of the stream. */
  readonly begin: number;
  /** Where the zeros begin that lead to the closing EOL (or to the end of the stream): fill, if the row ends later. */
  readonly zeros: number;
  /** The first bit of the closing EOL's last eleven zeros: no code word reaches further. */
  readonly end: number;
  /** Whether the line was longer than any row can be, so that its bits were dropped. */
  readonly overlong: boolean;
}

/** Zeros before the first and behind the last one of a byte. */
const LEADING = Uint8Array.from({ length: 256 }, (_, byte) => Math.clz32(byte) - 24);
const TRAILING = Uint8Array.from({ length: 256 }, (_, byte) => (byte === 0 ? 8 : 31 - Math.clz32(byte & -byte)));

/** The splitter; memory is one line of the longest possible coding. */
export class EolSplitter {
  private readonly bytes: Uint8Array;
  private readonly room: number;
  private length = 0;
  private begin = 0;
  private zeros = 0;
  private overlong = false;
  private readonly onLine: (line: CodedLine) => boolean;

  /** `onLine` is called for each line that an EOL closes; it returns false to stop. */
  constructor(width: number, onLine: (line: CodedLine) => boolean) {
    // Seven bits a pixel, the tag and the zeros that are kept.
    this.room = width + 64;
    this.bytes = new Uint8Array(this.room + LOOK_AHEAD);
    this.onLine = onLine;
  }

  /** Takes bytes, most significant bit first, and returns how many were used: all unless `onLine` stopped. */
  push(input: Uint8Array): number {
    for (let i = 0; i < input.length; i++) {
      const byte = input[i] ?? 0;
      if (byte === 0) {
        this.pushZeros();
        continue;
      }
      const lead = LEADING[byte] ?? 0;
      const at = 8 * this.length;
      this.append(byte);
      const eol = this.zeros + lead >= EOL_ZEROS;
      const zerosBegin = at - this.zeros;
      this.zeros = TRAILING[byte] ?? 0;
      if (!eol) continue;
      const go = this.onLine(this.line(zerosBegin, at + lead - EOL_ZEROS));
      this.restart(byte, lead + 1);
      if (!go) return i + 1;
    }
    return input.length;
  }

  /** The bits behind the last EOL, of a stream that ends without one; null when there are only zeros. */
  rest(): CodedLine | null {
    const end = 8 * this.length;
    if (end - this.zeros <= this.begin) return null;
    return this.line(end - this.zeros, end);
  }

  /** Zeroes what is left of the stream, which is over. */
  wipe(): void {
    this.bytes.fill(0);
    this.length = 0;
  }

  private line(zeros: number, end: number): CodedLine {
    this.bytes.fill(0, this.length, this.length + LOOK_AHEAD);
    return { bytes: this.bytes, begin: this.begin, zeros, end, overlong: this.overlong };
  }

  private pushZeros(): void {
    if (this.zeros >= KEPT_ZEROS) return;
    this.append(0);
    this.zeros += 8;
  }

  private append(byte: number): void {
    if (this.length === this.room) {
      this.overlong = true;
      this.length = 0;
      this.zeros = 0;
    }
    this.bytes[this.length++] = byte;
  }

  /** Begins the next line with the bits of `byte` behind the EOL's one. */
  private restart(byte: number, usedBits: number): void {
    this.overlong = false;
    this.length = 0;
    this.begin = 0;
    if (usedBits === 8) return;
    this.bytes[0] = byte;
    this.length = 1;
    this.begin = usedBits;
  }
}
