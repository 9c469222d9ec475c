import type pg from 'pg';
import { randomId } from '../../crypto/index.ts';
import type { Log } from '../../gateway/ports/log.ts';
import type { RestoreHold } from '../../gateway/ports/restore-records.ts';
import { openDatabase } from '../../gateway/records/database.ts';
import { createLedger } from '../../gateway/records/ledger.ts';
import { AHEAD, settleRestored } from '../../gateway/records/restore.ts';
import { HOLD } from '../../gateway/records/restore-hold.ts';
import { BackupError } from './errors.ts';
import { moveSequences } from './load.ts';

/** Times in ms since 1970. */
export interface CopyTimes {
  /** The last moment that the copy knows for certain. */
  readonly takenAt: number;
  /** The last moment at which the lost gateway may have dialled. */
  readonly lostAt: number;
  readonly now: number;
}

/**
 * Settles a database that came back by other means than a restore (a point in time, a snapshot, a standby that was
 * behind): what was under way ends as after a restore, and the hold stands until an operator confirms it. The schema is
 * this release's and no gateway is at work on it.
 *
 * @throws BackupError running when a hold stands already
 */
export function settleCopy(pool: pg.Pool, { takenAt, lostAt, now }: CopyTimes, log: Log): Promise<RestoreHold> {
  return openDatabase(pool, log).transaction(async (tx) => {
    if ((await tx.row('select 1 from settings where name = $1', [HOLD])) !== undefined) {
      throw new BackupError('running', 'this database is settled already and waits for “sealfax restore confirm”');
    }
    await moveSequences(tx, AHEAD);
    const ledger = createLedger({ appended: () => undefined }, () => undefined);
    return settleRestored(tx, ledger, { id: randomId('copy'), takenAt, lostAt }, now);
  });
}
