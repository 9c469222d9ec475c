// Bits of aligned PER (ITU-T X.691), as far as IFP packets need it.

/** Reads bits from front to back; after the first that is not there, `broken` is set and all reads give zero. */
export class BitReader {
  readonly #octets: Uint8Array;
  /** Place of the next bit. */
  #at = 0;
  broken = false;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) {
      const octet = this.#octets[this.#at >> 3];
      if (octet === undefined) return this.#break();
      value = (value << 1) | ((octet >> (7 - (this.#at & 7))) & 1);
      this.#at++;
    }
    return value;
  }

  /** An enumeration with an extension marker: index of the root, or `root` + index of the extension (X.691 §14, §11.6). */
  extensible(rootBits: number, root: number): number {
    if (this.bits(1) === 0) return this.bits(rootBits);
    // A normally small number above 63 would stand for extensions that nobody has written yet.
    return this.bits(1) === 0 ? root + this.bits(6) : this.#break();
  }

  /** Number of elements of a SEQUENCE OF, up to 16,383 (X.691 §11.9.3). */
  count(): number {
    this.#align();
    const first = this.bits(8);
    if (first < 0x80) return first;
    const count = ((first & 0x7f) << 8) | this.bits(8);
    return count < 0x4000 ? count : this.#break();
  }

  /** OCTET STRING (SIZE (1..65535)): two octets of its length less one, then the octets; a view. */
  octets(): Uint8Array {
    this.#align();
    const length = this.bits(16) + 1;
    const start = this.#at >> 3;
    const end = start + length;
    if (end > this.#octets.length) this.#break();
    if (this.broken) return NOTHING;
    this.#at = end << 3;
    return this.#octets.subarray(start, end);
  }

  #align(): void {
    this.#at = (this.#at + 7) & ~7;
  }

  #break(): 0 {
    this.broken = true;
    return 0;
  }
}

const NOTHING = new Uint8Array(0);

/** Writes bits into octets that are zero and long enough. */
export class BitWriter {
  readonly #octets: Uint8Array;
  #at = 0;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  bits(value: number, count: number): void {
    for (let i = count - 1; i >= 0; i--) {
      const place = this.#at >> 3;
      this.#octets[place] = (this.#octets[place] ?? 0) | (((value >> i) & 1) << (7 - (this.#at & 7)));
      this.#at++;
    }
  }

  extensible(index: number, rootBits: number, root: number): void {
    const extension = index >= root;
    this.bits(extension ? 1 : 0, 1);
    this.bits(extension ? index - root : index, extension ? 7 : rootBits);
  }

  count(count: number): void {
    this.#align();
    if (count < 0x80) this.bits(count, 8);
    else this.bits(0x8000 | count, 16);
  }

  octets(octets: Uint8Array): void {
    this.#align();
    this.bits(octets.length - 1, 16);
    this.#octets.set(octets, this.#at >> 3);
    this.#at += octets.length << 3;
  }

  /** Octets written, the last one filled with zeros. */
  get length(): number {
    return (this.#at + 7) >> 3;
  }

  #align(): void {
    this.#at = (this.#at + 7) & ~7;
  }
}
