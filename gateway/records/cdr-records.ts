import type { CdrRecords } from '../ports/cdr-records.ts';
import { prepareMonths } from './cdr-months.ts';
import { retireCdrs } from './cdr-retention.ts';
import { summary } from './cdr-summary.ts';
import type { Database } from './database.ts';
import { createSavedReports } from './saved-reports.ts';
import { createTurnstile } from './turnstile.ts';

/** Reports that read CDRs one by one, at a time: they may take seconds of the database, which calls need too. */
const READING = 2;

/** A report that reads for longer is given up. */
const PATIENCE = '20s';

/**
 * The store of CDRs on PostgreSQL: a table a month, and sums.
 *
 * @param patience how long a report may read CDRs, as PostgreSQL writes it
 */
export function createCdrRecords(database: Database, patience = PATIENCE): CdrRecords {
  const reading = { inTurn: createTurnstile(READING), patience };
  return {
    summary: (query) => summary(database, reading, query),
    ...createSavedReports(database),
    prepareMonths: (now) => prepareMonths(database, now),
    retire: (now, days, limit) => retireCdrs(database, now, days, limit),
  };
}
