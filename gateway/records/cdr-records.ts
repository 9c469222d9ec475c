import type { CdrRecords } from '../ports/cdr-records.ts';
import { prepareMonths } from './cdr-months.ts';
import { retireCdrs } from './cdr-retention.ts';
import { summary } from './cdr-summary.ts';
import type { Database } from './database.ts';

/** The store of CDRs on PostgreSQL: a table a month, and sums. */
export function createCdrRecords(database: Database): CdrRecords {
  return {
    summary: (query) => summary(database, query),
    prepareMonths: (now) => prepareMonths(database, now),
    retire: (now, days, limit) => retireCdrs(database, now, days, limit),
  };
}
