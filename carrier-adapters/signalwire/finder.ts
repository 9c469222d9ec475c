import type { Clock } from '../../gateway/ports/clock.ts';
import { FaxIds, type Told } from '../http/index.ts';
import { type Cursor, isLinkOf, type SignalwireApi, type SignalwireFax } from './wire.ts';

/** How far back a fax is looked for, ms: longer than any call, and than a gateway that was down over a weekend. */
const BACK = 7 * 86_400_000;
/** Parts of a listing that are read at the most: 10,000 faxes. */
const PARTS = 100;

/**
 * Finds our faxes at the carrier. Its API has no field for a reference: it stands in the link that the fax was ordered with,
 * which the carrier shows, and in the path of the callback, which names the carrier's id.
 */
export class FaxFinder {
  readonly #api: SignalwireApi;
  readonly #clock: Clock;
  readonly #ids = new FaxIds();

  constructor(api: SignalwireApi, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
  }

  /** The fax of `reference` has this id. */
  note(reference: string, id: string): void {
    this.#ids.note(reference, id);
  }

  /** `absent`: the fax that had this id is gone, or the carrier's list was read to its end and shows none with this link. */
  async find(reference: string, carrierId?: string): Promise<Told<SignalwireFax>> {
    const id = carrierId ?? this.#ids.get(reference);
    return id === undefined ? this.#search(reference) : this.#api.at(reference).fax(id);
  }

  async #search(reference: string): Promise<Told<SignalwireFax>> {
    const after = new Date(this.#clock.now() - BACK).toISOString();
    const api = this.#api.at(reference);
    let cursor: Cursor;
    for (let part = 1; part <= PARTS; part++) {
      const told = await api.list(after, cursor);
      if (told.is !== 'value') return told;
      const fax = told.value.items.find(({ media_url }) => isLinkOf(media_url, reference));
      if (fax !== undefined) {
        this.note(reference, fax.sid);
        return { is: 'value', value: fax };
      }
      cursor = told.value.next;
      if (cursor === undefined) return { is: 'absent' };
    }
    return { is: 'unknown', sent: false, detail: 'the list of faxes is too long' };
  }
}
