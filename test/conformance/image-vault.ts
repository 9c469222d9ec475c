import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openObject, sealObject, sha256, verifyReceipt } from '../../crypto/index.ts';
import type { FaxId } from '../../gateway/fax/ids.ts';
import type { ImageVault } from '../../gateway/ports/image-vault.ts';
import type { VaultRecords } from '../../gateway/ports/vault-records.ts';
import { ACCOUNT, collect, newFax, plaintext } from '../unit/vault/setting.ts';

/** A vault under test, started, with its epoch open. */
export interface VaultUnderTest {
  readonly vault: ImageVault;
  readonly records: VaultRecords;
  /** A fax id that the records can take a key for. */
  readonly newFax?: () => Promise<FaxId>;
  /** Makes the fax's key `live`, as an acceptance does. */
  readonly accept: (fax: FaxId) => Promise<void>;
  readonly publicSpki: Uint8Array;
  readonly end: () => Promise<void>;
}

/** What every ImageVault keeps. */
export function imageVaultConformance(name: string, make: () => Promise<VaultUnderTest>): void {
  const withVault = (title: string, run: (under: VaultUnderTest, fax: FaxId) => Promise<void>) =>
    test(title, async () => {
      const under = await make();
      try {
        await run(under, (await under.newFax?.()) ?? newFax());
      } finally {
        await under.end();
      }
    });
  const refuses = (code: string) => (error: unknown) =>
    error instanceof Error && 'code' in error && error.code === code;
  const store = async (vault: ImageVault, fax: FaxId, object: string, text = 'line ') => {
    const dek = await vault.open(fax, ACCOUNT);
    const stored = await vault.put(fax, object, sealObject(dek, { fax, object }, plaintext(text)));
    dek.fill(0);
    return stored;
  };
  const open = (vault: ImageVault, fax: FaxId, object: string) =>
    vault.withKey(fax, async (dek) => collect(openObject(dek, { fax, object }, vault.read(fax, object))));

  describe(`ImageVault: ${name}`, () => {
    withVault('what was put opens again under the key of its fax', async ({ vault }, fax) => {
      await store(vault, fax, 'doc/0', 'letter ');
      assert.equal((await open(vault, fax, 'doc/0')).toString(), 'letter '.repeat(150));
    });

    withVault('length and SHA-256 are those of the ciphertext', async ({ vault }, fax) => {
      const stored = await store(vault, fax, 'page/1');
      const ciphertext = await collect(vault.read(fax, 'page/1'));
      assert.equal(stored.bytes, ciphertext.length);
      assert.equal(stored.sha256, Buffer.from(sha256(ciphertext)).toString('hex'));
      assert.deepEqual(await vault.objects(fax), [stored]);
    });

    withVault('an object of the same name is replaced', async ({ vault }, fax) => {
      await store(vault, fax, 'page/1', 'old');
      const object = 'page/1';
      await vault.withKey(fax, (dek) => vault.put(fax, object, sealObject(dek, { fax, object }, plaintext('new'))));
      assert.equal((await open(vault, fax, object)).toString(), 'new'.repeat(150));
      assert.equal((await vault.objects(fax)).length, 1);
    });

    withVault(
      'a source that throws leaves nothing, and the object that it would have replaced',
      async ({ vault }, fax) => {
        const before = await store(vault, fax, 'page/1', 'old');
        async function* broken() {
          yield new Uint8Array(1_000);
          throw new Error('line lost');
        }
        await assert.rejects(vault.put(fax, 'page/1', broken()), /line lost/);
        await assert.rejects(vault.put(fax, 'page/2', broken()), /line lost/);
        assert.deepEqual(await vault.objects(fax), [before]);
        assert.equal((await open(vault, fax, 'page/1')).toString(), 'old'.repeat(150));
        await assert.rejects(collect(vault.read(fax, 'page/2')), refuses('object_missing'));
      },
    );

    withVault('withKey zeroes the key when the work has settled', async ({ vault }, fax) => {
      await store(vault, fax, 'page/1');
      const held = await vault.withKey(fax, async (dek) => {
        assert.ok(dek.some((octet) => octet !== 0));
        return dek;
      });
      assert.ok(held.every((octet) => octet === 0));
      const thrown = await vault
        .withKey(fax, async (dek) => Promise.reject(Object.assign(new Error(), { dek })))
        .catch((e) => e.dek);
      assert.ok(thrown.every((octet: number) => octet === 0));
    });

    withVault('a removed object is gone and the others stay', async ({ vault }, fax) => {
      await store(vault, fax, 'doc/0');
      await vault.withKey(fax, (dek) =>
        vault.put(fax, 'page/1', sealObject(dek, { fax, object: 'page/1' }, plaintext('x'))),
      );
      await vault.remove(fax, 'doc/0');
      await vault.remove(fax, 'doc/0');
      assert.deepEqual(
        (await vault.objects(fax)).map((stored) => stored.object),
        ['page/1'],
      );
      await assert.rejects(collect(vault.read(fax, 'doc/0')), refuses('object_missing'));
    });

    withVault(
      'a discarded upload leaves neither key nor rows nor files nor receipt',
      async ({ vault, records }, fax) => {
        await store(vault, fax, 'doc/0');
        await vault.discard(fax);
        await vault.discard(fax);
        assert.equal(await records.key(fax), undefined);
        assert.deepEqual(await records.objects(fax), []);
        assert.equal(await records.receipt(fax), undefined);
        await assert.rejects(collect(vault.read(fax, 'doc/0')), refuses('object_missing'));
        assert.equal(await vault.sweepStrays(), 0);
      },
    );

    withVault('a discard that comes after the acceptance touches nothing', async ({ vault, accept }, fax) => {
      await store(vault, fax, 'doc/0', 'kept');
      await accept(fax);
      await vault.discard(fax);
      assert.equal((await open(vault, fax, 'doc/0')).toString(), 'kept'.repeat(150));
    });

    withVault(
      'a wipe leaves no key, row or file, and a receipt that verifies',
      async ({ vault, records, accept, publicSpki }, fax) => {
        const stored = await store(vault, fax, 'page/1');
        await accept(fax);
        const dek = (await records.key(fax))?.dek;
        const { receipt, jws } = await vault.wipe(fax, 'delivered');
        assert.deepEqual(await verifyReceipt(jws, publicSpki), JSON.parse(JSON.stringify(receipt)));
        assert.deepEqual(receipt.objects, [stored]);
        assert.equal(receipt.bytes, stored.bytes);
        assert.equal(receipt.dek, dek);
        assert.equal(receipt.reason, 'delivered');
        assert.deepEqual(receipt.checks, { blobAbsent: true, rowAbsent: true, unwrapFails: true });
        assert.equal(await records.key(fax), undefined);
        assert.deepEqual(await records.objects(fax), []);
        assert.equal((await records.receipt(fax))?.jws, jws);
        await assert.rejects(
          vault.withKey(fax, async () => undefined),
          refuses('image_wiped'),
        );
        await assert.rejects(collect(vault.read(fax, 'page/1')), refuses('object_missing'));
        await assert.rejects(vault.put(fax, 'page/2', plaintext('late')), refuses('image_wiped'));
        assert.equal(await vault.sweepStrays(), 0);
      },
    );

    withVault('a second wipe, and wipes at the same time, answer the same receipt', async ({ vault, accept }, fax) => {
      await store(vault, fax, 'page/1');
      await accept(fax);
      const all = await Promise.all(Array.from({ length: 8 }, (_, i) => vault.wipe(fax, `reason ${i}`)));
      all.push(await vault.wipe(fax, 'again'));
      assert.equal(new Set(all.map((wiped) => wiped.jws)).size, 1);
      assert.equal(all[8]?.receipt.reason, 'reason 0');
    });

    withVault(
      'sealed inbound: after the own wrap is dropped the key is gone, the ciphertext stays, a wipe still has its receipt',
      async ({ vault, records, accept }, fax) => {
        const stored = await store(vault, fax, 'page/1');
        await accept(fax);
        const dek = (await records.key(fax))?.dek;
        await vault.dropOwnWrap(fax);
        await vault.dropOwnWrap(fax);
        await assert.rejects(
          vault.withKey(fax, async () => undefined),
          refuses('image_wiped'),
        );
        assert.equal((await collect(vault.read(fax, 'page/1'))).length, stored.bytes);
        const { receipt } = await vault.wipe(fax, 'acknowledged');
        assert.equal(receipt.dek, dek);
        assert.deepEqual(receipt.objects, [stored]);
      },
    );

    withVault('a missing or shortened object is noticed', async ({ vault, records }, fax) => {
      await store(vault, fax, 'page/1');
      assert.equal(await vault.intact(fax), true);
      await records.objectStored(fax, { object: 'page/2', bytes: 10, sha256: '00' });
      assert.equal(await vault.intact(fax), false);
    });
  });
}
