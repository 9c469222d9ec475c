import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sealObject, verifyReceipt } from '../../../crypto/index.ts';
import type { FaxId } from '../../../gateway/fax/ids.ts';
import { imageVaultConformance } from '../../conformance/image-vault.ts';
import { startTestPostgres, type TestPostgres } from '../../postgres.ts';
import { atEveryKill, Killed } from '../../unit/vault/kill.ts';
import { ACCOUNT, filesBelow, newFax, plaintext, readBack } from '../../unit/vault/setting.ts';
import { makePostgresVault, type PostgresVault } from './postgres-vault.ts';

let postgres: TestPostgres;
before(async () => {
  postgres = await startTestPostgres();
});
after(() => postgres.stop());

const TEXT = 'page'.repeat(150);

async function storeFax(it: PostgresVault): Promise<FaxId> {
  const fax = newFax();
  const dek = await it.vault.open(fax, ACCOUNT);
  await it.vault.put(fax, 'page/1', sealObject(dek, { fax, object: 'page/1' }, plaintext('page')));
  dek.fill(0);
  await it.accept(fax);
  return fax;
}

imageVaultConformance('files, rows in PostgreSQL', () => makePostgresVault(postgres));

describe('a vault on PostgreSQL', () => {
  test('finishes a wipe that was killed at any step', async () => {
    const it = await makePostgresVault(postgres);
    await atEveryKill(async (kill) => {
      const fax = await storeFax(it);
      const before = await it.vault.objects(fax);
      await it.records.addIntent(fax, 'delivered', 0);
      const dying = it.again({ records: kill.wrap(it.records), store: kill.wrap(it.store) });
      await dying.vault.wipe(fax, 'delivered').catch((error) => assert.ok(error instanceof Killed, String(error)));
      const { receipt, jws } = await it.again().vault.wipe(fax, 'delivered');
      assert.deepEqual(receipt.objects, before);
      assert.equal((await it.records.receipt(fax))?.jws, jws);
      assert.deepEqual(await it.records.hasRows([fax]), new Set());
      assert.deepEqual(await it.records.intents(1, 10), []);
    });
    assert.deepEqual(await filesBelow(it.directory), []);
    await it.end();
  });

  test('finishes a roll that was killed at any step', async () => {
    const it = await makePostgresVault(postgres);
    const kept = [await storeFax(it), await storeFax(it)];
    await atEveryKill(async (kill) => {
      const first = Math.max(...(await it.store.load()).map((epoch) => epoch.number));
      const gone = await storeFax(it);
      await it.vault.wipe(gone, 'delivered');
      const dying = it.again({ records: kill.wrap(it.records), store: kill.wrap(it.store) });
      await dying.roll.roll().catch((error) => assert.ok(error instanceof Killed, String(error)));
      const { roll } = it.again();
      await roll.start();
      if ((await it.store.get(first)) !== undefined) await roll.roll();
      assert.equal((await it.store.load()).length, 1);
      const second = await verifyReceipt((await it.records.receipt(gone))?.epochJws ?? '', it.publicSpki);
      assert.deepEqual([second.epoch, second.faxes], [first, 1]);
    });
    for (const fax of kept) assert.equal(await readBack(it.vault, fax, 'page/1'), TEXT);
    assert.deepEqual(it.lost, []);
    await it.end();
  });

  test('does not let a roll bring a key back that a wipe has taken', async () => {
    const it = await makePostgresVault(postgres);
    const fax = await storeFax(it);
    const rewrap: typeof it.records.rewrap = async (...args) => {
      await it.vault.dropOwnWrap(fax);
      return it.records.rewrap(...args);
    };
    await it.again({ records: { ...it.records, rewrap } }).roll.roll();
    await assert.rejects(
      it.vault.withKey(fax, async () => undefined),
      { code: 'image_wiped' },
    );
    await it.end();
  });

  test('stores, reads, wipes 200 faxes at once while epochs roll', async () => {
    const it = await makePostgresVault(postgres);
    const rolls: Promise<unknown>[] = [];
    const wiped = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const fax = await storeFax(it);
        if (i % 40 === 0) rolls.push(it.roll.roll());
        assert.equal(await readBack(it.vault, fax, 'page/1'), TEXT);
        return it.vault.wipe(fax, 'delivered');
      }),
    );
    await Promise.all(rolls);
    await it.roll.roll();
    assert.deepEqual(await filesBelow(it.directory), []);
    assert.equal(new Set(wiped.map(({ receipt }) => receipt.fax)).size, 200);
    for (const { receipt, jws } of wiped) {
      const stored = await it.records.receipt(receipt.fax);
      assert.equal(stored?.jws, jws);
      assert.notEqual(stored.epochJws, null);
    }
    assert.deepEqual(it.lost, []);
    await it.end();
  });
});
