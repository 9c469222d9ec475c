import type { Clock } from '../../gateway/ports/clock.ts';
import { FaxIds, type Told } from '../http/index.ts';
import { readClientState, type TelnyxApi, type TelnyxFax } from './wire.ts';

/** How far back a fax is looked for, ms: longer than any call, its retries and a gateway that was down over a weekend. */
const BACK = 7 * 86_400_000;
/** Pages of a listing that are read at the most: 10,000 faxes. */
const PAGES = 100;

/** A fax of ours with what we sent along. */
export interface FoundFax {
  readonly id: string;
  readonly pages: number;
  readonly fax: TelnyxFax;
}

/** Finds our faxes at the carrier by their reference, also those that a former process sent. */
export class FaxFinder {
  readonly #api: TelnyxApi;
  readonly #clock: Clock;
  readonly #ids = new FaxIds();

  constructor(api: TelnyxApi, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
  }

  /** The fax of `reference` has this id. */
  note(reference: string, id: string): void {
    this.#ids.note(reference, id);
  }

  /** `absent`: the carrier's list was read to its end, and it is not in it; or the carrier knows its own id no more. */
  async find(reference: string, carrierId?: string): Promise<Told<FoundFax>> {
    const id = carrierId ?? this.#ids.get(reference);
    const api = this.#api.at(reference);
    return id === undefined ? this.#search(api, reference) : this.#ask(api, id);
  }

  async #ask(api: TelnyxApi, id: string): Promise<Told<FoundFax>> {
    const told = await api.fax(id);
    if (told.is !== 'value') return told;
    return { is: 'value', value: { id, pages: readClientState(told.value.client_state)?.pages ?? 0, fax: told.value } };
  }

  async #search(api: TelnyxApi, reference: string): Promise<Told<FoundFax>> {
    const since = new Date(this.#clock.now() - BACK).toISOString();
    for (let page = 1; page <= PAGES; page++) {
      const told = await api.list('outbound', since, page);
      if (told.is !== 'value') return told;
      for (const fax of told.value.faxes) {
        const state = readClientState(fax.client_state);
        if (state?.reference !== reference) continue;
        this.note(reference, fax.id);
        return { is: 'value', value: { id: fax.id, pages: state.pages, fax } };
      }
      if (told.value.last) return { is: 'absent' };
    }
    return { is: 'unknown', sent: false, detail: 'the list of faxes is too long' };
  }
}
