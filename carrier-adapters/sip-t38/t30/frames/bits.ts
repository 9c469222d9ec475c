/** Bits 17 to 24: the first octet that ends with an extension bit. */
const FIRST_EXTENDED = 2;
const EXTENSION = 0x01;
/** Table 2 ends with bit 128. */
const MAX_OCTETS = 16;

const octetOf = (bit: number) => (bit - 1) >> 3;
const maskOf = (bit: number) => 0x80 >> ((bit - 1) & 7);

/**
 * The numbered bits of DIS, DTC and DCS (T.30 table 2): bit 1 is the first one sent. From bit 24 on, the last bit of each
 * octet says whether another one follows.
 */
export class Bits {
  readonly #octets: number[];

  /** Bits as they were heard; those that were cut off are 0. */
  constructor(fif: Uint8Array = new Uint8Array()) {
    this.#octets = [...fif.subarray(0, MAX_OCTETS)];
    const end = this.#octets.findIndex((octet, i) => i >= FIRST_EXTENDED && (octet & EXTENSION) === 0);
    if (end >= 0) this.#octets.length = end + 1;
  }

  has(bit: number): boolean {
    return ((this.#octets[octetOf(bit)] ?? 0) & maskOf(bit)) !== 0;
  }

  /** Sets a bit, and the extension bits that make room for it. */
  set(bit: number): this {
    while (this.#octets.length <= octetOf(bit)) this.#octets.push(0);
    this.#octets[octetOf(bit)] = (this.#octets[octetOf(bit)] ?? 0) | maskOf(bit);
    return this;
  }

  /** Bits from `first` on, in the document's notation: `0011`. */
  read(first: number, count: number): string {
    return Array.from({ length: count }, (_, i) => (this.has(first + i) ? '1' : '0')).join('');
  }

  /** Sets the bits from `first` on that are 1 in `notation`. */
  write(first: number, notation: string): this {
    for (let i = 0; i < notation.length; i++) if (notation[i] === '1') this.set(first + i);
    return this;
  }

  /** The FIF: at least three octets, each but the last one extended from the third on. */
  fif(): Uint8Array {
    while (this.#octets.length <= FIRST_EXTENDED) this.#octets.push(0);
    const last = this.#octets.length - 1;
    return Uint8Array.from(this.#octets, (octet, i) => (i >= FIRST_EXTENDED && i < last ? octet | EXTENSION : octet));
  }
}
