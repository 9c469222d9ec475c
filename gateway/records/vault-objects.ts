import type { FaxId } from '../fax/ids.ts';
import type { StoredObject } from '../ports/image-vault.ts';
import type { VaultRecords, WrappedKey } from '../ports/vault-records.ts';
import { type Database, prepared, type Sql, WITHOUT_WAITING } from './database.ts';
import { gather } from './gather.ts';
import { KEY_COLUMNS } from './vault-keys.ts';

interface StoredCall extends StoredObject {
  readonly fax: FaxId;
}

/** Objects that one statement is for. */
const MOST_STORED = 64;

/** An object by its place. */
interface Place {
  readonly fax: FaxId;
  readonly object: string;
}

// Each place once, and all in one order: two processes that write the same objects wait for each other, and no longer.
const WRITE_OBJECTS = prepared(
  'write_objects',
  `insert into vault_objects (fax, object, bytes, sha256, stored)
   select distinct fax, object, 0, '', false from unnest($1::text[], $2::text[]) as c(fax, object) order by fax, object
   on conflict (fax, object) do update set stored = false`,
);

// Not waited for: a crash that loses it is one that came before it.
const DELETE_OBJECTS = prepared(
  'delete_objects',
  `delete from vault_objects where (fax, object) in (select fax, object from unnest($1::text[], $2::text[]) as c(fax, object))
     and ${WITHOUT_WAITING} is not null`,
);

// Not waited for: the change that makes an object matter (accepted, rendered, received) comes after and is. The keys are
// held first: a wipe that marks one comes either before, and is seen, or after, and finds the object.
const STORE_OBJECTS = prepared(
  'store_objects',
  `with calls as (
     select * from jsonb_to_recordset($1::jsonb) as c(fax text, object text, bytes bigint, sha256 text)
   ), keys as materialized (
     select k.* from (select distinct fax from calls order by fax) c cross join lateral (
       select ${KEY_COLUMNS} from vault_keys where vault_keys.fax = c.fax limit 1 for share) k
   ), stored as (
     insert into vault_objects as v (fax, object, bytes, sha256, stored)
     select c.fax, c.object, c.bytes, c.sha256, true from (select count(*) from keys) held, calls c
     where ${WITHOUT_WAITING} is not null
     on conflict (fax, object) do update set bytes = excluded.bytes, sha256 = excluded.sha256, stored = true
   )
   select * from keys`,
);

async function storeObjects(sql: Sql, calls: readonly StoredCall[]): Promise<(WrappedKey | undefined)[]> {
  const keys = await sql.rows<WrappedKey>(STORE_OBJECTS, [JSON.stringify(calls)]);
  return calls.map((call) => keys.find((key) => key.fax === call.fax));
}

async function changeObjects(sql: Sql, text: string, places: readonly Place[]): Promise<undefined[]> {
  await sql.change(text, [places.map(({ fax }) => fax), places.map(({ object }) => object)]);
  return places.map(() => undefined);
}

type Objects = Pick<VaultRecords, 'objectWriting' | 'objectStored' | 'objects' | 'deleteObject' | 'discard'>;

export function createVaultObjects(database: Database): Objects {
  const store = gather((calls: readonly StoredCall[]) => storeObjects(database, calls), MOST_STORED);
  const write = gather((places: readonly Place[]) => changeObjects(database, WRITE_OBJECTS, places), MOST_STORED);
  const remove = gather((places: readonly Place[]) => changeObjects(database, DELETE_OBJECTS, places), MOST_STORED);
  return {
    objectWriting: (fax, object) => write({ fax, object }),
    objectStored: (fax, stored) => store({ ...stored, fax }),
    objects: (fax) =>
      database.rows<StoredObject & { stored: boolean }>(
        'select object, bytes, sha256, stored from vault_objects where fax = $1 order by object',
        [fax],
      ),
    deleteObject: (fax, object) => remove({ fax, object }),
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
