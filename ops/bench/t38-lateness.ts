import type { Clock } from '../../gateway/ports/clock.ts';

/** What was seen of a time: milliseconds. */
export interface Lateness {
  readonly datagrams: number;
  readonly late: { readonly p50: number; readonly p99: number; readonly p999: number; readonly most: number };
}

/** Bins of 1 ms; the last one holds all that is later. */
const BINS = 2_000;

/**
 * The host's clock, which knows how late each datagram leaves. A carrier has one timer, set to the earliest deadline of all its
 * calls; what leaves before the timer is set anew is late by at most the time since that deadline. So these are upper bounds.
 */
export class LatenessClock implements Clock {
  readonly #bins = new Uint32Array(BINS);
  #due = Number.POSITIVE_INFINITY;
  #most = 0;
  #count = 0;

  now(): number {
    return Date.now();
  }

  monotonic(): number {
    return performance.now();
  }

  after(ms: number, run: () => void): () => void {
    this.#due = performance.now() + ms;
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  }

  /** A datagram leaves. */
  note(): void {
    const late = Math.max(0, performance.now() - this.#due);
    const bin = Math.min(BINS - 1, Math.floor(late));
    this.#bins[bin] = (this.#bins[bin] ?? 0) + 1;
    this.#count++;
    if (late > this.#most) this.#most = late;
  }

  /** Begins to count anew. */
  forget(): void {
    this.#bins.fill(0);
    this.#most = 0;
    this.#count = 0;
  }

  lateness(): Lateness {
    const late = { p50: this.#at(0.5), p99: this.#at(0.99), p999: this.#at(0.999), most: this.#most };
    return { datagrams: this.#count, late };
  }

  /** The upper end of the bin that holds the quantile. */
  #at(share: number): number {
    let left = share * this.#count;
    const bin = this.#bins.findIndex((count) => {
      left -= count;
      return left <= 0;
    });
    return bin + 1;
  }
}
