import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { newKey } from '../../../crypto/index.ts';
import { openDatabase } from '../../../gateway/records/database.ts';
import { createRecords } from '../../../gateway/records/index.ts';
import { BackupError } from '../../../ops/backup/errors.ts';
import { pinOfKeys, readKeyFiles, readKeyRows, storeKeyFiles, storeKeyRows } from '../../../ops/backup/sealed-keys.ts';
import { lastingKeys } from '../../../ops/keys/identity.ts';
import { openKeyDirectory } from '../../../ops/keys/key-directory.ts';
import { openKeyTable } from '../../../ops/keys/key-table.ts';
import { silentLog, startTestPostgres } from '../../postgres.ts';

const NOW = Date.UTC(2026, 0, 15);
const code = (wanted: string) => (error: unknown) => error instanceof BackupError && error.code === wanted;

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'sealfax-keys-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A gateway's key directory with every lasting key. */
async function gateway(t: TestContext, rootKey = newKey()) {
  const directory = join(folder(t), 'keys');
  const keys = await openKeyDirectory(directory, { value: rootKey, file: undefined });
  const { root, server } = await lastingKeys(keys, () => NOW);
  await keys.secret('tls-key', async () => newKey());
  return { directory, rootKey, pin: root.pin, server };
}

describe('lasting keys in a backup', () => {
  test('are the sealed files but that of the certificate, and tell whose they are', async (t) => {
    const { directory, rootKey, pin } = await gateway(t);
    const keys = await readKeyFiles(directory);
    const names = keys.map(({ name }) => name);
    assert.deepEqual(names, [
      'key-register',
      'receipt-signing',
      'record-seal',
      'root-identity',
      'server-mac',
      'webhook-signing',
    ]);
    assert.equal(await pinOfKeys(keys, rootKey), pin);
    await assert.rejects(pinOfKeys(keys, newKey()), code('wrong_key'));
    await assert.rejects(pinOfKeys([], rootKey), code('key_missing'));
  });

  test('come back as files that only their owner reads, and as the same gateway', async (t) => {
    const { directory, rootKey, pin } = await gateway(t);
    const fresh = join(folder(t), 'fresh');
    const keys = await readKeyFiles(directory);
    await storeKeyFiles(fresh, keys, rootKey);
    await storeKeyFiles(fresh, keys, rootKey);
    for (const name of readdirSync(fresh)) assert.equal(statSync(join(fresh, name)).mode & 0o077, 0, name);
    const again = await lastingKeys(await openKeyDirectory(fresh, { value: rootKey, file: undefined }), () => NOW);
    assert.equal(again.root.pin, pin);
  });

  test('are not put over those of another gateway', async (t) => {
    const rootKey = newKey();
    const [one, two] = [await gateway(t, rootKey), await gateway(t, rootKey)];
    await assert.rejects(storeKeyFiles(two.directory, await readKeyFiles(one.directory), rootKey), code('keys_differ'));
    const stranger = await gateway(t);
    await assert.rejects(
      storeKeyFiles(stranger.directory, await readKeyFiles(one.directory), rootKey),
      code('wrong_key'),
    );
  });

  test('of an embedded gateway become rows of a database server, and the other way round', async (t) => {
    const { directory, rootKey, pin, server } = await gateway(t);
    const postgres = await startTestPostgres();
    t.after(() => postgres.stop());
    const pool = postgres.pool();
    const records = createRecords({ pool, log: silentLog });
    t.after(() => records.close());
    await records.migrate();
    const database = openDatabase(pool, silentLog);
    const files = await readKeyFiles(directory);
    await storeKeyRows(database, files, rootKey, NOW);
    await storeKeyRows(database, files, rootKey, NOW);
    const table = await openKeyTable({
      records: records.keys,
      rootKey: Uint8Array.from(rootKey),
      clock: { now: () => NOW },
    });
    const lasting = await lastingKeys(table, () => NOW);
    assert.deepEqual([lasting.root.pin, lasting.server], [pin, server]);
    const back = join(folder(t), 'back');
    await storeKeyFiles(back, await readKeyRows(database), rootKey);
    const again = await lastingKeys(await openKeyDirectory(back, { value: rootKey, file: undefined }), () => NOW);
    assert.equal(again.root.pin, pin);
    const other = await gateway(t, rootKey);
    await assert.rejects(
      storeKeyRows(database, await readKeyFiles(other.directory), rootKey, NOW),
      code('keys_differ'),
    );
  });
});
