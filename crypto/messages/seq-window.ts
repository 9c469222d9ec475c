/** How far behind the highest number a late one may be (SPEC.md §7). */
export const WINDOW_SIZE = 1_024;

/**
 * Which sequence numbers of a session have been used: a sliding window of 1,024 below and including the highest one
 * (RFC 4303 §3.4.3 has the same shape). Numbers below the window count as used. Pure; one event loop makes `mark` atomic.
 */
export class SeqWindow {
  readonly #used = new Uint8Array(WINDOW_SIZE);
  #highest = -1;

  /** True when the number was marked or lies below the window. */
  seen(number: number | bigint): boolean {
    const seq = Number(number);
    if (seq > this.#highest) return false;
    return seq <= this.#highest - WINDOW_SIZE || this.#used[seq % WINDOW_SIZE] === 1;
  }

  /** Marks a number; false when it was seen before, and the message must then be refused. */
  mark(number: number | bigint): boolean {
    const seq = Number(number);
    if (this.seen(seq)) return false;
    if (seq > this.#highest) this.#advance(seq);
    this.#used[seq % WINDOW_SIZE] = 1;
    return true;
  }

  #advance(seq: number): void {
    const from = Math.max(this.#highest + 1, seq - WINDOW_SIZE + 1);
    for (let passed = from; passed <= seq; passed++) this.#used[passed % WINDOW_SIZE] = 0;
    this.#highest = seq;
  }
}
