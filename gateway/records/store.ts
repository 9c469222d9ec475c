import type { Database } from './database.ts';
import type { Ledger } from './ledger.ts';

/** What a state change needs: statements, and the ledger that it reports to. */
export interface Store {
  readonly database: Database;
  readonly ledger: Ledger;
}
