import type { Place } from '../fax/destination.ts';
import type { CdrFax } from './cdr-row.ts';
import type { Store } from './store.ts';

/** Where the far number of a fax is, as its CDR keeps it; null for a caller who gave no number. */
export function countryOf({ placeOf }: Pick<Store, 'placeOf'>, { direction, from, to }: CdrFax): Place | null {
  const far = direction === 'outbound' ? to : from;
  return placeOf === undefined || far === null ? null : placeOf(far);
}
