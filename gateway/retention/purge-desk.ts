import type { Purges } from '../gateway.ts';
import type { Clock } from '../ports/clock.ts';
import { PURGE_PATIENCE, type PurgeRecords } from '../ports/purge-records.ts';

/** What copies at carriers are seen and asked for through. */
export interface PurgeDeskParts {
  readonly records: Pick<PurgeRecords, 'purges' | 'purgesOf' | 'purge' | 'retryPurge'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Wakes the erasure of this process; others find the order with their next look. */
  readonly soon: () => void;
}

/** Copies at carriers, for administrators and receipts. */
export function createPurgeDesk({ records, clock, soon }: PurgeDeskParts): Purges {
  return {
    list: (query) => records.purges(query),
    of: (fax) => records.purgesOf(fax),
    async retry(call, actor) {
      const now = clock.now();
      if ((await records.retryPurge(call, now + PURGE_PATIENCE, actor, now)) === 'queued') soon();
      return records.purge(call);
    },
  };
}
