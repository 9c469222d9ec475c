/** Ids that are remembered; whatever is forgotten is looked for at the carrier. */
const REMEMBERED = 10_000;

/** The carrier's ids of our faxes, by our references; the oldest are forgotten first. */
export class FaxIds {
  readonly #ids = new Map<string, string>();

  /** The carrier's id of the fax of `reference`, if it is known. */
  get(reference: string): string | undefined {
    return this.#ids.get(reference);
  }

  /** The fax of `reference` has this id. */
  note(reference: string, id: string): void {
    this.#ids.set(reference, id);
    for (const oldest of this.#ids.keys()) {
      if (this.#ids.size <= REMEMBERED) break;
      this.#ids.delete(oldest);
    }
  }
}
