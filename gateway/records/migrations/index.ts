import type { Database, Sql, Transaction } from '../database.ts';
import { RecordsError, sqlState } from '../errors.ts';
import { FIRST_SCHEMA } from './0001-first-schema.ts';
import { TOTP } from './0002-totp.ts';
import { COVERS } from './0003-covers.ts';
import { LIMITS } from './0004-limits.ts';
import { CLUSTER } from './0005-cluster.ts';
import { CDR_MONTHS } from './0007-cdr-months.ts';
import { LADDER } from './0008-ladder.ts';
import { RENDER_LINE } from './0009-render-line.ts';
import { ROUTES } from './0010-routes.ts';
import { COSTS } from './0011-costs.ts';
import { CARRIER_HEALTH } from './0012-carrier-health.ts';
import { CARRIER_COPIES } from './0013-carrier-copies.ts';
import { DESTINATION_GUARD } from './0014-destination-guard.ts';
import { MEDIA_LINKS } from './0015-media-links.ts';
import { SUBADDRESSES } from './0016-subaddresses.ts';
import { AUDIT_CHAIN } from './0017-audit-chain.ts';
import { ROLES } from './0018-roles.ts';
import { REPORTS } from './0019-reports.ts';
import { LOGIN_TRIES } from './0020-login-tries.ts';
import { PASSKEYS } from './0021-passkeys.ts';
import { MAIL } from './0022-mail.ts';
import { IDENTITIES } from './0023-identities.ts';
import { CDR_FILTERS } from './0024-cdr-filters.ts';
import { WALL } from './0025-wall.ts';
import { SECOND_STEPS } from './0026-second-steps.ts';
import { GIVEN_UP } from './0027-given-up.ts';
import { CLOSING } from './0028-closing.ts';
import { OLD_SECRETS } from './0029-old-secrets.ts';
import { USER_SCOPES } from './0030-scopes.ts';
import { CDR_ROLLS } from './0031-cdr-rolls.ts';
import { FAX_LISTS } from './0032-fax-lists.ts';
import { OWN_LISTS } from './0033-own-lists.ts';
import { FAILED_SUMS } from './0034-failed-sums.ts';
import { LASTING_TRIES } from './0035-lasting-tries.ts';

/** Append-only: a released migration is never changed, later ones are added below it. Version = place, from 1. */
const MIGRATIONS: readonly { readonly name: string; readonly sql: string }[] = [
  { name: 'first-schema', sql: FIRST_SCHEMA },
  { name: 'totp', sql: TOTP },
  { name: 'covers', sql: COVERS },
  { name: 'limits', sql: LIMITS },
  { name: 'cluster', sql: CLUSTER },
  { name: 'cdr-months', sql: CDR_MONTHS },
  { name: 'ladder', sql: LADDER },
  { name: 'render-line', sql: RENDER_LINE },
  { name: 'routes', sql: ROUTES },
  { name: 'costs', sql: COSTS },
  { name: 'carrier-health', sql: CARRIER_HEALTH },
  { name: 'carrier-copies', sql: CARRIER_COPIES },
  { name: 'destination-guard', sql: DESTINATION_GUARD },
  { name: 'media-links', sql: MEDIA_LINKS },
  { name: 'subaddresses', sql: SUBADDRESSES },
  { name: 'audit-chain', sql: AUDIT_CHAIN },
  { name: 'roles', sql: ROLES },
  { name: 'reports', sql: REPORTS },
  { name: 'login-tries', sql: LOGIN_TRIES },
  { name: 'passkeys', sql: PASSKEYS },
  { name: 'mail', sql: MAIL },
  { name: 'identities', sql: IDENTITIES },
  { name: 'cdr-filters', sql: CDR_FILTERS },
  { name: 'wall', sql: WALL },
  { name: 'second-steps', sql: SECOND_STEPS },
  { name: 'given-up', sql: GIVEN_UP },
  { name: 'closing', sql: CLOSING },
  { name: 'old-secrets', sql: OLD_SECRETS },
  { name: 'scopes', sql: USER_SCOPES },
  { name: 'cdr-rolls', sql: CDR_ROLLS },
  { name: 'fax-lists', sql: FAX_LISTS },
  { name: 'own-lists', sql: OWN_LISTS },
  { name: 'failed-sums', sql: FAILED_SUMS },
  { name: 'lasting-tries', sql: LASTING_TRIES },
];

