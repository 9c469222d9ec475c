import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { fromBase64url, wipe } from '../../crypto/index.ts';
import type { Log } from '../../gateway/ports/log.ts';
import { openDatabase } from '../../gateway/records/database.ts';
import { createRecords, type Records } from '../../gateway/records/index.ts';
import { Closing } from '../closing.ts';
import { type Config, ConfigError, SETTINGS } from '../config.ts';
import { DataDirectoryError, ownDataDirectory } from '../data-directory.ts';
import { readRootKey } from '../keys/key-directory.ts';
import { databaseOf } from '../postgres/database.ts';
import { hasCluster, runningServer } from '../postgres/running.ts';
import { BackupError } from './errors.ts';
import type { SealedKey } from './lines.ts';
import { pinOfKeys, readKeyFiles, readKeyRows } from './sealed-keys.ts';

/** The records and keys of a gateway, for a backup from the command line: whether the gateway runs or not. */
export interface Origin {
  readonly pool: pg.Pool;
  readonly records: Records;
  readonly rootKey: Uint8Array;
  readonly pin: string;
  /** Files of the key directory. */
  readonly keys: readonly SealedKey[];
  close(): Promise<void>;
}

/** @throws BackupError, ConfigError, PostgresError, DataDirectoryError */
export async function openOrigin(config: Config, log: Log): Promise<Origin> {
  const closing = new Closing();
  try {
    const rootKey = await existingRootKey(config);
    closing.add(async () => wipe(rootKey));
    const pool = await poolOf(config, log, closing);
    const records = createRecords({ pool, log });
    closing.add(() => records.close());
    await records.check();
    const { files, all } = await gatewayKeys(config, pool, log);
    return { pool, records, rootKey, pin: await pinOfKeys(all, rootKey), keys: files, close: () => closing.run() };
  } catch (error) {
    await closing.run().catch(() => undefined);
    throw error;
  }
}

/** The key files that go into a backup, and all keys wherever they lie. */
export async function gatewayKeys(
  config: Pick<Config, 'keyDir' | 'databaseUrl'>,
  pool: pg.Pool,
  log: Log,
): Promise<{ readonly files: readonly SealedKey[]; readonly all: readonly SealedKey[] }> {
  // On a server the keys are rows; files that a move has left behind are not the gateway's any more.
  const files = config.databaseUrl === undefined ? await readKeyFiles(config.keyDir) : [];
  return { files, all: [...files, ...(await readKeyRows(openDatabase(pool, log)))] };
}

/** The root key, which is never made here. @throws BackupError key_missing */
export async function existingRootKey(config: Config): Promise<Uint8Array> {
  const own = join(config.keyDir, 'root.key');
  if (config.rootKey === undefined && config.rootKeyFile === undefined && !existsSync(own)) {
    throw new BackupError(
      'key_missing',
      `the root key is not here: set SEALFAX_ROOT_KEY_FILE, or put it back as ${own}`,
    );
  }
  return readRootKey({ value: config.rootKey, file: config.rootKeyFile }, own);
}

/** The public key of the settings, or undefined. @throws ConfigError */
export function recipientOf(config: Pick<Config, 'backupRecipient'>): Uint8Array | undefined {
  if (config.backupRecipient === undefined) return undefined;
  try {
    return fromBase64url(config.backupRecipient);
  } catch {
    throw new ConfigError(SETTINGS.backupRecipient.variable, 'is not base64url', SETTINGS.backupRecipient.example);
  }
}

async function poolOf(config: Config, log: Log, closing: Closing): Promise<pg.Pool> {
  if (config.databaseUrl === undefined) {
    if (!(await hasCluster(config.dataDir))) {
      throw new BackupError('not_found', `no gateway has run on ${config.dataDir} (SEALFAX_DATA_DIR)`);
    }
    try {
      const owner = await ownDataDirectory(config.dataDir);
      closing.add(() => owner.release());
    } catch (error) {
      if (error instanceof DataDirectoryError && error.code === 'in_use') return runningPool(config, closing);
      throw error;
    }
  }
  const database = await databaseOf(config, log);
  closing.add(() => database.close());
  return database.pool;
}

/** The gateway runs: its server takes us as it takes the gateway itself. */
async function runningPool(config: Config, closing: Closing): Promise<pg.Pool> {
  const server = await runningServer(config.dataDir);
  closing.add(() => server.close());
  const pool = new pg.Pool({ ...server.connection, max: 4 });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  closing.add(() => pool.end());
  return pool;
}
