import type { Clock } from '../../gateway/ports/clock.ts';
import type { Log, Metrics } from '../../gateway/ports/log.ts';
import type { Records } from '../../gateway/records/index.ts';
import type { Config } from '../config.ts';
import type { Database } from '../postgres/database.ts';
import { gatewayKeys } from './origin.ts';
import { backupPlan } from './plan.ts';
import { type BackupSchedule, createBackupSchedule } from './schedule.ts';
import { writeBackup } from './write.ts';

/** What a running gateway backs up, and with what. */
export interface ScheduledParts {
  readonly config: Config;
  readonly database: Pick<Database, 'pool'>;
  readonly records: Pick<Records, 'accounts' | 'exclusion'>;
  /** 32 octets; the caller keeps them until the schedule has stopped. */
  readonly rootKey: Uint8Array;
  /** That of the root of the moment. */
  readonly pin: () => string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * The backups of this process; undefined when no target is set, or when others of the cluster see to them. A wrong
 * target is told at the start, not a quarter of an hour later.
 *
 * @throws BackupError target_invalid, ConfigError
 */
export function scheduledBackups(parts: ScheduledParts): BackupSchedule | undefined {
  const { config, database, records, rootKey, pin, clock, log, metrics } = parts;
  if (config.backupTo === undefined || config.role === 'api') return undefined;
  const plan = backupPlan(config, config.backupTo);
  return createBackupSchedule({
    settings: records.accounts,
    exclusion: records.exclusion,
    every: config.backupMinutes * 60_000,
    write: async () => {
      const { files } = await gatewayKeys(config, database.pool, log);
      return writeBackup({ pool: database.pool, rootKey, pin: pin(), keys: files, ...plan });
    },
    ...{ clock, log, metrics },
  });
}
