import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { newKey } from '../../../crypto/index.ts';
import { createSlotFileStore } from '../../../gateway/vault/index.ts';

async function withPath(run: (path: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'slots-'));
  try {
    await run(join(directory, 'keys', 'epochs.slots'));
  } finally {
    await rm(directory, { recursive: true });
  }
}

describe('the slot file', () => {
  test('keeps keys over a kill, sealed, in a file of mode 0600 whose size and inode never change', () =>
    withPath(async (path) => {
      const rootKey = newKey();
      const first = await createSlotFileStore({ path, rootKey });
      assert.equal(first.fresh, true);
      const before = await stat(path);
      const { kek } = await first.create(7, 1_234);
      const again = await createSlotFileStore({ path, rootKey });
      assert.equal(again.fresh, false);
      assert.deepEqual(await again.load(), [{ number: 7, openedAt: 1_234, kek }]);
      const after = await stat(path);
      assert.deepEqual([after.ino, after.size, after.mode & 0o777], [before.ino, before.size, 0o600]);
      const bytes = await readFile(path);
      assert.equal(bytes.includes(Buffer.from(kek)) || bytes.includes(Buffer.from(rootKey)), false);
      await first.close();
      await again.close();
    }));

  test('holds nothing of a destroyed key', () =>
    withPath(async (path) => {
      const rootKey = newKey();
      const empty = await createSlotFileStore({ path, rootKey });
      const before = await readFile(path);
      await empty.create(1, 1);
      const slot = (await readFile(path)).subarray(512, 1_024);
      await empty.destroy(1);
      assert.deepEqual(await readFile(path), before);
      assert.equal(
        slot.every((octet) => octet === 0),
        false,
      );
      await empty.close();
    }));

  test('refuses another root key, a foreign file, a longer or shorter one, and one that others may read', () =>
    withPath(async (path) => {
      const rootKey = newKey();
      await (await createSlotFileStore({ path, rootKey })).close();
      const whole = await readFile(path);
      const refused = (text: RegExp, key = rootKey) =>
        assert.rejects(createSlotFileStore({ path, rootKey: key }), (error) => {
          assert.ok(error instanceof Error && 'code' in error);
          assert.equal(error.code, 'key_store');
          assert.match(error.message, text);
          return true;
        });
      await refused(/root key is not the one/, newKey());
      for (const bytes of [
        Buffer.alloc(0),
        whole.subarray(1),
        Buffer.concat([whole, Buffer.alloc(1)]),
        Buffer.alloc(whole.length),
      ]) {
        await writeFile(path, bytes);
        await refused(/not a slot file/);
      }
      await writeFile(path, whole);
      await chmod(path, 0o640);
      await refused(/mode 0600/);
    }));

  test('takes a torn, swapped or changed slot for a free one', () =>
    withPath(async (path) => {
      const rootKey = newKey();
      const store = await createSlotFileStore({ path, rootKey });
      for (const number of [1, 2, 3]) await store.create(number, number);
      await store.close();
      const file = await readFile(path);
      const one = Buffer.from(file.subarray(512, 1_024));
      file.copy(file, 512, 1_024, 1_536);
      one.copy(file, 1_024);
      file.writeUInt8(file.readUInt8(1_536 + 40) ^ 1, 1_536 + 40);
      await writeFile(path, file);
      const again = await createSlotFileStore({ path, rootKey });
      assert.deepEqual(await again.load(), []);
      await again.create(4, 4);
      await again.close();
    }));

  test('that is full refuses the next epoch', () =>
    withPath(async (path) => {
      const store = await createSlotFileStore({ path, rootKey: newKey() });
      for (let number = 1; number <= 16; number++) await store.create(number, number);
      await assert.rejects(store.create(17, 17), { code: 'epoch_unavailable' });
      await store.destroy(5);
      assert.equal((await store.create(17, 17)).number, 17);
      await store.close();
    }));

  test('does not touch the caller’s root key', () =>
    withPath(async (path) => {
      const rootKey = newKey();
      const copy = rootKey.slice();
      await (await createSlotFileStore({ path, rootKey })).close();
      assert.deepEqual(rootKey, copy);
    }));
});
