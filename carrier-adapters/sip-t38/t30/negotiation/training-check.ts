/**
 * TCF as it is heard (T.30 §5.3.6.1.4): ones and the end of the training may stand before its zeros, and what the carrier
 * leaves behind after them, so that the longest run of zeros is what counts.
 */
export class TrainingCheck {
  #run = 0;
  #longest = 0;
  #octets = 0;

  /** Bits in order of transmission; `gap`: some before these were lost, so that a run of zeros does not go on. */
  add(octets: Uint8Array, gap = false): void {
    if (gap) this.#run = 0;
    this.#octets += octets.length;
    for (const octet of octets) {
      if (octet === 0) this.#run += 8;
      else this.#addMixed(octet);
      if (this.#run > this.#longest) this.#longest = this.#run;
    }
  }

  /** Whether anything has come. */
  get heard(): boolean {
    return this.#octets > 0;
  }

  /** Bits of the longest run of zeros. */
  get zeros(): number {
    return this.#longest;
  }

  #addMixed(octet: number): void {
    const leading = Math.clz32(octet) - 24;
    this.#longest = Math.max(this.#longest, this.#run + leading);
    this.#run = 31 - Math.clz32(octet & -octet);
  }
}
