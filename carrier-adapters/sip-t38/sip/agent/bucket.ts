/** A rate: so many at once, and so many each second from then on. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** Token buckets by key, at most `limit` of them: the one unused longest is forgotten first (and is full again). */
export class Buckets {
  readonly #rate: Rate;
  readonly #limit: number;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(rate: Rate, limit: number) {
    this.#rate = rate;
    this.#limit = limit;
  }

  /** Takes one token of `key`; false: there is none. */
  take(key: string, now: number): boolean {
    const bucket = this.#buckets.get(key) ?? { tokens: this.#rate.burst, at: now };
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > this.#limit) this.#forgetOldest();
    const filled = bucket.tokens + ((now - bucket.at) * this.#rate.perSecond) / 1_000;
    bucket.at = now;
    bucket.tokens = Math.min(this.#rate.burst, filled);
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }

  #forgetOldest(): void {
    for (const oldest of this.#buckets.keys()) {
      this.#buckets.delete(oldest);
      return;
    }
  }
}
