import { closeSync, constants, fsyncSync, openSync, writeSync } from 'node:fs';
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  base64url,
  fromBase64url,
  newKey,
  openSmall,
  randomBytes,
  SealError,
  sealSmall,
  wipe,
} from '../../crypto/index.ts';
import type { KeyStore } from './key-store.ts';

/** The lasting keys cannot be had; the message says what an operator can do. */
export class KeyDirectoryError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'KeyDirectoryError';
  }
}

/**
 * Long-lived keys of the gateway as files `<name>.sealed` (AES-256-GCM under the root key, the name as context), mode
 * 0600 in a directory of mode 0700. Whoever has the files without the root key has noise.
 */
export interface KeyDirectory extends KeyStore {
  /** Absolute path of `name` in the directory. */
  path(name: string): string;
  /** The named secret, if there is one. @throws KeyDirectoryError when it does not open */
  read(name: string): Promise<Uint8Array | undefined>;
  /** The root key; zeroed by `close`. */
  readonly rootKey: Uint8Array;
  close(): void;
}

/** Where the root key comes from: the setting itself, a file (such as a systemd credential), or `root.key` beside the others. */
export interface RootKeySource {
  readonly value: Uint8Array | undefined;
  readonly file: string | undefined;
}

/** Opens (and at the first start makes) the key directory. @throws KeyDirectoryError */
export async function openKeyDirectory(directory: string, source: RootKeySource): Promise<KeyDirectory> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const mode = (await stat(directory)).mode & 0o077;
  if (mode !== 0) throw new KeyDirectoryError(`${directory} is open to others; run: chmod 700 ${directory}`);
  const rootKey = await readRootKey(source, join(directory, 'root.key'));
  const path = (name: string) => join(directory, name);

  const read = async (name: string): Promise<Uint8Array | undefined> => {
    const sealed = await readFile(path(`${name}.sealed`)).catch(absent);
    if (sealed === undefined) return undefined;
    try {
      return await openSmall(rootKey, `key ${name}`, sealed);
    } catch (error) {
      if (error instanceof SealError)
        throw new KeyDirectoryError(`${path(`${name}.sealed`)} does not open with this root key`);
      throw error;
    }
  };
  const replace = async (name: string, bytes: Uint8Array): Promise<Uint8Array> => {
    await writeDurably(path(`${name}.sealed`), await sealSmall(rootKey, `key ${name}`, bytes));
    return bytes;
  };
  return {
    path,
    rootKey,
    read,
    replace,
    async secret(name, make) {
      const known = await read(name);
      if (known !== undefined) return known;
      return replace(name, await make());
    },
    close: () => wipe(rootKey),
  };
}

/**
 * The root key of `source`; where it names nothing, that of the file `own`, which is made when it is missing. The caller
 * zeroes it. @throws KeyDirectoryError
 */
export async function readRootKey(source: RootKeySource, own: string): Promise<Uint8Array> {
  return source.value ?? (await rootKeyFile(source.file ?? own, source.file === undefined));
}

async function rootKeyFile(file: string, mayCreate: boolean): Promise<Uint8Array> {
  const text = await readFile(file, 'utf8').catch(absent);
  if (text !== undefined) return parseRootKey(text, file);
  if (!mayCreate) throw new KeyDirectoryError(`SEALFAX_ROOT_KEY_FILE names ${file}, which does not exist`);
  const key = newKey();
  const handle = openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    writeSync(handle, `${base64url(key)}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  return key;
}

function parseRootKey(text: string, file: string): Uint8Array {
  try {
    const key = fromBase64url(text.trim());
    if (key.length === 32) return key;
  } catch {
    // said below, without quoting the file
  }
  throw new KeyDirectoryError(`${file} does not hold a root key (32 bytes, base64url)`);
}

async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  const part = `${file}.${base64url(randomBytes(6))}.part`;
  const handle = await open(part, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(part, file);
  const directory = await open(dirname(file), 'r');
  await directory.sync().finally(() => directory.close());
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
