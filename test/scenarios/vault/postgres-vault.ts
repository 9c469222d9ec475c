import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FaxId } from '../../../gateway/fax/ids.ts';
import type { EpochKeyStore } from '../../../gateway/ports/image-vault.ts';
import type { VaultRecords } from '../../../gateway/ports/vault-records.ts';
import { createRecords } from '../../../gateway/records/index.ts';
import { createEpochRoll, createFileVault, createMemoryStore } from '../../../gateway/vault/index.ts';
import { silentLog, type TestPostgres } from '../../postgres.ts';
import { HandClock, Notes, receiptKey } from '../../unit/vault/setting.ts';

/** A vault on PostgreSQL rows and a directory of its own; the rows of an earlier one are gone. */
export async function makePostgresVault(postgres: TestPostgres) {
  const pool = postgres.pool({ max: 8 });
  const records = createRecords({ pool, log: silentLog });
  await records.migrate();
  await pool.query('truncate vault_keys, vault_objects, wipe_intents, receipts, epochs');
  const directory = await mkdtemp(join(tmpdir(), 'vault-pg-'));
  const store = createMemoryStore();
  const lost: FaxId[] = [];
  const shared = {
    receiptKey: await receiptKey(),
    clock: new HandClock(),
    log: silentLog,
    metrics: new Notes().metrics,
  };
  const build = (parts: { records?: VaultRecords; store?: EpochKeyStore } = {}) => {
    const rows = { ...shared, records: parts.records ?? records.vault };
    const vault = createFileVault({ ...rows, directory, epochs: parts.store ?? store });
    const imageLost = async (fax: FaxId) => void lost.push(fax);
    const roll = createEpochRoll({ ...rows, store: parts.store ?? store, vault, imageLost });
    return { vault, roll };
  };
  const { vault, roll } = build();
  await roll.start();
  return {
    vault,
    roll,
    records: records.vault,
    store,
    directory,
    lost,
    publicSpki: shared.receiptKey.publicSpki,
    again: build,
    accept: async (fax: FaxId) => {
      await pool.query(`update vault_keys set state = 'live', expires_at = null where fax = $1`, [fax]);
    },
    end: async () => {
      await store.close();
      await records.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export type PostgresVault = Awaited<ReturnType<typeof makePostgresVault>>;
