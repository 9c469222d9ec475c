import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type pg from 'pg';
import type { BlobStore } from '../../gateway/ports/blob-store.ts';
import type { EpochKeyStore } from '../../gateway/ports/image-vault.ts';
import type { Log } from '../../gateway/ports/log.ts';
import { createRecords } from '../../gateway/records/index.ts';
import { createBlobDirectory, createMemoryStore, createSlotFileStore } from '../../gateway/vault/index.ts';
import { Closing } from '../closing.ts';
import { readConfig } from '../config.ts';
import { ownDataDirectory } from '../data-directory.ts';
import { type KeyDirectory, openKeyDirectory } from '../keys/key-directory.ts';
import { refuseMoved } from '../moved-mark.ts';
import { databaseOf } from '../postgres/database.ts';
import { hasCluster } from '../postgres/running.ts';
import { ImportError } from './errors.ts';

/** Where an embedded gateway lies. */
export interface SourcePlace {
  readonly dataDir: string;
  /** The data directory's name with `-keys` when left out. */
  readonly keyDir?: string;
  /** `root.key` in the key directory when left out. */
  readonly rootKeyFile?: string;
  /** `vault` in the data directory when left out. */
  readonly vaultDir?: string;
}

/** An embedded gateway that stands still: its database runs for us alone, and nothing of it is changed. */
export interface Source {
  readonly dataDir: string;
  readonly pool: pg.Pool;
  readonly keys: KeyDirectory;
  readonly epochs: EpochKeyStore;
  readonly blobs: BlobStore;
  close(): Promise<void>;
}

/** @throws ImportError, DataDirectoryError while its gateway runs, KeyDirectoryError, RecordsError for another schema */
export async function openSource(place: SourcePlace, log: Log): Promise<Source> {
  const closing = new Closing();
  try {
    return await open(place, log, closing);
  } catch (error) {
    await closing.run().catch(() => undefined);
    throw error;
  }
}

async function open(place: SourcePlace, log: Log, closing: Closing): Promise<Source> {
  const dataDir = resolve(place.dataDir);
  const keyDir = resolve(place.keyDir ?? `${dataDir}-keys`);
  if (!(await hasCluster(dataDir))) {
    throw new ImportError('not_found', `no gateway with a database of its own has run on ${dataDir}`);
  }
  // A key directory that is made anew would hold new keys, and the old ones would seem lost.
  if (!existsSync(join(keyDir, 'server-mac.sealed')) || !existsSync(place.rootKeyFile ?? join(keyDir, 'root.key'))) {
    throw new ImportError(
      'keys_missing',
      `the keys of that gateway are not in ${keyDir}; name them with --from-keys and --from-root-key-file`,
    );
  }
  const owner = await ownDataDirectory(dataDir);
  closing.add(() => owner.release());
  await refuseMoved(dataDir);
  const keys = await openKeyDirectory(keyDir, { value: undefined, file: place.rootKeyFile });
  closing.add(async () => keys.close());
  const database = await databaseOf(readConfig({ SEALFAX_DATA_DIR: dataDir, SEALFAX_KEY_DIR: keyDir }), log);
  closing.add(() => database.close());
  const records = createRecords({ pool: database.pool, log });
  await records.check().finally(() => records.close());
  const slots = keys.path('epochs.slots');
  const epochs = existsSync(slots)
    ? await createSlotFileStore({ path: slots, rootKey: keys.rootKey })
    : createMemoryStore();
  closing.add(() => epochs.close());
  return {
    dataDir,
    pool: database.pool,
    keys,
    epochs,
    blobs: createBlobDirectory(place.vaultDir ?? join(dataDir, 'vault')),
    close: () => closing.run(),
  };
}
