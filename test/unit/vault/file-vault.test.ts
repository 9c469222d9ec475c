import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { sealObject } from '../../../crypto/index.ts';
import type { FaxId } from '../../../gateway/fax/ids.ts';
import { createFileVault } from '../../../gateway/vault/index.ts';
import { ACCOUNT, filesBelow, makeSetting, newFax, plaintext, storeFax } from './setting.ts';

/** Mounts a file system of 256 KiB, or answers false where that is not allowed. */
function mountSmall(path: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('the vault directory', () => {
  test('is open to its owner alone, as are its folders and files', async () => {
    const setting = await makeSetting();
    await rm(setting.directory, { recursive: true });
    const fax = await storeFax(setting, ['doc/0']);
    const mode = async (...path: string[]) => (await stat(join(setting.directory, ...path))).mode & 0o777;
    assert.deepEqual([await mode(), await mode(fax), await mode(fax, 'doc-0.sfv')], [0o700, 0o700, 0o600]);
    assert.deepEqual(await readdir(join(setting.directory, fax)), ['doc-0.sfv']);
    await setting.end();
  });

  test('refuses names that would lead elsewhere', async () => {
    const setting = await makeSetting();
    const fax = await storeFax(setting, []);
    for (const object of ['../doc/0', 'doc/../../x', 'doc', 'doc/0/1', '/etc/1', 'doc/0.part']) {
      await assert.rejects(setting.vault.put(fax, object, plaintext('x')), /not an object name/, object);
    }
    await assert.rejects(setting.vault.discard('../../etc' as FaxId), /not a fax id/);
    assert.deepEqual(await filesBelow(setting.directory), []);
    await setting.end();
  });

  test('does not count an object as missing while it is removed, or once it has been', async () => {
    const setting = await makeSetting();
    const { vault, records } = setting;
    const fax = await storeFax(setting, ['doc/0', 'page/1']);
    const deleteObject = records.deleteObject.bind(records);
    const during: boolean[] = [];
    records.deleteObject = async (...row) => {
      during.push(await vault.intact(fax));
      await deleteObject(...row);
    };
    await vault.remove(fax, 'doc/0');
    assert.deepEqual(during, [true]);
    const objects = records.objects.bind(records);
    records.objects = async (of) => {
      const listed = await objects(of);
      records.objects = objects;
      await vault.remove(fax, 'page/1');
      return listed;
    };
    assert.equal(await vault.intact(fax), true);
    await setting.end();
  });

  test('that is full gives storage_full and keeps no part', async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'small-'));
    if (!mountSmall(directory)) return t.skip('no right to mount a small file system here');
    const setting = await makeSetting();
    const vault = createFileVault({
      directory,
      records: setting.records,
      epochs: setting.store,
      receiptKey: setting.key,
      clock: setting.clock,
      log: setting.notes.log,
      metrics: setting.notes.metrics,
    });
    const fax = newFax();
    const dek = await vault.open(fax, ACCOUNT);
    async function* large() {
      for (let i = 0; i < 16; i++) yield new Uint8Array(65_536);
    }
    await assert.rejects(vault.put(fax, 'doc/0', sealObject(dek, { fax, object: 'doc/0' }, large())), {
      code: 'storage_full',
    });
    assert.deepEqual(await filesBelow(directory), []);
    assert.deepEqual(await vault.objects(fax), []);
    await vault.put(fax, 'doc/0', sealObject(dek, { fax, object: 'doc/0' }, plaintext('fits')));
    execFileSync('umount', ['-l', directory]);
    await rm(directory, { recursive: true });
    await setting.end();
  });

  test('swept for strays loses folders without rows, and nothing else', async () => {
    const setting = await makeSetting();
    const kept = await storeFax(setting, ['page/1']);
    const stray = newFax();
    await mkdir(join(setting.directory, stray));
    await writeFile(join(setting.directory, stray, 'page-1.sfv'), 'x');
    await mkdir(join(setting.directory, 'lost+found'));
    assert.equal(await setting.vault.sweepStrays(), 1);
    assert.equal(await setting.vault.sweepStrays(), 0);
    assert.deepEqual((await readdir(setting.directory)).sort(), [kept, 'lost+found'].sort());
    await setting.end();
  });
});

describe('opening a fax', () => {
  test('makes its key durable as an upload that expires in two minutes unless it is kept open', async () => {
    const setting = await makeSetting();
    const fax = newFax();
    const dek = await setting.vault.open(fax, ACCOUNT);
    const row = await setting.records.key(fax);
    assert.equal(row?.state, 'uploading');
    assert.equal(row?.expiresAt, setting.clock.at + 120_000);
    setting.clock.at += 60_000;
    await setting.vault.keepOpen([fax]);
    assert.equal((await setting.records.key(fax))?.expiresAt, setting.clock.at + 120_000);
    assert.equal(Buffer.from(row?.wrapped ?? []).includes(Buffer.from(dek)), false);
    await setting.end();
  });

  test('takes an older epoch while the newest is not open in the records yet', async () => {
    const setting = await makeSetting();
    await setting.store.create(2, setting.clock.at);
    const fax = newFax();
    await setting.vault.open(fax, ACCOUNT);
    assert.equal((await setting.records.key(fax))?.epoch, 1);
    await setting.end();
  });

  test('without an open epoch says so', async () => {
    const setting = await makeSetting();
    await setting.roll.stop();
    await assert.rejects(setting.vault.open(newFax(), ACCOUNT), { code: 'epoch_unavailable' });
    await setting.end();
  });
});

describe('a directory that several processes share', () => {
  for (const last of [false, true]) {
    test(`a wipe elsewhere ends a write ${last ? 'just before its row' : 'in the middle'}, and nothing of it is left`, async () => {
      const setting = await makeSetting();
      const fax = await storeFax(setting, ['page/1']);
      const { vault: elsewhere } = await setting.again();
      async function* sealed() {
        yield new Uint8Array(2_000);
        if (!last) await elsewhere.wipe(fax, 'canceled');
        yield new Uint8Array(2_000);
      }
      const objectStored = setting.records.objectStored.bind(setting.records);
      setting.records.objectStored = async (...row) => {
        if (last) await elsewhere.wipe(fax, 'canceled');
        return objectStored(...row);
      };
      await assert.rejects(setting.vault.put(fax, 'page/2', sealed()), { code: 'image_wiped' });
      assert.deepEqual(await setting.records.objects(fax), []);
      assert.equal((await filesBelow(setting.directory)).length, 0);
      assert.equal((await setting.records.receipt(fax))?.jws, (await elsewhere.wipe(fax, 'again')).jws);
      await setting.end();
    });
  }

  test('is not swept of what another process is writing', async () => {
    const setting = await makeSetting();
    const { vault: elsewhere } = await setting.again();
    const fax = newFax();
    const dek = await setting.vault.open(fax, ACCOUNT);
    async function* slow() {
      yield* plaintext('first');
      assert.equal(await elsewhere.sweepStrays(), 0);
      yield* plaintext('second');
    }
    const object = 'doc/0';
    await setting.vault.put(fax, object, sealObject(dek, { fax, object }, slow()));
    assert.equal(await elsewhere.intact(fax), true);
    await setting.end();
  });
});
