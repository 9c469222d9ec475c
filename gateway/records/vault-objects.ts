import type { FaxId } from '../fax/ids.ts';
import type { StoredObject } from '../ports/image-vault.ts';
import type { VaultRecords } from '../ports/vault-records.ts';
import { type Database, prepared, type Sql, WITHOUT_WAITING } from './database.ts';
import { gather } from './gather.ts';

interface StoredCall extends StoredObject {
  readonly fax: FaxId;
}

/** Objects marked as stored by one statement. */
const MOST_STORED = 64;

const WRITE_OBJECT = prepared(
  'write_object',
  `insert into vault_objects (fax, object, bytes, sha256, stored) values ($1, $2, 0, '', false)
   on conflict (fax, object) do update set stored = false`,
);

// Not waited for: the change that makes an object matter (accepted, rendered, received) comes after and is.
const STORE_OBJECTS = prepared(
  'store_objects',
  `insert into vault_objects as v (fax, object, bytes, sha256, stored)
   select fax, object, bytes, sha256, true
   from jsonb_to_recordset($1::jsonb) as c(fax text, object text, bytes bigint, sha256 text)
   where ${WITHOUT_WAITING} is not null
   on conflict (fax, object) do update set bytes = excluded.bytes, sha256 = excluded.sha256, stored = true`,
);

async function storeObjects(sql: Sql, calls: readonly StoredCall[]): Promise<undefined[]> {
  await sql.change(STORE_OBJECTS, [JSON.stringify(calls)]);
  return calls.map(() => undefined);
}

type Objects = Pick<VaultRecords, 'objectWriting' | 'objectStored' | 'objects' | 'deleteObject' | 'discard'>;

export function createVaultObjects(database: Database): Objects {
  const store = gather((calls: readonly StoredCall[]) => storeObjects(database, calls), MOST_STORED);
  return {
    objectWriting: async (fax, object) => {
      await database.change(WRITE_OBJECT, [fax, object]);
    },
    objectStored: (fax, stored) => store({ ...stored, fax }),
    objects: (fax) =>
      database.rows<StoredObject & { stored: boolean }>(
        'select object, bytes, sha256, stored from vault_objects where fax = $1 order by object',
        [fax],
      ),
    deleteObject: async (fax, object) => {
      await database.change('delete from vault_objects where fax = $1 and object = $2', [fax, object]);
    },
    discard: (fax) =>
      database.transaction(async (tx) => {
        // The key row says whether the upload was accepted after all; taking it first keeps `accept` from doing so now.
        const key = await tx.row<{ state: string }>('select state from vault_keys where fax = $1 for update', [fax]);
        if (key?.state === 'live') return;
        await tx.change('delete from vault_objects where fax = $1', [fax]);
        await tx.change('delete from wipe_intents where fax = $1', [fax]);
        await tx.change('delete from vault_keys where fax = $1', [fax]);
      }),
  };
}
