import type { FaxId } from '../fax/ids.ts';

/**
 * What the processes that share the records tell each other besides the events. A notice carries no more than an id: it
 * says where to look, the records say what is so. One may be lost, so whoever listens also looks by itself.
 */
export type Notice =
  /** Users, accounts or their rights have changed: see `AccountRecords.accessChanges`. */
  | { readonly about: 'access' }
  /** Somebody wishes that the live call of this fax ends. */
  | { readonly about: 'cancel'; readonly fax: FaxId }
  /** The image of this fax is being wiped: nobody may go on with its key. */
  | { readonly about: 'wiped'; readonly fax: FaxId };

export interface Notices {
  /** Tells every other process, and this one; never throws. */
  tell(notice: Notice): void;
  /**
   * Hands every notice to `heard` from now on, and calls `again` when the way to the others is open after it was not:
   * something may have been missed. Answers a function that ends it.
   */
  hear(heard: (notice: Notice) => void, again: () => void): () => void;
}
