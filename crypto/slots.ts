import { SealError } from './errors.ts';

interface Waiter {
  readonly preferred: boolean;
  readonly start: () => void;
}

/** How much of one kind of work runs and waits. */
export interface SlotLimits {
  /** How many run at once. */
  readonly concurrent: number;
  /** How many may wait; more are refused with `busy`. */
  readonly waiting: number;
}

/**
 * A bounded queue before expensive work (key agreement, Argon2id). Half of the waiting places, and every second turn,
 * belong to preferred callers, so that a flood of strangers does not keep the known ones out.
 */
export class Slots {
  readonly #limits: SlotLimits;
  readonly #waiting: Waiter[] = [];
  #running = 0;
  #lastPreferred = false;

  constructor(limits: SlotLimits) {
    this.#limits = limits;
  }

  /** Runs `work` when a slot is free. Throws `busy` at once when too many wait already. */
  async run<T>(work: () => Promise<T>, preferred = false): Promise<T> {
    await this.#enter(preferred);
    try {
      return await work();
    } finally {
      this.#running--;
      this.#startNext();
    }
  }

  async #enter(preferred: boolean): Promise<void> {
    if (this.#running < this.#limits.concurrent) {
      this.#running++;
      return;
    }
    this.#expectRoom(preferred);
    await new Promise<void>((start) => this.#waiting.push({ preferred, start }));
  }

  #expectRoom(preferred: boolean): void {
    const strangers = this.#waiting.filter((waiter) => !waiter.preferred).length;
    const full = this.#waiting.length >= this.#limits.waiting;
    const strangersFull = strangers >= Math.ceil(this.#limits.waiting / 2);
    if (full || (!preferred && strangersFull)) throw new SealError('busy');
  }

  #startNext(): void {
    const wanted = !this.#lastPreferred;
    const found = this.#waiting.findIndex((waiter) => waiter.preferred === wanted);
    const [next] = this.#waiting.splice(Math.max(0, found), 1);
    if (next === undefined) return;
    this.#lastPreferred = next.preferred;
    this.#running++;
    next.start();
  }
}
