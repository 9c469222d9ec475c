import type { AccountId } from '../fax/ids.ts';
import { parseId } from '../fax/ids.ts';
import type { Database, Transaction } from './database.ts';
import { RecordsError, sqlState } from './errors.ts';

/**
 * The role that statements of one account run as. Roles belong to a whole server: gateways that share one share the
 * role, which owns nothing, cannot log in and may do nothing that each database does not grant it.
 */
export const ACCOUNT_ROLE = 'sealfax_account';

type Privilege = 'select' | 'insert' | 'update' | 'delete';

/**
 * What the role may do, and nothing else: what is not named here is refused whole, what is named shows the rows of the
 * account alone (row-level security, PostgreSQL §5.9), by the policies of the migrations.
 */
export const ACCOUNT_GRANTS: Readonly<Record<string, readonly Privilege[]>> = {
  account_covers: ['select', 'insert', 'delete'],
  account_places: ['select'],
  // A row is locked by whoever adds a cover, which PostgreSQL counts as changing it.
  accounts: ['select', 'update'],
  audit: ['select', 'insert'],
  budget_marks: ['select'],
  calls: ['select'],
  carrier_purges: ['select'],
  cdr_sums: ['select', 'insert', 'update'],
  cdrs: ['select', 'insert'],
  deliveries: ['select', 'insert', 'update'],
  endpoints: ['select', 'insert', 'update', 'delete'],
  events: ['select', 'insert'],
  faxes: ['select', 'insert', 'update'],
  idempotency_keys: ['select', 'update', 'delete'],
  ledgers: ['select', 'insert', 'update'],
  numbers: ['select'],
  own_cdrs: ['select'],
  own_faxes: ['select'],
  pages: ['select'],
  receipts: ['select'],
  saved_reports: ['select', 'insert', 'update', 'delete'],
  sending_counts: ['select', 'insert', 'update'],
  subaddresses: ['select'],
  users: ['select'],
  vault_keys: ['select', 'update'],
  wipe_intents: ['select', 'insert'],
};

/** Whether statements of one account are kept to it by the database, too. */
export type WallState = { readonly stands: true } | { readonly stands: false; readonly why: string };

/**
 * What follows `begin` in a transaction of one account, as simple statements in the same message. They hold until its
 * end: whoever borrows the connection next finds it as it was.
 *
 * @throws RecordsError usage: this is no id of an account
 */
export function scopeTo(account: AccountId): string {
  if (parseId('acc', account) === undefined) throw new RecordsError('usage', 'not an id of an account');
  return `set local role ${ACCOUNT_ROLE}; set local sealfax.account = '${account}'`;
}

/** Key of the advisory lock that lets one process at a time grant; the letters SFXW. */
const LOCK = 0x53465857;

/** Another database of the same server may make the role, or be granted it, at this very moment. */
const TRIES = 3;

/**
 * Makes the role and grants it what is missing, in a schema that is up to date. Where the database's user may not make
 * roles, whoever runs the server does that once; the gateway goes on without the wall until then.
 *
 * @throws RecordsError unavailable
 */
export async function raiseWall(database: Database): Promise<WallState> {
  for (let left = TRIES; ; left--) {
    try {
      await database.transaction(raise);
      return { stands: true };
    } catch (error) {
      const state = sqlState(error);
      // 42501: insufficient privilege.
      if (state === '42501') return { stands: false, why: await instruction(database) };
      // 23505, 42710: the role has come to be meanwhile; XX000: its row was changed at the same time.
      if (left <= 1 || !['23505', '42710', 'XX000'].includes(state ?? '')) throw error;
    }
  }
}

async function raise(tx: Transaction): Promise<void> {
  await tx.change('select pg_advisory_xact_lock($1)', [LOCK]);
  const found = await tx.row('select 1 from pg_roles where rolname = $1', [ACCOUNT_ROLE]);
  if (found === undefined) await tx.change(`create role ${ACCOUNT_ROLE} nologin`);
  const { settable, schema, user } = await standing(tx);
  if (!settable) await tx.change(`grant ${ACCOUNT_ROLE} to ${quoted(user)}`);
  const missing = await missingGrants(tx);
  if (!schema.granted) await tx.change(`grant usage on schema ${quoted(schema.name)} to ${ACCOUNT_ROLE}`);
  for (const { name, privileges } of missing) {
    await tx.change(`grant ${privileges.join(', ')} on ${quoted(name)} to ${ACCOUNT_ROLE}`);
  }
  // Refused here and not at the first request, should the grants be worth nothing.
  await tx.change(`set local role ${ACCOUNT_ROLE}`);
}

interface Standing {
  /** Whether the user who logged in may take the role: that one is asked (PostgreSQL, SET ROLE). */
  readonly settable: boolean;
  readonly schema: { readonly name: string; readonly granted: boolean };
  readonly user: string;
}

async function standing(tx: Transaction): Promise<Standing> {
  // Since PostgreSQL 16 whoever makes a role is a member of it, without being allowed to take it.
  const row = await tx.row<Standing>(
    `select pg_has_role(session_user, $1,
         case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end) as settable,
       jsonb_build_object('name', current_schema(),
         'granted', has_schema_privilege($1, current_schema(), 'usage')) as schema,
       session_user::text as "user"`,
    [ACCOUNT_ROLE],
  );
  if (row === undefined) throw new Error('a select without a row');
  return row;
}

function missingGrants(tx: Transaction): Promise<{ name: string; privileges: Privilege[] }[]> {
  const wanted = Object.entries(ACCOUNT_GRANTS).map(([name, privileges]) => ({ name, privileges }));
  return tx.rows(
    `select w.name, array_agg(p) as privileges
     from jsonb_to_recordset($2::jsonb) as w(name text, privileges text[]), unnest(w.privileges) as p
     where not has_table_privilege($1, quote_ident(w.name), p) group by w.name order by w.name`,
    [ACCOUNT_ROLE, JSON.stringify(wanted)],
  );
}

async function instruction(database: Database): Promise<string> {
  const row = await database.row<{ user: string }>('select session_user::text as "user"');
  const user = quoted(row?.user ?? '');
  return `as a superuser run: create role ${ACCOUNT_ROLE} nologin; grant ${ACCOUNT_ROLE} to ${user}; then start again`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
