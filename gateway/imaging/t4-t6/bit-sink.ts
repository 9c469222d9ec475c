/**
 * Where coded bits are collected into bytes, most significant bit first. Grows by doubling; `take` empties it, so
 * that a streaming coder holds no more than the rows since the last take.
 */
import type { Symbols } from './symbols.ts';

/** The most bytes that one row of `width` pixels and its framing can take: seven bits a pixel (VR3) and an EOL. */
function rowBytes(width: number): number {
  return width + 64;
}

/** A growing bit string. */
export class BitSink {
  private bytes: Uint8Array;
  private length = 0;
  /** The last `pending` (0 to 15) bits that have not become bytes; higher bits are leavings. */
  private acc = 0;
  private pending = 0;

  constructor(initialBytes: number) {
    this.bytes = new Uint8Array(initialBytes);
  }

  /** Bits put since the last {@link take}, counting those that `take` left behind. */
  get bits(): number {
    return 8 * this.length + this.pending;
  }

  /** Makes room for one more row. */
  reserveRow(width: number): void {
    this.reserve(rowBytes(width));
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.bytes.length, this.length + more));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes.fill(0);
    this.bytes = grown;
  }

  /** Appends a row's code words; the caller has reserved the row. */
  putAll(symbols: Symbols): void {
    const { words, count } = symbols;
    const bytes = this.bytes;
    let { acc, pending, length } = this;
    for (let i = 0; i < count; i++) {
      const packed = words[i] ?? 0;
      const size = packed & 15;
      acc = (acc << size) | (packed >> 4);
      pending += size;
      if (pending >= 16) {
        pending -= 16;
        bytes[length] = acc >>> (pending + 8);
        bytes[length + 1] = acc >>> pending;
        length += 2;
      }
    }
    this.acc = acc;
    this.pending = pending;
    this.length = length;
  }

  /** Appends one packed word (`word << 4 | length`). */
  put(packed: number): void {
    this.reserve(4);
    const size = packed & 15;
    this.acc = (this.acc << size) | (packed >> 4);
    this.pending += size;
    while (this.pending >= 8) {
      this.pending -= 8;
      this.bytes[this.length++] = this.acc >>> this.pending;
    }
  }

  /** Appends `count` zero bits: T.4's fill. */
  fill(count: number): void {
    let rest = count;
    for (; rest > 15; rest -= 15) this.put(15);
    if (rest > 0) this.put(rest);
  }

  /** Fills with zeros to the next byte. */
  alignToByte(): void {
    this.fill(-this.bits & 7);
  }

  /** Hands out the whole bytes so far (a copy; its own are zeroed) and keeps the bits of the byte begun. */
  take(): Uint8Array {
    while (this.pending >= 8) {
      this.pending -= 8;
      this.bytes[this.length++] = this.acc >>> this.pending;
    }
    // Outside of V8's heap also when it is short: what the collector copies there cannot be wiped.
    const out = new Uint8Array(new ArrayBuffer(this.length));
    out.set(this.bytes.subarray(0, this.length));
    this.bytes.fill(0, 0, this.length);
    this.length = 0;
    return out;
  }
}
