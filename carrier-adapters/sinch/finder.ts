import { FaxIds, type Told } from '../http/index.ts';
import { readLabels, type SinchApi, type SinchFax } from './wire.ts';

/** Pages of a listing that are read at the most: 50,000 faxes of the last seven days. */
const PAGES = 100;

/** A fax of ours with what we sent along. */
export interface FoundFax {
  readonly fax: SinchFax;
  readonly pages: number;
}

/** Finds our faxes at the carrier by their reference, also those that a former process sent. */
export class FaxFinder {
  readonly #api: SinchApi;
  readonly #ids = new FaxIds();

  constructor(api: SinchApi) {
    this.#api = api;
  }

  /** The fax of `reference` has this id. */
  note(reference: string, id: string): void {
    this.#ids.note(reference, id);
  }

  /** `absent`: the carrier's list was read to its end, and it is not in it. @param id the carrier's, where it is known */
  async find(reference: string, id = this.#ids.get(reference)): Promise<Told<FoundFax>> {
    return id === undefined ? this.#search(reference) : this.#ask(id);
  }

  async #ask(id: string): Promise<Told<FoundFax>> {
    const told = await this.#api.fax(id);
    if (told.is !== 'value') return told;
    return { is: 'value', value: { fax: told.value, pages: readLabels(told.value)?.pages ?? 0 } };
  }

  async #search(reference: string): Promise<Told<FoundFax>> {
    for (let page = 1; page <= PAGES; page++) {
      const told = await this.#api.list('OUTBOUND', page);
      if (told.is !== 'value') return told;
      for (const fax of told.value.faxes) {
        const labels = readLabels(fax);
        if (labels?.reference !== reference) continue;
        this.note(reference, fax.id);
        return { is: 'value', value: { fax, pages: labels.pages } };
      }
      if (told.value.last) return { is: 'absent' };
    }
    return { is: 'unknown', sent: false, detail: 'the list of faxes is too long' };
  }
}
