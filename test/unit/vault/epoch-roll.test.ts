import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { base64url, merkleRoot, sha256, verifyReceipt } from '../../../crypto/index.ts';
import { createMemoryStore } from '../../../gateway/vault/index.ts';
import { atEveryKill, Killed } from './kill.ts';
import { makeSetting, readBack, type Setting, storeFax } from './setting.ts';

const TEXT = 'page'.repeat(150);
const states = async (setting: Setting) =>
  (await setting.records.epochs()).map(({ number, state }) => `${number} ${state}`);

describe('a roll', () => {
  test('re-wraps live faxes, destroys the old key and signs the second receipt over what was wiped', async () => {
    const setting = await makeSetting();
    const kept = await storeFax(setting, ['page/1']);
    const wiped = [];
    for (let i = 0; i < 5; i++) wiped.push(await setting.vault.wipe(await storeFax(setting, ['page/1']), 'delivered'));
    const kek = (await setting.store.get(1))?.kek;
    setting.clock.forward(600_000);
    const receipt = await setting.roll.roll();
    assert.deepEqual(await states(setting), ['1 destroyed', '2 open']);
    assert.ok(kek?.every((octet) => octet === 0));
    assert.deepEqual(
      (await setting.store.load()).map((epoch) => epoch.number),
      [2],
    );
    assert.equal(await readBack(setting.vault, kept, 'page/1'), TEXT);
    const leaves = wiped
      .sort((a, b) => (a.receipt.fax < b.receipt.fax ? -1 : 1))
      .map(({ jws }) => sha256(Buffer.from(jws)));
    assert.equal(receipt?.root, base64url(merkleRoot(leaves)));
    assert.equal(receipt?.faxes, 5);
    const jws = setting.records.epochJws.get(1) ?? '';
    assert.deepEqual(await verifyReceipt(jws, setting.key.publicSpki), { ...receipt });
    assert.ok([...setting.records.receipts.values()].every((stored) => stored.epochJws === jws));
    await setting.end();
  });

  test('killed at any step is finished by the next start: nothing lost, no key left, both receipts', async () => {
    const places = await atEveryKill(async (kill) => {
      const setting = await makeSetting();
      const kept = [await storeFax(setting, ['page/1']), await storeFax(setting, ['page/1'])];
      const gone = await storeFax(setting, ['page/1']);
      await setting.vault.wipe(gone, 'delivered');
      const dying = await setting.again({ records: kill.wrap(setting.records), store: kill.wrap(setting.store) });
      await dying.roll.roll().catch((error) => assert.ok(error instanceof Killed, String(error)));

      const { vault, roll } = await setting.again();
      await roll.start();
      if ((await setting.store.get(1)) !== undefined) await roll.roll();
      assert.equal(setting.records.epochRows.get(1)?.state, 'destroyed');
      const open = (await setting.records.epochs()).filter((row) => row.state !== 'destroyed').map((row) => row.number);
      assert.deepEqual(
        (await setting.store.load()).map((epoch) => epoch.number),
        open,
      );
      for (const fax of kept) assert.equal(await readBack(vault, fax, 'page/1'), TEXT);
      assert.deepEqual(setting.lost, []);
      const epochJws = setting.records.receipts.get(gone)?.epochJws ?? '';
      assert.equal((await verifyReceipt(epochJws, setting.key.publicSpki)).faxes, 1);
      await setting.end();
    });
    assert.ok(places >= 30, `${places} places`);
  });

  test('with writers, readers and wipes beside it loses nothing and brings nothing back', async () => {
    const setting = await makeSetting();
    const kept: Awaited<ReturnType<typeof storeFax>>[] = [];
    const wiped: typeof kept = [];
    const rolls: Promise<unknown>[] = [];
    const work = async () => {
      for (let i = 0; i < 12; i++) {
        if (i % 3 === 0) rolls.push(setting.roll.roll());
        const fax = await storeFax(setting, ['page/1']);
        assert.equal(await readBack(setting.vault, fax, 'page/1'), TEXT);
        if (i % 2 === 0) await setting.vault.wipe(fax, 'delivered');
        (i % 2 === 0 ? wiped : kept).push(fax);
      }
    };
    await Promise.all([work(), work(), work(), work()]);
    await Promise.all(rolls);
    await setting.roll.roll();
    for (const fax of kept) assert.equal(await readBack(setting.vault, fax, 'page/1'), TEXT);
    for (const fax of wiped) {
      assert.equal(setting.records.keys.has(fax), false);
      const stored = setting.records.receipts.get(fax);
      const second = await verifyReceipt(stored?.epochJws ?? '', setting.key.publicSpki);
      assert.equal(second.epoch, stored?.epoch);
    }
    assert.deepEqual(setting.lost, []);
    assert.equal((await setting.store.load()).length, 1);
    await setting.end();
  });

  test('finishes a wipe that was killed, before its epoch is destroyed', async () => {
    const setting = await makeSetting();
    const fax = await storeFax(setting, ['page/1']);
    await setting
      .again({
        records: new Proxy(setting.records, {
          get(target, name) {
            if (name === 'objects') return () => Promise.reject(new Killed());
            const member: unknown = Reflect.get(target, name, target);
            return typeof member === 'function' ? member.bind(target) : member;
          },
        }),
      })
      .then(({ vault }) => assert.rejects(vault.wipe(fax, 'delivered'), Killed));
    assert.equal(setting.records.receipts.size, 0);
    await setting.roll.roll();
    const stored = setting.records.receipts.get(fax);
    assert.equal(stored?.epoch, 1);
    assert.equal((await verifyReceipt(stored?.epochJws ?? '', setting.key.publicSpki)).faxes, 1);
    await setting.end();
  });

  test('carries a dropped wrap along, so that its epoch can be destroyed', async () => {
    const setting = await makeSetting();
    const fax = await storeFax(setting, ['page/1']);
    await setting.vault.dropOwnWrap(fax);
    await setting.roll.roll();
    assert.deepEqual(await states(setting), ['1 destroyed', '2 open']);
    assert.equal((await setting.vault.wipe(fax, 'acknowledged')).receipt.epoch, 2);
    await setting.end();
  });

  test('tells of a wrap that does not open, and does not let it keep the epoch alive', async () => {
    const setting = await makeSetting();
    const fax = await storeFax(setting, ['page/1']);
    const row = setting.records.keys.get(fax);
    assert.ok(row);
    setting.records.keys.set(fax, { ...row, wrapped: row.wrapped.with(30, (row.wrapped[30] ?? 0) ^ 1) });
    await assert.rejects(
      setting.vault.withKey(fax, async () => undefined),
      { code: 'image_lost' },
    );
    await setting.roll.roll();
    assert.deepEqual(setting.lost, [fax]);
    assert.deepEqual(await states(setting), ['1 destroyed', '2 open']);
    await assert.rejects(
      setting.vault.withKey(fax, async () => undefined),
      { code: 'image_lost' },
    );
    await setting.roll.roll();
    assert.deepEqual(setting.lost, [fax, fax]);
    await setting.end();
  });

  test('tells of an image whose file is gone', async () => {
    const setting = await makeSetting();
    const fax = await storeFax(setting, ['page/1', 'page/2']);
    await storeFax(setting, ['page/1']);
    await rm(join(setting.directory, fax, 'page-2.sfv'));
    await setting.roll.roll();
    assert.deepEqual(setting.lost, [fax]);
    await setting.end();
  });

  test('of a long queue moves every key', async () => {
    const setting = await makeSetting();
    const faxes = await Promise.all(Array.from({ length: 450 }, () => storeFax(setting, [])));
    await setting.roll.roll();
    assert.equal(await setting.records.keyCountOfEpoch(2), faxes.length);
    assert.deepEqual(await states(setting), ['1 destroyed', '2 open']);
    await setting.end();
  });
});

