import type { Database } from '../database.ts';
import { RecordsError, sqlState } from '../errors.ts';
import { FIRST_SCHEMA } from './0001-first-schema.ts';
import { TOTP } from './0002-totp.ts';
import { COVERS } from './0003-covers.ts';

/** Append-only: a released migration is never changed, later ones are added below it. Version = place, from 1. */
const MIGRATIONS: readonly { readonly name: string; readonly sql: string }[] = [
  { name: 'first-schema', sql: FIRST_SCHEMA },
  { name: 'totp', sql: TOTP },
  { name: 'covers', sql: COVERS },
];

/** The schema that this code was written for. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Key of the advisory lock that lets one process at a time migrate; the letters SFXM. */
const LOCK = 0x5346584d;

/**
 * Brings the schema up to date; in one transaction, so that a crash leaves the old schema or the new one.
 *
 * @throws RecordsError schema_newer when a later release has been here
 */
export async function migrate(database: Database): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.change('select pg_advisory_xact_lock($1)', [LOCK]);
    await tx.change(
      'create table if not exists schema_versions (version integer primary key, name text not null, applied_at timestamptz not null default now())',
    );
    const found = await tx.row<{ version: number }>('select coalesce(max(version), 0) as version from schema_versions');
    const from = found?.version ?? 0;
    refuseNewer(from);
    for (const [index, migration] of MIGRATIONS.entries()) {
      if (index < from) continue;
      await tx.change(migration.sql);
      await tx.change('insert into schema_versions (version, name) values ($1, $2)', [index + 1, migration.name]);
    }
  });
}

/** Checks that the database answers and has this release's schema. @throws RecordsError unavailable, schema_newer, schema_missing */
export async function checkSchema(database: Database): Promise<void> {
  const found = await database
    .row<{ version: number | null }>('select max(version) as version from schema_versions')
    .catch((error: unknown) => {
      // 42P01: there is no such table.
      if (sqlState(error) === '42P01') return undefined;
      throw error;
    });
  const version = found?.version ?? 0;
  refuseNewer(version);
  if (version < SCHEMA_VERSION) {
    throw new RecordsError(
      'schema_missing',
      `the database has schema ${version}, this release needs ${SCHEMA_VERSION}`,
    );
  }
}

function refuseNewer(version: number): void {
  if (version <= SCHEMA_VERSION) return;
  throw new RecordsError(
    'schema_newer',
    `the database has schema ${version}, made by a later release; this one knows ${SCHEMA_VERSION}. Start the later release, or restore a backup from before it`,
  );
}
