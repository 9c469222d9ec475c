// Length determinants of PER (ITU-T X.691 §11.9.3), octet-aligned: one octet up to 127, two up to 16,383. Longer parts
// would come in fragments; a UDPTL packet has none, because no datagram of ours or theirs is that long.

const SHORT = 0x80;
const LONG = 0x4000;

/** Octets that the determinant of `length` takes. */
export function lengthSize(length: number): number {
  return length < SHORT ? 1 : 2;
}

/** Writes the determinant at `at` and gives the place behind it. `length` is below 16,384. */
export function writeLength(bytes: Uint8Array, at: number, length: number): number {
  if (length < SHORT) {
    bytes[at] = length;
    return at + 1;
  }
  bytes[at] = SHORT | (length >> 8);
  bytes[at + 1] = length & 0xff;
  return at + 2;
}

/** Reads a datagram from front to back; after the first thing that is not there, `broken` is set and all reads give nothing. */
export class LengthReader {
  readonly #bytes: Uint8Array;
  #at: number;
  broken = false;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  octet(): number {
    const octet = this.#bytes[this.#at];
    if (octet === undefined) return this.#break();
    this.#at++;
    return octet;
  }

  /** A length determinant; one that announces fragments breaks the reading. */
  length(): number {
    const first = this.octet();
    if (first < SHORT) return first;
    const length = ((first & 0x7f) << 8) | this.octet();
    return length < LONG && !this.broken ? length : this.#break();
  }

  /** An open type or octet string with its length in front; a view of the datagram. */
  part(): Uint8Array {
    const length = this.length();
    const end = this.#at + length;
    if (end > this.#bytes.length) this.#break();
    if (this.broken) return NOTHING;
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }

  #break(): 0 {
    this.broken = true;
    return 0;
  }
}

const NOTHING = new Uint8Array(0);
