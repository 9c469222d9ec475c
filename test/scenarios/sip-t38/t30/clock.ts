/** Things to be done at times of a virtual clock, earliest first, those of the same time in their order. */
export class Agenda {
  now = 0;
  readonly #entries: { readonly at: number; readonly act: () => void }[] = [];

  /** Does `act` at `at`; the entry can be taken back with what this returns. */
  at(at: number, act: () => void): () => void {
    const entry = { at, act };
    const index = this.#entries.findIndex((other) => other.at > at);
    if (index < 0) this.#entries.push(entry);
    else this.#entries.splice(index, 0, entry);
    return () => {
      const found = this.#entries.indexOf(entry);
      if (found >= 0) this.#entries.splice(found, 1);
    };
  }

  /** The time of the next entry. */
  get next(): number | null {
    return this.#entries[0]?.at ?? null;
  }

  /** Does the next entry if it is due by `until`; false if there is none. */
  step(until: number): boolean {
    const [entry] = this.#entries;
    if (entry === undefined || entry.at > until) return false;
    this.#entries.shift();
    this.now = Math.max(this.now, entry.at);
    entry.act();
    return true;
  }
}
