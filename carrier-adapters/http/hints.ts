/** Ids that are waited for; what is forgotten is asked for at the next look. */
const REMEMBERED = 10_000;

/** Callbacks that speak of faxes which somebody is following. */
export class Hints {
  readonly #waiting = new Map<string, PromiseWithResolvers<void>>();

  /** Resolves with the next hint at `id`; one promise serves all that wait. */
  wait(id: string): Promise<void> {
    const known = this.#waiting.get(id);
    if (known !== undefined) return known.promise;
    const made = Promise.withResolvers<void>();
    this.#waiting.set(id, made);
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size <= REMEMBERED) break;
      this.#waiting.delete(oldest);
    }
    return made.promise;
  }

  give(id: string): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.resolve();
  }
}
