import type { Place } from '../fax/destination.ts';
import type { E164 } from '../fax/number.ts';
import type { Pricing } from '../ports/pricing.ts';
import type { Charges } from './charge.ts';
import type { Database } from './database.ts';
import type { Ledger } from './ledger.ts';

/** What a state change needs: statements, and the ledger that it reports to. */
export interface Store {
  readonly database: Database;
  readonly ledger: Ledger;
  /** Left out: no call has a price. */
  readonly pricing?: Pricing | undefined;
  /** Left out: no CDR knows a country. */
  readonly placeOf?: ((number: E164) => Place) | undefined;
  readonly charges?: Pick<Charges, 'tell'>;
}
