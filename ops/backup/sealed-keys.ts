import { mkdir, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  base64url,
  constantTimeEqual,
  fromBase64url,
  importSigningKey,
  openSmall,
  SealError,
  wipe,
} from '../../crypto/index.ts';
import type { Sql } from '../../gateway/records/database.ts';
import { BackupError } from './errors.ts';
import type { SealedKey } from './lines.ts';

/** Lasting keys as they lie, each sealed under the root key with its name as context (ops/keys/). */
const SUFFIX = '.sealed';
/** The key that clients pin. */
const IDENTITY = 'root-identity';
/** The key of the certificate is not among them: clients pin the root, so a new certificate does as well. */
const LEFT_OUT = /^tls/;

/** The key files of an embedded gateway; none where its keys lie in the database. */
export async function readKeyFiles(directory: string): Promise<SealedKey[]> {
  const names = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith(SUFFIX)).sort();
  const keys = names.map((name) => name.slice(0, -SUFFIX.length)).filter((name) => !LEFT_OUT.test(name));
  return Promise.all(
    keys.map(async (name) => ({ name, sealed: base64url(await readFile(join(directory, `${name}${SUFFIX}`))) })),
  );
}

/** The keys that lie in the records. */
export async function readKeyRows(sql: Sql): Promise<SealedKey[]> {
  const rows = await sql.rows<{ name: string; sealed: Uint8Array }>(
    'select name, sealed from lasting_keys order by name',
  );
  return rows.map(({ name, sealed }) => ({ name, sealed: base64url(sealed) }));
}

/** The pin of the gateway whose keys these are. @throws BackupError key_missing, wrong_key */
export async function pinOfKeys(keys: readonly SealedKey[], rootKey: Uint8Array): Promise<string> {
  const found = keys.find(({ name }) => name === IDENTITY);
  if (found === undefined) {
    throw new BackupError(
      'key_missing',
      'the keys of the gateway are not here: it has never been started, or its keys lie elsewhere',
    );
  }
  const pem = await opened(found, rootKey);
  const { pin } = await importSigningKey(pem).finally(() => wipe(pem));
  return pin;
}

/**
 * Writes the keys as files of the key directory, durably. A file that is there already must hold the same key.
 *
 * @throws BackupError keys_differ, wrong_key
 */
export async function storeKeyFiles(directory: string, keys: readonly SealedKey[], rootKey: Uint8Array): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const key of keys) {
    const path = join(directory, `${key.name}${SUFFIX}`);
    const there = await readFile(path).catch(() => undefined);
    if (there !== undefined) await expectSame(key, { name: key.name, sealed: base64url(there) }, rootKey);
    else await writeNew(path, fromBase64url(key.sealed));
  }
  const folder = await open(directory, 'r');
  await folder.sync().finally(() => folder.close());
}

/** The same for keys that lie in the records. @throws BackupError keys_differ, wrong_key */
export async function storeKeyRows(
  sql: Sql,
  keys: readonly SealedKey[],
  rootKey: Uint8Array,
  now: number,
): Promise<void> {
  const there = await readKeyRows(sql);
  for (const key of keys) {
    const same = there.find(({ name }) => name === key.name);
    if (same !== undefined) await expectSame(key, same, rootKey);
    else {
      const values = [key.name, Buffer.from(fromBase64url(key.sealed)), now];
      await sql.change('insert into lasting_keys (name, sealed, changed_at) values ($1, $2, $3)', values);
    }
  }
}

async function expectSame(ours: SealedKey, theirs: SealedKey, rootKey: Uint8Array): Promise<void> {
  const [a, b] = [await opened(ours, rootKey), await opened(theirs, rootKey)];
  const same = constantTimeEqual(a, b);
  wipe(a, b);
  if (!same)
    throw new BackupError('keys_differ', `another gateway's key ${ours.name} is there already; give an empty place`);
}

async function opened({ name, sealed }: SealedKey, rootKey: Uint8Array): Promise<Uint8Array> {
  try {
    return await openSmall(rootKey, `key ${name}`, fromBase64url(sealed));
  } catch (error) {
    if (error instanceof SealError) throw new BackupError('wrong_key', `the root key does not open the key ${name}`);
    throw error;
  }
}

async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
