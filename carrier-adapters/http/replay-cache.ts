/** Ids that are remembered: hours of a busy account, and far more than fit into the window of any signature. */
const REMEMBERED = 10_000;

/** Events or faxes that were taken, by their ids; the oldest are forgotten first. */
export class ReplayCache {
  readonly #seen = new Set<string>();
  readonly #room: number;

  constructor(room = REMEMBERED) {
    this.#room = room;
  }

  /** How many are remembered. */
  get size(): number {
    return this.#seen.size;
  }

  has(id: string): boolean {
    return this.#seen.has(id);
  }

  /** True for the first time that `id` comes. */
  take(id: string): boolean {
    if (this.#seen.has(id)) return false;
    this.#seen.add(id);
    for (const oldest of this.#seen) {
      if (this.#seen.size <= this.#room) break;
      this.#seen.delete(oldest);
    }
    return true;
  }
}