/** The schema that this code was written for. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Key of the advisory lock that lets one process at a time migrate; the letters SFXM. */
const LOCK = 0x5346584d;

/** The oldest PostgreSQL that all of our SQL runs on, as the server itself counts. */
const OLDEST_SERVER = 140_000;

/** What stands in the database, beside what this release needs. */
export interface SchemaState {
  /** Highest version applied; 0 in an empty database. */
  readonly version: number;
  readonly needed: number;
  /** Names of the migrations that are still to come, in order. */
  readonly pending: readonly string[];
}

/**
 * Brings the schema up to date; in one transaction, so that a crash leaves the old schema or the new one. Of several
 * processes that start at once one does it, and the others find it done. Answers what was there before.
 *
 * @throws RecordsError server_too_old, schema_newer when a later release has been here, schema_foreign
 */
export async function migrate(database: Database): Promise<SchemaState> {
  return database.transaction((tx) => migrateWithin(tx, SCHEMA_VERSION));
}

/**
 * `migrate` as a part of a larger transaction, and no further than to version `to`: a restore brings an empty database
 * to the schema of its backup, fills it, and goes on from there.
 *
 * @throws RecordsError as `migrate`
 */
export async function migrateWithin(tx: Transaction, to: number): Promise<SchemaState> {
  await refuseOldServer(tx);
  await tx.change('select pg_advisory_xact_lock($1)', [LOCK]);
  await tx.change(
    'create table if not exists schema_versions (version integer primary key, name text not null, applied_at timestamptz not null default now())',
  );
  const before = stateOf(await applied(tx));
  for (const [index, migration] of MIGRATIONS.slice(0, to).entries()) {
    if (index < before.version) continue;
    await tx.change(migration.sql);
    await tx.change('insert into schema_versions (version, name) values ($1, $2)', [index + 1, migration.name]);
  }
  return before;
}

/** What `migrate` would do. @throws RecordsError unavailable, server_too_old, schema_newer, schema_foreign */
export async function schemaState(database: Database): Promise<SchemaState> {
  await refuseOldServer(database);
  const rows = await applied(database).catch((error: unknown) => {
    // 42P01: there is no such table.
    if (sqlState(error) === '42P01') return [];
    throw error;
  });
  return stateOf(rows);
}

/** Checks that the database answers and has this release's schema. @throws RecordsError as `schemaState`, schema_missing */
export async function checkSchema(database: Database): Promise<void> {
  const { version, needed } = await schemaState(database);
  if (version < needed) {
    throw new RecordsError(
      'schema_missing',
      `the database has schema ${version}, this release needs ${needed}; run: sealfax migrate`,
    );
  }
}

interface Applied {
  readonly version: number;
  readonly name: string;
}

function applied(sql: Sql): Promise<Applied[]> {
  return sql.rows<Applied>('select version, name from schema_versions order by version');
}

function stateOf(rows: readonly Applied[]): SchemaState {
  const version = rows.at(-1)?.version ?? 0;
  if (version > SCHEMA_VERSION) {
    throw new RecordsError(
      'schema_newer',
      `the database has schema ${version}, made by a later release; this one knows ${SCHEMA_VERSION}. Start the later release, or restore a backup from before it`,
    );
  }
  for (const [index, { version: place, name }] of rows.entries()) {
    const ours = MIGRATIONS[index]?.name;
    if (place === index + 1 && name === ours) continue;
    throw new RecordsError(
      'schema_foreign',
      `version ${index + 1} of the database's schema is ${JSON.stringify(name)}, this release's is ${JSON.stringify(ours)}: it was not made by a release of Sealfax`,
    );
  }
  return { version, needed: SCHEMA_VERSION, pending: MIGRATIONS.slice(version).map(({ name }) => name) };
}

async function refuseOldServer(sql: Sql): Promise<void> {
  const found = await sql.row<{ number: string; text: string }>(
    `select current_setting('server_version_num') as number, current_setting('server_version') as text`,
  );
  if (Number(found?.number) >= OLDEST_SERVER) return;
  throw new RecordsError(
    'server_too_old',
    `the database server is PostgreSQL ${found?.text}; Sealfax needs ${OLDEST_SERVER / 10_000} or newer`,
  );
}
