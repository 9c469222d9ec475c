import type { CdrRecords } from '../ports/cdr-records.ts';
import { prepareMonths } from './cdr-months.ts';
import { retireCdrs } from './cdr-retention.ts';
import { rollUp } from './cdr-rolls.ts';
import { type Reading, summary } from './cdr-summary.ts';
import type { Database } from './database.ts';
import { createSavedReports } from './saved-reports.ts';
import { createTurnstile } from './turnstile.ts';

/** Reports that read CDRs one by one, at a time: they may take seconds of the database, which calls need too. */
const READING = 2;

/** A report that reads for longer is given up. */
const PATIENCE = '20s';

/** Reports of whoever has this wait for each other. */
export function readInTurn(patience = PATIENCE): Reading {
  return { inTurn: createTurnstile(READING), patience };
}

/**
 * The store of CDRs on PostgreSQL: a table a month, and sums.
 *
 * @param reading how reports read CDRs; two at a time for at most 20 s each when left out
 * @param whole whether `database` sees all accounts, and so what has been added up over all of them
 */
export function createCdrRecords(database: Database, reading: Reading = readInTurn(), whole = true): CdrRecords {
  return {
    summary: (query) => summary(database, reading, query, whole),
    ...createSavedReports(database),
    prepareMonths: (now) => prepareMonths(database, now),
    rollUp: (limit) => rollUp(database, limit),
    retire: (now, days, limit) => retireCdrs(database, now, days, limit),
  };
}
