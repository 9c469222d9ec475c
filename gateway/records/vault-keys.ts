import type { FaxId } from '../fax/ids.ts';
import type { VaultRecords, WrappedKey } from '../ports/vault-records.ts';
import { type Database, prepared, type Sql } from './database.ts';
import { RecordsError, violated } from './errors.ts';
import { gather } from './gather.ts';

/** Columns of a key as `WrappedKey` names them. */
export const KEY_COLUMNS = 'fax, account, dek, epoch, wrapped, state, expires_at as "expiresAt"';

/** Keys read by one statement. */
const MOST_READ = 64;

const READ_KEYS = prepared('read_keys', `select ${KEY_COLUMNS} from vault_keys where fax = any($1)`);

async function readKeys(sql: Sql, faxes: readonly FaxId[]): Promise<(WrappedKey | undefined)[]> {
  const rows = await sql.rows<WrappedKey>(READ_KEYS, [faxes]);
  return faxes.map((fax) => rows.find((row) => row.fax === fax));
}

type Keys = Pick<
  VaultRecords,
  | 'insertKey'
  | 'key'
  | 'deleteKey'
  | 'keysOfEpoch'
  | 'rewrap'
  | 'keyCountOfEpoch'
  | 'expiredUploads'
  | 'renewUploads'
  | 'keysOutside'
  | 'hasRows'
>;

export function createVaultKeys(database: Database): Keys {
  const insert = gather((calls: readonly KeyCall[]) => insertKeys(database, calls), MOST_INSERTED);
  return {
    insertKey: (key, object) => insert({ key, object }),
    key: gather((faxes: readonly FaxId[]) => readKeys(database, faxes), MOST_READ),
    deleteKey: async (fax) => (await database.change('delete from vault_keys where fax = $1', [fax])) > 0,
    keysOfEpoch: (number, limit) =>
      database.rows<WrappedKey>(`select ${KEY_COLUMNS} from vault_keys where epoch = $1 order by fax limit $2`, [
        number,
        limit,
      ]),
    rewrap: (...args) => rewrap(database, ...args),
    keyCountOfEpoch: async (number) => {
      const row = await database.row<{ count: number }>('select count(*) as count from vault_keys where epoch = $1', [
        number,
      ]);
      return row?.count ?? 0;
    },
    expiredUploads: (now, limit) =>
      faxesOf(
        database,
        `select fax from vault_keys where state = 'uploading' and expires_at <= $1 order by expires_at limit $2`,
        [now, limit],
      ),
    renewUploads: async (faxes, expiresAt) => {
      await database.change(
        `update vault_keys set expires_at = greatest(expires_at, $2) where fax = any($1) and state = 'uploading'`,
        [faxes, expiresAt],
      );
    },
    keysOutside: (epochs, limit) =>
      faxesOf(database, `select fax from vault_keys where epoch <> all($1::bigint[]) order by fax limit $2`, [
        epochs,
        limit,
      ]),
    hasRows: async (faxes) =>
      new Set(
        await faxesOf(
          database,
          'select fax from vault_keys where fax = any($1) union select fax from vault_objects where fax = any($1)',
          [faxes],
        ),
      ),
  };
}

interface KeyCall {
  readonly key: WrappedKey;
  /** Its first object, about to be written. */
  readonly object: string | undefined;
}

/** Keys inserted by one statement. */
const MOST_INSERTED = 64;

/** The epochs' rows are held FOR SHARE: closing one waits for us, or we see that it has closed and write nothing. */
const INSERT_KEYS = prepared(
  'insert_keys',
  `with calls as (
     select * from jsonb_to_recordset($1::jsonb) as c(fax text, account text, dek text, epoch bigint, wrapped text,
       state text, "expiresAt" bigint, object text)
   ), epoch as (
     select number from epochs where number in (select epoch from calls) and state = 'open' order by number for share
   ), keys as (
     insert into vault_keys (fax, account, dek, epoch, wrapped, state, expires_at)
     select c.fax, c.account, c.dek, e.number, decode(c.wrapped, 'base64'), c.state, c."expiresAt"
     from calls c join epoch e on e.number = c.epoch
     returning fax
   ), objects as (
     insert into vault_objects (fax, object, bytes, sha256, stored)
     select c.fax, c.object, 0, '', false from calls c join keys k using (fax) where c.object is not null
   )
   select fax from keys`,
);

async function insertKeys(sql: Sql, calls: readonly KeyCall[]): Promise<boolean[]> {
  const rows = calls.map(({ key, object }) => {
    return { ...key, wrapped: Buffer.from(key.wrapped).toString('base64'), object: object ?? null };
  });
  const written = await sql.rows<{ fax: FaxId }>(INSERT_KEYS, [JSON.stringify(rows)]).catch((error: unknown) => {
    if (violated(error) === 'vault_keys_pkey') throw new RecordsError('key_exists', 'this fax has a key already');
    throw error;
  });
  const faxes = new Set(written.map(({ fax }) => fax));
  return calls.map(({ key }) => faxes.has(key.fax));
}

/** Within one epoch the mark of a dropped wrap may always be written; into another epoch only while that is open. */
async function rewrap(
  sql: Sql,
  ...[fax, from, to, wrapped, was]: Parameters<VaultRecords['rewrap']>
): Promise<boolean> {
  const written = await sql.change(
    `update vault_keys k set epoch = e.number, wrapped = $4
     from (select number from epochs where number = $3 and (state = 'open' or $3::bigint = $2::bigint) for share) e
     where k.fax = $1 and k.epoch = $2 and k.wrapped = $5`,
    [fax, from, to, wrapped, was],
  );
  return written === 1;
}

async function faxesOf(sql: Sql, text: string, values: readonly unknown[]): Promise<FaxId[]> {
  return (await sql.rows<{ fax: FaxId }>(text, values)).map((row) => row.fax);
}
