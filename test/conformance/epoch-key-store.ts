import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EpochKeyStore } from '../../gateway/ports/image-vault.ts';

/** What every EpochKeyStore keeps. */
export function epochKeyStoreConformance(name: string, make: () => Promise<EpochKeyStore>): void {
  const withStore = (title: string, run: (store: EpochKeyStore) => Promise<void>) =>
    test(title, async () => {
      const store = await make();
      try {
        await run(store);
      } finally {
        await store.close();
      }
    });

  describe(`EpochKeyStore: ${name}`, () => {
    withStore('an empty store holds no epoch', async (store) => {
      assert.deepEqual(await store.load(), []);
      assert.equal(await store.get(1), undefined);
    });

    withStore('a key is 32 random octets, found by its number', async (store) => {
      const first = await store.create(1, 1_000);
      const second = await store.create(2, 2_000);
      assert.equal(first.kek.length, 32);
      assert.notDeepEqual(first.kek, second.kek);
      assert.deepEqual(await store.get(2), second);
      assert.deepEqual((await store.load()).map(({ number, openedAt }) => [number, openedAt]).sort(), [
        [1, 1_000],
        [2, 2_000],
      ]);
    });

    withStore('creating an epoch that exists answers its key', async (store) => {
      const first = (await store.create(1, 1_000)).kek.slice();
      assert.deepEqual((await store.create(1, 9_000)).kek, first);
      assert.equal((await store.get(1))?.openedAt, 1_000);
    });

    withStore('a destroyed key is zeroed and gone; destroying is idempotent', async (store) => {
      const { kek } = await store.create(1, 1_000);
      await store.create(2, 2_000);
      await store.destroy(1);
      await store.destroy(1);
      await store.destroy(77);
      assert.ok(kek.every((octet) => octet === 0));
      assert.equal(await store.get(1), undefined);
      for (const left of [store.held(), await store.load()]) assert.deepEqual(left, [await store.get(2)]);
    });

    withStore('changes at the same time do not disturb each other', async (store) => {
      const numbers = Array.from({ length: 12 }, (_, i) => i + 1);
      await Promise.all(numbers.map((number) => store.create(number, number)));
      await Promise.all(numbers.filter((number) => number % 2 === 0).map((number) => store.destroy(number)));
      assert.deepEqual(
        (await store.load()).map((epoch) => epoch.number).sort((a, b) => a - b),
        [1, 3, 5, 7, 9, 11],
      );
    });

    test('a closed store has zeroed its keys', async () => {
      const store = await make();
      const { kek } = await store.create(1, 1_000);
      await store.close();
      assert.ok(kek.every((octet) => octet === 0));
    });
  });
}
