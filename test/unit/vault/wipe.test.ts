import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openObject, randomId, sealObject, verifyReceipt } from '../../../crypto/index.ts';
import { newId } from '../../../gateway/fax/ids.ts';
import type { CarrierPurgeReceipt } from '../../../gateway/fax/receipt.ts';
import { VaultError } from '../../../gateway/vault/index.ts';
import { atEveryKill, Killed } from './kill.ts';
import { MemoryVaultRecords } from './memory-records.ts';
import { ACCOUNT, collect, filesBelow, makeSetting, newFax, storeFax } from './setting.ts';

describe('a wipe', () => {
  test('killed at any step is finished by the next run, with every object in its one receipt', async () => {
    const places = await atEveryKill(async (kill) => {
      const setting = await makeSetting();
      const fax = await storeFax(setting, ['doc/0', 'page/1']);
      const before = await setting.vault.objects(fax);
      const row = await setting.records.key(fax);
      await setting.records.addIntent(fax, 'delivered', 0);
      const dying = await setting.again({ records: kill.wrap(setting.records), store: kill.wrap(setting.store) });
      await dying.vault.wipe(fax, 'delivered').catch((error) => assert.ok(error instanceof Killed, String(error)));

      const { vault } = await setting.again();
      const { receipt, jws } = await vault.wipe(fax, 'delivered');
      assert.deepEqual(receipt.objects, before);
      assert.equal(receipt.dek, row?.dek);
      assert.equal(receipt.epoch, row?.epoch);
      assert.deepEqual(await verifyReceipt(jws, setting.key.publicSpki), { ...receipt });
      assert.deepEqual(setting.records.stored, [fax]);
      assert.equal(setting.records.keys.size + setting.records.objectRows.size + setting.records.wipeIntents.size, 0);
      assert.deepEqual(await filesBelow(setting.directory), []);
      await setting.end();
    });
    assert.ok(places >= 16, `${places} places`);
  });

  test('says how copies at carriers stood, waits for none of them, and names those it told the end of', async () => {
    const setting = await makeSetting();
    const fax = await storeFax(setting, ['page/1']);
    const [done, open] = [newId('call', randomId), newId('call', randomId)];
    const at = setting.clock.now();
    setting.records.carrierCopies.set(fax, [
      { call: done, carrier: 'telnyx', outcome: 'purged', detail: 'deleted', answeredAt: at, open: false },
      { call: open, carrier: 'etherfax', outcome: 'pending', detail: null, answeredAt: null, open: true },
    ]);
    const { receipt, jws } = await setting.vault.wipe(fax, 'delivered');
    assert.deepEqual(receipt.carriers, [
      { carrier: 'telnyx', call: done, outcome: 'purged', detail: 'deleted', at: new Date(at).toISOString() },
      { carrier: 'etherfax', call: open, outcome: 'pending', detail: null, at: null },
    ]);
    assert.deepEqual(await verifyReceipt(jws, setting.key.publicSpki), { ...receipt });
    assert.deepEqual(setting.records.decided, [done]);
    const plain = await setting.vault.wipe(await storeFax(setting, ['page/1']), 'delivered');
    assert.equal('carriers' in plain.receipt, false);
    await setting.end();
  });

  test('has further receipts signed by its own key', async () => {
    const setting = await makeSetting();
    const claims: CarrierPurgeReceipt = {
      v: 1,
      fax: newFax(),
      call: newId('call', randomId),
      carrier: 'telnyx',
      outcome: 'purged',
      detail: '',
      at: '2026-01-15T12:05:00.000Z',
      tries: 1,
      method: 'carrier-purge',
    };
    assert.deepEqual(await verifyReceipt(await setting.vault.certify(claims), setting.key.publicSpki), { ...claims });
    await setting.end();
  });

  test('that died between unlinking two files is finished', async () => {
    const setting = await makeSetting();
    const fax = await storeFax(setting, ['doc/0', 'page/1']);
    await rm(join(setting.directory, fax, 'doc-0.sfv'));
    const { receipt } = await setting.vault.wipe(fax, 'delivered');
    assert.deepEqual(
      receipt.objects.map((object) => object.object),
      ['doc/0', 'page/1'],
    );
    await setting.end();
  });

  test('ends in other processes what is under way with the fax, and zeroes their keys', async () => {
    const setting = await makeSetting();
    const [fax, other] = [await storeFax(setting, ['page/1']), await storeFax(setting, ['page/1'])];
    const { vault: elsewhere } = await setting.again();
    const held: { readonly dek: Uint8Array; readonly ended: AbortSignal }[] = [];
    const over = Promise.withResolvers<void>();
    const uses = [fax, other].map((one) =>
      elsewhere.withKey(one, async (dek, ended) => {
        held.push({ dek, ended });
        await over.promise;
      }),
    );
    const reading = elsewhere.read(fax, 'page/1')[Symbol.asyncIterator]();
    await reading.next();
    await setting.vault.wipe(fax, 'canceled');
    assert.deepEqual(setting.told, [fax]);
    for (const one of [fax, other, newFax()]) await elsewhere.heardOfWipe(one);
    assert.deepEqual(
      held.map(({ dek, ended }) => [dek.some((octet) => octet !== 0), ended.aborted]),
      [
        [false, true],
        [true, false],
      ],
    );
    await assert.rejects(reading.next(), { code: 'image_wiped' });
    over.resolve();
    await Promise.all(uses);
    await setting.end();
  });

  test('takes unfinished and foreign files of the fax with it', async () => {
    const setting = await makeSetting();
    const fax = await storeFax(setting, ['page/1']);
    await writeFile(join(setting.directory, fax, 'page-2.sfv.00000000.part'), 'x');
    await setting.vault.wipe(fax, 'failed');
    assert.deepEqual(await filesBelow(setting.directory), []);
    await setting.end();
  });

  test('of a fax that never had a key has a receipt over nothing, under the open epoch', async () => {
    const setting = await makeSetting();
    const fax = newFax();
    const { receipt } = await setting.vault.wipe(fax, 'failed');
    assert.deepEqual([receipt.objects, receipt.bytes, receipt.dek, receipt.epoch], [[], 0, 'none', 1]);
    await setting.end();
  });

  test('ends writers that wait for their source, and zeroes keys that are lent out', async () => {
    const setting = await makeSetting();
    const fax = await storeFax(setting, ['page/1']);
    let lent: Uint8Array | undefined;
    async function* stalled() {
      yield new Uint8Array(10);
      await new Promise(() => undefined);
    }
    const writing = setting.vault.put(fax, 'page/2', stalled());
    const holding = setting.vault.withKey(fax, async (dek) => {
      lent = dek;
      await new Promise((resolve) => setting.clock.after(1, () => resolve(undefined)));
    });
    writing.catch(() => undefined);
    while (lent === undefined) await new Promise(setImmediate);
    await setting.vault.wipe(fax, 'canceled');
    await assert.rejects(writing, { code: 'image_wiped' });
    assert.ok(lent.every((octet) => octet === 0));
    setting.clock.forward(1);
    await holding;
    assert.deepEqual(await filesBelow(setting.directory), []);
    assert.equal(setting.records.objectRows.size, 0);
    await setting.end();
  });

  test('ends readers', async () => {
    const setting = await makeSetting();
    const fax = newFax();
    const dek = await setting.vault.open(fax, ACCOUNT);
    const big = (async function* () {
      yield new Uint8Array(300_000);
    })();
    await setting.vault.put(fax, 'page/1', sealObject(dek, { fax, object: 'page/1' }, big));
    const reader = setting.vault.read(fax, 'page/1')[Symbol.asyncIterator]();
    assert.equal((await reader.next()).done, false);
    await setting.vault.wipe(fax, 'canceled');
    await assert.rejects(reader.next(), { code: 'image_wiped' });
    await setting.end();
  });

  test('whose verification fails writes no receipt', async () => {
    const setting = await makeSetting();
    const fax = await storeFax(setting, ['page/1']);
    class Stubborn extends MemoryVaultRecords {
      override async rewrap() {
        return true;
      }
    }
    const records = Object.assign(new Stubborn(), {
      keys: setting.records.keys,
      objectRows: setting.records.objectRows,
    });
    const { vault } = await setting.again({ records });
    await assert.rejects(
      vault.wipe(fax, 'delivered'),
      (error) => error instanceof VaultError && error.code === 'wipe_failed',
    );
    assert.equal(records.receipts.size, 0);
    assert.ok(setting.notes.lines.some((line) => line.level === 'error'));
    await setting.end();
  });

  test('wins against a roll that has read the wrap before: the key does not come back', async () => {
    const setting = await makeSetting();
    const fax = await storeFax(setting, ['page/1']);
    const records = new Proxy(setting.records, {
      get(target, name) {
        if (name !== 'rewrap')
          return Reflect.get(target, name, target).bind?.(target) ?? Reflect.get(target, name, target);
        // The wipe takes the wrap after the roll has read it and before the roll writes.
        return async (...args: Parameters<MemoryVaultRecords['rewrap']>) => {
          await setting.vault.dropOwnWrap(fax);
          return target.rewrap(...args);
        };
      },
    });
    const { roll } = await setting.again({ records });
    await roll.roll();
    await assert.rejects(
      setting.vault.withKey(fax, async () => undefined),
      { code: 'image_wiped' },
    );
    assert.equal((await setting.records.key(fax))?.epoch, 2);
    await setting.end();
  });

  test('of 200 faxes at once gives 200 receipts and leaves nothing', async () => {
    const setting = await makeSetting();
    const faxes = await Promise.all(Array.from({ length: 200 }, () => storeFax(setting, ['page/1'])));
    const wiped = await Promise.all(
      faxes.flatMap((fax) => [setting.vault.wipe(fax, 'a'), setting.vault.wipe(fax, 'b')]),
    );
    assert.equal(new Set(wiped.map(({ jws }) => jws)).size, 200);
    assert.equal(setting.records.stored.length, 200);
    assert.deepEqual(await filesBelow(setting.directory), []);
    assert.equal(await setting.vault.sweepStrays(), 0);
    for (const { receipt, jws } of wiped.slice(0, 20)) {
      assert.equal((await verifyReceipt(jws, setting.key.publicSpki)).fax, receipt.fax);
    }
    await setting.end();
  });
});

describe('a live fax', () => {
  test('lies on the disk as ciphertext only, and opens with its key', async () => {
    const setting = await makeSetting();
    const mark = 'UNIQUE-MARK-OF-THIS-PAGE ';
    const fax = await storeFax(setting, ['doc/0', 'page/1'], mark);
    const files = await filesBelow(setting.directory);
    assert.equal(files.length, 2);
    await setting.vault.withKey(fax, async (dek) => {
      for (const { bytes } of files) {
        assert.equal(bytes.includes(mark.trim()), false);
        assert.equal(bytes.includes(Buffer.from(dek)), false);
      }
      const text = await collect(openObject(dek, { fax, object: 'page/1' }, setting.vault.read(fax, 'page/1')));
      assert.ok(text.includes(mark));
    });
    await setting.end();
  });
});
