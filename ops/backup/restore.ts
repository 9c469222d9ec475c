import type pg from 'pg';
import type { Log } from '../../gateway/ports/log.ts';
import type { RestoreHold } from '../../gateway/ports/restore-records.ts';
import { openDatabase, type Transaction } from '../../gateway/records/database.ts';
import { createLedger } from '../../gateway/records/ledger.ts';
import { migrateWithin, SCHEMA_VERSION } from '../../gateway/records/migrations/index.ts';
import { AHEAD, settleRestored } from '../../gateway/records/restore.ts';
import type { OpeningKeys } from './container.ts';
import { BackupError } from './errors.ts';
import type { BackupHeader } from './header.ts';
import type { SealedKey } from './lines.ts';
import { loadRows, moveSequences } from './load.ts';
import { quoted } from './tables.ts';
import { linesOf, withBackup } from './verify.ts';

/** What a restore needs. */
export interface RestoreParts {
  /** Of an empty database. */
  readonly pool: pg.Pool;
  /** Local file. */
  readonly file: string;
  readonly keys: OpeningKeys;
  /** The last moment at which the lost gateway may have dialled, ms since 1970. */
  readonly lostAt: number;
  /** Stores the key files of the backup, durably, before anything is committed. @throws BackupError keys_differ */
  readonly storeKeys: (keys: readonly SealedKey[], tx: Transaction) => Promise<void>;
  readonly now: number;
  readonly log: Log;
}

/** What stands in the database now. */
export interface Restored {
  readonly header: BackupHeader;
  readonly hold: RestoreHold;
  /** Rows by table. */
  readonly tables: Readonly<Record<string, number>>;
}

/**
 * Fills an empty database from a backup, brings it to this release's schema and settles what was under way: all in one
 * transaction, so that a database is restored and held, or empty.
 *
 * @throws BackupError
 */
export function restoreBackup(parts: RestoreParts): Promise<Restored> {
  return withBackup(parts.file, async (backup) => {
    const { header } = backup;
    if (header.schema > SCHEMA_VERSION) {
      throw new BackupError(
        'schema_newer',
        `the backup has schema ${header.schema}, made by a later release; this one knows ${SCHEMA_VERSION}`,
      );
    }
    const database = openDatabase(parts.pool, parts.log);
    return database.transaction(async (tx) => {
      await prepare(tx, header.schema);
      const sealedKeys: SealedKey[] = [];
      const tables = await loadRows(tx, linesOf(backup, parts.keys), (key) => void sealedKeys.push(key));
      await moveSequences(tx, AHEAD);
      await migrateWithin(tx, SCHEMA_VERSION);
      const ledger = createLedger({ appended: () => undefined }, () => undefined);
      const taken = { id: header.id, takenAt: Date.parse(header.created), lostAt: parts.lostAt };
      const hold = await settleRestored(tx, ledger, taken, parts.now);
      await parts.storeKeys(sealedKeys, tx);
      return { header, hold, tables };
    });
  });
}

/** The tables of the backup's schema, all of them empty. Holds the lock of the migrations: a gateway that starts waits. */
async function prepare(tx: Transaction, schema: number): Promise<void> {
  const before = await migrateWithin(tx, schema);
  if (before.version > schema) {
    throw new BackupError(
      'schema_differs',
      `the database has schema ${before.version} and the backup ${schema}: give a database without tables`,
    );
  }
  if (before.version > 0) await refuseRows(tx);
}

/**
 * What migrations themselves put in does not count: those tables hold neither accounts, users nor faxes.
 *
 * @throws BackupError database_not_empty
 */
export async function refuseRows(tx: Transaction): Promise<void> {
  for (const table of ['settings', 'accounts', 'users', 'faxes', 'cdrs', 'events']) {
    // Nobody adds a row between this look and the commit.
    await tx.change(`lock table ${quoted(table)} in exclusive mode`);
    if ((await tx.row(`select 1 from ${quoted(table)} limit 1`)) === undefined) continue;
    throw new BackupError('database_not_empty', `the database is in use (${table} has rows): give an empty one`);
  }
}