describe('a start', () => {
  test('with keys that died with the process reports their faxes, opens an epoch, and goes on', async () => {
    const setting = await makeSetting();
    const fax = await storeFax(setting, ['page/1']);
    const done = await storeFax(setting, ['page/1']);
    await setting.vault.wipe(done, 'delivered');
    const { vault, roll } = await setting.again({ store: createMemoryStore() });
    await roll.start();
    assert.deepEqual(setting.lost, [fax]);
    assert.equal(await roll.reportLost(), 1);
    await assert.rejects(
      vault.withKey(fax, async () => undefined),
      { code: 'image_lost' },
    );
    await vault.wipe(fax, 'image_lost');
    await roll.roll();
    assert.equal(await roll.reportLost(), 0);
    assert.equal((await setting.records.epochs()).filter((row) => row.state !== 'destroyed').length, 1);
    for (const receipt of setting.records.receipts.values()) assert.notEqual(receipt.epochJws, null);
    await setting.end();
  });

  test('does not vouch for keys of a store that was made anew', async () => {
    const setting = await makeSetting();
    await setting.vault.wipe(await storeFax(setting, ['page/1']), 'delivered');
    const { roll } = await setting.again({ store: { ...createMemoryStore(), fresh: true } });
    await roll.start();
    assert.equal(setting.records.epochRows.get(1)?.state, 'destroyed');
    assert.equal(setting.records.epochJws.get(1), null);
    await setting.end();
  });

  test('vouches for a key that it destroyed itself, though the records heard of it only later', async () => {
    const setting = await makeSetting({ ...createMemoryStore(), fresh: true });
    await setting.vault.wipe(await storeFax(setting, ['page/1']), 'delivered');
    const destroy = setting.records.destroyEpoch.bind(setting.records);
    setting.records.destroyEpoch = () => Promise.reject(new Error('connection lost'));
    await assert.rejects(setting.roll.roll(), /connection lost/);
    assert.equal(await setting.store.get(1), undefined);
    setting.records.destroyEpoch = destroy;
    await setting.roll.roll();
    const jws = setting.records.epochJws.get(1) ?? '';
    assert.equal((await verifyReceipt(jws, setting.key.publicSpki)).faxes, 1);
    await setting.end();
  });

  test('destroys the key of an epoch that the records call destroyed', async () => {
    const setting = await makeSetting();
    await setting.roll.roll();
    await setting.store.create(1, 0);
    await (await setting.again()).roll.start();
    assert.deepEqual(
      (await setting.store.load()).map((epoch) => epoch.number),
      [2],
    );
    await setting.end();
  });
});

describe('an orderly stop', () => {
  test('without a live fax destroys every epoch and leaves both receipts', async () => {
    const setting = await makeSetting();
    const fax = await storeFax(setting, ['page/1']);
    await setting.vault.wipe(fax, 'delivered');
    await setting.roll.stop();
    assert.deepEqual(await setting.store.load(), []);
    assert.notEqual(setting.records.receipts.get(fax)?.epochJws, null);
    const { roll } = await setting.again();
    await roll.start();
    assert.deepEqual(await states(setting), ['1 destroyed', '2 open']);
    await setting.end();
  });

  test('with a live fax keeps its key', async () => {
    const setting = await makeSetting();
    const fax = await storeFax(setting, ['page/1']);
    await setting.roll.stop();
    const { vault, roll } = await setting.again();
    await roll.start();
    assert.equal(await readBack(vault, fax, 'page/1'), TEXT);
    await setting.end();
  });
});
