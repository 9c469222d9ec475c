import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { RestoreHold, RestoreRecords } from '../ports/restore-records.ts';

/** This process's view of the hold after a restore. */
export interface HoldWatch {
  /** The hold as of the last look; null when there is none. */
  readonly hold: RestoreHold | null;
  /** Reads the records; called at a start and with every poll, so that a confirmation is known everywhere in seconds. */
  look(): Promise<void>;
}

/** Watches `records`. Before the first look nothing is held: it comes before anything else at a start. */
export function createHoldWatch(parts: {
  readonly records: Pick<RestoreRecords, 'hold'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}): HoldWatch {
  const { records, clock, log } = parts;
  let hold: RestoreHold | null = null;
  return {
    get hold() {
      return hold;
    },
    async look() {
      const found = await records.hold();
      if (found !== null && hold === null) {
        const hours = (clock.now() - found.takenAt) / 3_600_000;
        log.warn(
          { backup: found.backup, backupAgeHours: Number(hours.toFixed(1)), alert: 'restore_unconfirmed' },
          'the records were restored: nothing is dialled, answered or accepted before an operator runs `sealfax restore confirm`',
        );
      }
      if (found === null && hold !== null) log.info({ backup: hold.backup }, 'the restore is confirmed');
      hold = found;
    },
  };
}
