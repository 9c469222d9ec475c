// Timers of RFC 3261 §17 (table 4), RFC 6026 §7 and RFC 4320, in milliseconds. They are values of the protocol, not
// settings: both sides must agree on them, so they have no tolerance but the scheduling of whoever calls `handle`.

/** Estimate of the round-trip time (§17.1.1.1). */
export const T1 = 500;
/** Largest interval of repetitions, but for the INVITE of a client (§17.1.2.1). */
export const T2 = 4_000;
/** Longest that a message stays in the network (§17.1.2.1). */
export const T4 = 5_000;
/** Timers B, F, H, J, L and M: how long a transaction is kept alive without what it waits for. */
export const TRANSACTION_TIMEOUT = 64 * T1;
/** Timer D over UDP (§17.1.1.2): how long an ACK is repeated; at least 32 s. */
export const TIMER_D = 32_000;
/** When an INVITE without any answer so far is answered 100 (§17.2.1). */
export const TRYING_DELAY = 200;

/** The timers of one transaction: few, so that looking at all is the fastest. */
export class TimerSet<Name extends string> {
  readonly #at = new Map<Name, number>();

  set(name: Name, at: number): void {
    this.#at.set(name, at);
  }

  clear(...names: readonly Name[]): void {
    for (const name of names) this.#at.delete(name);
  }

  clearAll(): void {
    this.#at.clear();
  }

  /** When the first is due; null when none runs. */
  get next(): number | null {
    let next: number | null = null;
    for (const at of this.#at.values()) if (next === null || at < next) next = at;
    return next;
  }

  /** The timer that was due first, taken off; undefined when none is. Each fires once, however late it is. */
  take(now: number): Name | undefined {
    let first: Name | undefined;
    let due = now;
    for (const [name, at] of this.#at) {
      if (at > due || (first !== undefined && at === due)) continue;
      first = name;
      due = at;
    }
    if (first !== undefined) this.#at.delete(first);
    return first;
  }
}
