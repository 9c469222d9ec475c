import type { StoredObject } from '../ports/image-vault.ts';
import type { VaultRecords } from '../ports/vault-records.ts';
import type { Database } from './database.ts';

type Objects = Pick<VaultRecords, 'objectWriting' | 'objectStored' | 'objects' | 'deleteObject' | 'discard'>;

export function createVaultObjects(database: Database): Objects {
  return {
    objectWriting: async (fax, object) => {
      await database.change(
        `insert into vault_objects (fax, object, bytes, sha256, stored) values ($1, $2, 0, '', false)
         on conflict (fax, object) do update set stored = false`,
        [fax, object],
      );
    },
    objectStored: async (fax, stored) => {
      await database.change(
        `insert into vault_objects (fax, object, bytes, sha256, stored) values ($1, $2, $3, $4, true)
         on conflict (fax, object) do update set bytes = $3, sha256 = $4, stored = true`,
        [fax, stored.object, stored.bytes, stored.sha256],
      );
    },
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
