import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { wipe } from '../../crypto/index.ts';
import type { AccountRecords } from '../../gateway/ports/account-records.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { KeyRecords } from '../../gateway/ports/key-records.ts';
import { type Config, isCluster } from '../config.ts';
import { FIRST_START } from '../first-start.ts';
import { type KeyDirectory, KeyDirectoryError, openKeyDirectory, readRootKey } from './key-directory.ts';
import type { KeyStore } from './key-store.ts';
import { openKeyTable } from './key-table.ts';

/** The keys of a gateway, wherever they lie. */
export interface GatewayKeys {
  /** Zeroed by `close`. */
  readonly rootKey: Uint8Array;
  readonly lasting: KeyStore;
  /** Absolute path of `name` beside the keys of this process; for the slots of its epochs. */
  path(name: string): string;
  close(): void;
}

/**
 * Lasting keys lie in the key directory of an embedded gateway, and in the database of one on a server: there every
 * process that has the root key finds them. Keys that were in the directory before are taken over.
 *
 * @throws KeyDirectoryError
 */
export async function openKeys(
  config: Config,
  records: { readonly keys: KeyRecords; readonly accounts: Pick<AccountRecords, 'setting'> },
  clock: Pick<Clock, 'now'>,
): Promise<GatewayKeys> {
  const source = { value: config.rootKey, file: config.rootKeyFile };
  const path = (name: string) => join(config.keyDir, name);
  if (config.databaseUrl === undefined) {
    const directory = await openKeyDirectory(config.keyDir, source);
    return { ...directory, lasting: directory };
  }
  const older = isCluster(config) && !hasKeys(config) ? undefined : await openKeyDirectory(config.keyDir, source);
  const rootKey = older?.rootKey ?? (await readRootKey(source, path('root.key')));
  try {
    await refuseStrangers(records, older);
    const lasting = await openKeyTable({
      ...{ records: records.keys, rootKey, clock },
      ...(older === undefined ? {} : { older }),
    });
    return { rootKey, lasting, path, close: () => wipe(rootKey) };
  } catch (error) {
    wipe(rootKey);
    throw error;
  }
}

/** The root key of a gateway on a server, and where the slots of its epochs would lie. @throws KeyDirectoryError */
export async function openRootKey(config: Config): Promise<Pick<GatewayKeys, 'rootKey' | 'path' | 'close'>> {
  const source = { value: config.rootKey, file: config.rootKeyFile };
  if (!isCluster(config)) return openKeyDirectory(config.keyDir, source);
  const rootKey = await readRootKey(source, join(config.keyDir, 'root.key'));
  return { rootKey, path: (name) => join(config.keyDir, name), close: () => wipe(rootKey) };
}

/** Key that every gateway has had from its first start on. */
const OLDEST_KEY = 'server-mac';

function hasKeys(config: Config): boolean {
  return existsSync(join(config.keyDir, `${OLDEST_KEY}.sealed`));
}

/** Accounts whose keys are elsewhere: new keys would lock every one of their users out. */
async function refuseStrangers(
  { keys, accounts }: { readonly keys: KeyRecords; readonly accounts: Pick<AccountRecords, 'setting'> },
  older: KeyDirectory | undefined,
): Promise<void> {
  if ((await keys.sealedKey(OLDEST_KEY)) !== undefined) return;
  if ((await accounts.setting(FIRST_START)) === undefined) return;
  const found = await older?.read(OLDEST_KEY);
  if (found !== undefined) return wipe(found);
  throw new KeyDirectoryError(
    'the accounts in this database belong to a gateway that kept its keys in files; start once with its SEALFAX_KEY_DIR and root key',
  );
}
