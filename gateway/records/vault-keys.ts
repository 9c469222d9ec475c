import type { FaxId } from '../fax/ids.ts';
import type { VaultRecords, WrappedKey } from '../ports/vault-records.ts';
import type { Database, Sql } from './database.ts';
import { RecordsError, violated } from './errors.ts';

const KEY_COLUMNS = 'fax, account, dek, epoch, wrapped, state, expires_at as "expiresAt"';

type Keys = Pick<
  VaultRecords,
  | 'insertKey'
  | 'key'
  | 'deleteKey'
  | 'keysOfEpoch'
  | 'rewrap'
  | 'keyCountOfEpoch'
  | 'expiredUploads'
  | 'keysOutside'
  | 'hasRows'
>;

export function createVaultKeys(database: Database): Keys {
  return {
    insertKey: (key) => insertKey(database, key),
    key: (fax) => database.row<WrappedKey>(`select ${KEY_COLUMNS} from vault_keys where fax = $1`, [fax]),
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

/** The epoch's row is held FOR SHARE: closing it waits for us, or we see that it has closed and write nothing. */
async function insertKey(sql: Sql, key: WrappedKey): Promise<boolean> {
  const written = await sql
    .change(
      `insert into vault_keys (fax, account, dek, epoch, wrapped, state, expires_at)
       select $1, $2, $3, e.number, $5, $6, $7
       from (select number from epochs where number = $4 and state = 'open' for share) e`,
      [key.fax, key.account, key.dek, key.epoch, key.wrapped, key.state, key.expiresAt],
    )
    .catch((error: unknown) => {
      if (violated(error) === 'vault_keys_pkey') throw new RecordsError('key_exists', 'this fax has a key already');
      throw error;
    });
  return written === 1;
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
