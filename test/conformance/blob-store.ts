import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FaxId } from '../../gateway/fax/ids.ts';
import type { BlobStore } from '../../gateway/ports/blob-store.ts';
import { collect, newFax } from '../unit/vault/setting.ts';

/** A store under test, and another process's view of the same place. */
export interface BlobsUnderTest {
  readonly store: BlobStore;
  readonly another: BlobStore;
  readonly end: () => Promise<void>;
}

const never = new AbortController().signal;

async function* source(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/** Octets that differ from place to place. */
export function octets(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8)) % 251);
}

/** What every BlobStore keeps. */
export function blobStoreConformance(name: string, make: () => Promise<BlobsUnderTest>): void {
  const withStore = (title: string, run: (under: BlobsUnderTest, fax: FaxId) => Promise<void>) =>
    test(title, { timeout: 30_000 }, async () => {
      const under = await make();
      try {
        await run(under, newFax());
      } finally {
        await under.end();
      }
    });
  const read = (store: BlobStore, fax: FaxId, object: string) => collect(store.read(fax, object, never));
  const faxesOf = async (store: BlobStore) => {
    const found: FaxId[] = [];
    for await (const fax of store.faxes()) found.push(fax);
    return found.sort();
  };
  const missing = { code: 'object_missing' };

  describe(`BlobStore: ${name}`, () => {
    for (const length of [0, 1, 262_143, 262_144, 262_145, 1_000_000]) {
      withStore(`${length} octets are read back by another process`, async ({ store, another }, fax) => {
        const whole = octets(length);
        const pieces = [whole.subarray(0, 29), whole.subarray(29, 70_000), whole.subarray(70_000)];
        await store.write(fax, 'page/1', source(...pieces));
        assert.ok((await read(another, fax, 'page/1')).equals(whole));
        assert.equal(await another.length(fax, 'page/1'), length);
        assert.deepEqual(await faxesOf(another), [fax]);
      });
    }

    withStore('an object of the same name is replaced', async ({ store, another }, fax) => {
      await store.write(fax, 'page/1', source(octets(600_000)));
      await another.write(fax, 'page/1', source(octets(10)));
      assert.equal((await read(store, fax, 'page/1')).length, 10);
    });

    withStore('a source that throws leaves what was there', async ({ store }, fax) => {
      async function* broken() {
        yield octets(400_000);
        throw new Error('line lost');
      }
      await assert.rejects(store.write(fax, 'page/1', broken()), /line lost/);
      await assert.rejects(read(store, fax, 'page/1'), missing);
      await store.write(fax, 'page/1', source(octets(10)));
      await assert.rejects(store.write(fax, 'page/1', broken()), /line lost/);
      assert.equal((await read(store, fax, 'page/1')).length, 10);
    });

    withStore('one object goes, the others stay; then all of the fax', async ({ store, another }, fax) => {
      const other = newFax();
      for (const object of ['doc/0', 'page/1']) await store.write(fax, object, source(octets(300_000)));
      await store.write(other, 'page/1', source(octets(5)));
      await another.removeObject(fax, 'doc/0');
      await another.removeObject(fax, 'doc/0');
      await assert.rejects(read(store, fax, 'doc/0'), missing);
      assert.equal(await store.length(fax, 'doc/0'), undefined);
      assert.equal(await store.length(fax, 'page/1'), 300_000);
      assert.equal(await store.absent(fax), false);
      assert.equal(await another.removeFax(fax), true);
      assert.equal(await another.removeFax(fax), false);
      assert.equal(await store.absent(fax), true);
      await assert.rejects(read(store, fax, 'page/1'), missing);
      assert.deepEqual(await faxesOf(store), [other]);
    });

    withStore('a removal takes along what another process is writing', async ({ store, another }, fax) => {
      const [begun, removed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      async function* slow() {
        yield octets(600_000);
        begun.resolve();
        await removed.promise;
        yield octets(600_000);
      }
      const writing = store.write(fax, 'page/1', slow());
      await begun.promise;
      await another.removeFax(fax);
      removed.resolve();
      await assert.rejects(writing);
      assert.equal(await another.absent(fax), true);
      await assert.rejects(read(another, fax, 'page/1'), missing);
    });

    withStore('a reader ends when it is told to', async ({ store }, fax) => {
      await store.write(fax, 'page/1', source(octets(1_000_000)));
      const stop = new AbortController();
      const reader = store.read(fax, 'page/1', stop.signal)[Symbol.asyncIterator]();
      assert.equal((await reader.next()).done, false);
      stop.abort(new Error('enough'));
      await assert.rejects(async () => {
        while ((await reader.next()).done !== true);
      }, /enough/);
    });

    withStore('names that are none of ours reach nothing', async ({ store }, fax) => {
      for (const object of ['../x', 'page/1/2', 'page/', 'PAGE/1', '']) {
        await assert.rejects(store.write(fax, object, source(octets(1))), /not an object name/);
      }
      await assert.rejects(store.removeFax('../etc' as FaxId), /not a fax id/);
    });
  });
}
