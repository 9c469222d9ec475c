import type { KeyRecords } from '../ports/key-records.ts';
import type { Database } from './database.ts';

/** Sealed keys of the gateway on PostgreSQL. */
export function createKeyRecords(database: Database): KeyRecords {
  const sealedKey = async (name: string): Promise<Uint8Array | undefined> => {
    const row = await database.row<{ sealed: Uint8Array }>('select sealed from lasting_keys where name = $1', [name]);
    return row?.sealed;
  };
  return {
    sealedKey,
    async addKey(name, sealed, now) {
      await database.change(
        'insert into lasting_keys (name, sealed, changed_at) values ($1, $2, $3) on conflict (name) do nothing',
        [name, sealed, now],
      );
      return (await sealedKey(name)) ?? sealed;
    },
    async replaceKey(name, was, sealed, now) {
      const changed = await database.change(
        'update lasting_keys set sealed = $3, changed_at = $4 where name = $1 and sealed = $2',
        [name, was, sealed, now],
      );
      return changed === 1;
    },
    keyNames: async () => {
      const rows = await database.rows<{ name: string }>('select name from lasting_keys order by name');
      return rows.map(({ name }) => name);
    },
  };
}
