import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Account } from '../../gateway/fax/account.ts';
import type { FaxId } from '../../gateway/fax/ids.ts';
import type { VaultRecords, WrappedKey } from '../../gateway/ports/vault-records.ts';
import type { Backend } from './fax-records.ts';
import { createWorld, LEASE, make, SECOND, T0, type World } from './fax-records-world.ts';

const wrap = (value: number) => new Uint8Array(60).fill(value);
const HOUR = 3_600 * SECOND;

/** The contract of VaultRecords; every backend passes it. */
export function vaultRecordsConformance(name: string, makeRecords: () => Promise<Backend>): void {
  describe(`VaultRecords on ${name}`, () => {
    let backend: Backend;
    let vault: VaultRecords;
    let world: World;
    let account: Account;
    let lastEpoch = 100;
    before(async () => {
      backend = await makeRecords();
      vault = backend.records.vault;
      world = createWorld(backend.records);
      account = await world.account();
    });
    after(() => backend.stop());

    const epoch = async (): Promise<number> => {
      lastEpoch += 1;
      await vault.openEpoch(lastEpoch, T0);
      return lastEpoch;
    };
    const keyOf = (number: number, change: Partial<WrappedKey> = {}): WrappedKey => ({
      fax: make.fax(),
      account: account.id,
      dek: 'dek',
      epoch: number,
      wrapped: wrap(1),
      state: 'uploading',
      expiresAt: T0 + 600 * SECOND,
      ...change,
    });
    const stored = async (fax: FaxId) => (await vault.key(fax))?.epoch;

    describe('keys', () => {
      test('are kept octet for octet, once a fax', async () => {
        const key = keyOf(await epoch());
        assert.ok(await vault.insertKey(key));
        const found = await vault.key(key.fax);
        assert.deepEqual({ ...found, wrapped: new Uint8Array(found?.wrapped ?? []) }, key);
        await assert.rejects(
          vault.insertKey(key),
          (error: unknown) => (error as { code?: string }).code === 'key_exists',
        );
        assert.equal(await vault.deleteKey(key.fax), true);
        assert.equal(await vault.deleteKey(key.fax), false);
        assert.equal(await vault.key(key.fax), undefined);
      });
      test('go under an open epoch only', async () => {
        const number = await epoch();
        await vault.closeEpoch(number);
        assert.equal(await vault.insertKey(keyOf(number)), false);
        assert.equal(await vault.insertKey(keyOf(9_999)), false);
      });
      test('closing an epoch leaves no writer behind', async () => {
        const number = await epoch();
        const writers = Array.from({ length: 20 }, () => vault.insertKey(keyOf(number)));
        await vault.closeEpoch(number);
        const seen = await vault.keyCountOfEpoch(number);
        const written = (await Promise.all(writers)).filter(Boolean).length;
        assert.equal(seen, written, 'no key came in after closeEpoch had answered');
        assert.equal((await vault.keysOfEpoch(number, 1_000)).length, written);
      });
      test('are wrapped anew if they still hold the octets that were read', async () => {
        const [from, to] = [await epoch(), await epoch()];
        const { fax } = keyOf(from);
        await vault.insertKey(keyOf(from, { fax }));
        await vault.closeEpoch(from);
        assert.equal(await vault.rewrap(fax, from, to, wrap(2), wrap(9)), false, 'other octets');
        assert.equal(await vault.rewrap(fax, to, to, wrap(2), wrap(1)), false, 'another epoch');
        assert.equal(await vault.rewrap(fax, from, 9_999, wrap(2), wrap(1)), false, 'no such epoch');
        assert.equal(await vault.rewrap(fax, from, from, wrap(3), wrap(1)), true, 'a mark in place of the wrap');
        assert.equal(await vault.rewrap(fax, from, to, wrap(2), wrap(1)), false, 'the wrap that was read is gone');
        assert.equal(await vault.rewrap(fax, from, to, wrap(2), wrap(3)), true);
        assert.equal(await stored(fax), to);
      });
      test('a roll that is late does not move a key into an epoch that has closed', async () => {
        const [from, to] = [await epoch(), await epoch()];
        const key = keyOf(from);
        await vault.insertKey(key);
        await vault.closeEpoch(to);
        assert.equal(await vault.rewrap(key.fax, from, to, wrap(2), wrap(1)), false);
        assert.equal(await stored(key.fax), from);
      });
    });

    describe('objects', () => {
      test('are known from before their first byte to their removal', async () => {
        const fax = make.fax();
        await vault.objectWriting(fax, 'doc/0');
        assert.partialDeepStrictEqual(await vault.objects(fax), [{ object: 'doc/0', stored: false }]);
        const object = { object: 'doc/0', bytes: 5_000_000_000, sha256: 'ab' };
        await vault.objectStored(fax, object);
        assert.deepEqual(await vault.objects(fax), [{ ...object, stored: true }]);
        await vault.objectWriting(fax, 'doc/0');
        assert.partialDeepStrictEqual(await vault.objects(fax), [{ stored: false }], 'it is being replaced');
        assert.deepEqual(await vault.hasRows([fax, make.fax()]), new Set([fax]));
        await vault.deleteObject(fax, 'doc/0');
        assert.deepEqual(await vault.objects(fax), []);
        assert.deepEqual(await vault.hasRows([fax]), new Set());
      });
      test('whoever stores one hears what has become of the key', async () => {
        const key = keyOf(await epoch());
        await vault.insertKey(key);
        const object = { object: 'doc/0', bytes: 1, sha256: 'ab' };
        assert.deepEqual(await vault.objectStored(key.fax, object), await vault.key(key.fax));
        await vault.rewrap(key.fax, key.epoch, key.epoch, wrap(9), key.wrapped);
        assert.deepEqual(Uint8Array.from((await vault.objectStored(key.fax, object))?.wrapped ?? []), wrap(9));
        assert.equal(await vault.objectStored(make.fax(), object), undefined);
      });
      test('discard removes an upload whole, and never an accepted fax', async () => {
        const key = keyOf(await epoch());
        await vault.insertKey(key);
        await vault.objectWriting(key.fax, 'doc/0');
        await vault.addIntent(key.fax, 'upload', T0);
        await vault.discard(key.fax);
        await vault.discard(key.fax);
        assert.deepEqual(await vault.hasRows([key.fax]), new Set());
        assert.ok(!(await vault.intents(T0, 1_000)).some(({ fax }) => fax === key.fax));
        const accepted = await world.accepted(account.id);
        await vault.discard(accepted);
        assert.equal((await vault.key(accepted))?.state, 'live');
      });
      test('an upload is either discarded or accepted, whoever comes first', async () => {
        for (let round = 0; round < 10; round++) {
          const fax = world.newFax(account.id);
          await world.upload([fax]);
          await backend.records.faxes.beginKey(account.id, fax.id, T0);
          const answer = { key: fax.id, hash: 'h', answer: 'a' };
          const [accepted] = await Promise.allSettled([
            backend.records.faxes.accept([fax], answer, T0),
            vault.discard(fax.id),
          ]);
          const exists = (await backend.records.faxes.fax(fax.id)) !== undefined;
          assert.equal(exists, accepted?.status === 'fulfilled');
          assert.equal((await vault.key(fax.id)) !== undefined, exists);
        }
      });
    });

    describe('wiping', () => {
      test('intents: the first reason stays, old ones are found', async () => {
        const fax = make.fax();
        await vault.addIntent(fax, 'first', T0 + 10);
        await vault.addIntent(fax, 'second', T0 + 20);
        const find = async (olderThan: number) =>
          (await vault.intents(olderThan, 1_000)).filter((one) => one.fax === fax);
        assert.deepEqual(await find(T0 + 9), []);
        assert.deepEqual(await find(T0 + 10), [{ fax, reason: 'first', since: T0 + 10 }]);
      });
      test('a receipt ends key, objects and intent and stands in the CDRs', async () => {
        const fax = await world.queued(account.id);
        await backend.records.faxes.cancel(fax, account.id, T0);
        await vault.objectStored(fax, { object: 'page/1', bytes: 1, sha256: 'a' });
        const head = await backend.records.events.head(account.id);
        await vault.storeReceipt(fax, 1, 'jws-1', T0);
        assert.deepEqual(await vault.hasRows([fax]), new Set());
        assert.ok(!(await vault.intents(T0, 1_000)).some((one) => one.fax === fax));
        assert.deepEqual(await vault.receipt(fax), { jws: 'jws-1', epoch: 1, epochJws: null });
        const cdr = (await backend.records.faxes.cdrs({ fax, limit: 1 })).items[0];
        assert.equal(cdr?.receipt, 'jws-1');
        assert.equal((await world.get(fax)).imageExists, false);
        assert.equal((await world.get(fax)).state, 'canceled');
        const [event] = await backend.records.events.read(account.id, head, 5);
        assert.partialDeepStrictEqual(event, { type: 'fax.wiped', fax });
        const [entry] = await backend.records.accounts.auditLog({ account: account.id, limit: 1 });
        assert.partialDeepStrictEqual(entry, { action: 'fax.wipe', object: fax });
      });
      test('of many receipts over one image the first stays, with one event', async () => {
        const fax = await world.queued(account.id);
        await backend.records.faxes.cancel(fax, account.id, T0);
        const head = await backend.records.events.head(account.id);
        await Promise.all(Array.from({ length: 10 }, (_, index) => vault.storeReceipt(fax, 1, `jws-${index}`, T0)));
        const first = await vault.receipt(fax);
        await vault.storeReceipt(fax, 1, 'later', T0);
        assert.deepEqual(await vault.receipt(fax), first);
        assert.equal((await backend.records.events.read(account.id, head, 20)).length, 1);
      });
      test('a CDR that comes after the wipe carries the receipt, too', async () => {
        const fax = await world.queued(account.id);
        await vault.storeReceipt(fax, 1, 'early', T0);
        await backend.records.faxes.cancel(fax, account.id, T0);
        assert.equal((await backend.records.faxes.cdrs({ fax, limit: 1 })).items[0]?.receipt, 'early');
      });
      test('a received fax becomes wiped', async () => {
        const fax = await world.received(account.id);
        await vault.storeReceipt(fax, 1, 'jws', T0);
        assert.partialDeepStrictEqual(await world.get(fax), { state: 'wiped', imageExists: false });
      });
      test('an image without a fax has its receipt, without an event', async () => {
        const key = keyOf(await epoch());
        await vault.insertKey(key);
        await vault.storeReceipt(key.fax, key.epoch, 'jws', T0);
        assert.equal((await vault.receipt(key.fax))?.jws, 'jws');
        assert.equal(await vault.key(key.fax), undefined);
      });
    });

    describe('epochs', () => {
      test('go from open over closing to destroyed', async () => {
        const number = await epoch();
        await vault.openEpoch(number, T0 + 5);
        const row = async () => (await vault.epochs()).find((one) => one.number === number);
        assert.deepEqual(await row(), { number, state: 'open', openedAt: T0, destroyedAt: null });
        await vault.closeEpoch(number);
        assert.equal((await row())?.state, 'closing');
        await vault.destroyEpoch(number, null, T0 + 9);
        await vault.closeEpoch(number);
        await vault.openEpoch(number, T0 + 10);
        assert.deepEqual(await row(), { number, state: 'destroyed', openedAt: T0, destroyedAt: T0 + 9 });
      });
      test('are not destroyed while a key hangs on them', async () => {
        const key = keyOf(await epoch());
        await vault.insertKey(key);
        await vault.closeEpoch(key.epoch);
        const destroyed = vault.destroyEpoch(key.epoch, 'jws', T0);
        await assert.rejects(destroyed, (error: unknown) => (error as { code?: string }).code === 'epoch_in_use');
        assert.equal((await vault.epochs()).find((one) => one.number === key.epoch)?.state, 'closing');
      });
      test('their end puts the second receipt beside each first one and into the CDRs', async () => {
        const number = await epoch();
        const faxes = [await world.queued(account.id), await world.queued(account.id)].sort();
        for (const fax of faxes) {
          await backend.records.faxes.cancel(fax, account.id, T0);
          await vault.storeReceipt(fax, number, `jws-${fax}`, T0);
        }
        assert.deepEqual(
          await vault.receiptsOfEpoch(number),
          faxes.map((fax) => ({ fax, jws: `jws-${fax}` })),
        );
        await vault.closeEpoch(number);
        await vault.destroyEpoch(number, 'epoch-jws', T0);
        await vault.destroyEpoch(number, 'again', T0);
        for (const fax of faxes) {
          assert.deepEqual(await vault.receipt(fax), { jws: `jws-${fax}`, epoch: number, epochJws: 'epoch-jws' });
          const [cdr] = (await backend.records.faxes.cdrs({ fax, limit: 1 })).items;
          assert.partialDeepStrictEqual(cdr, { receipt: `jws-${fax}`, epochReceipt: 'epoch-jws' });
        }
      });
    });

    describe('sweepers', () => {
      test('find uploads past their expiry, never accepted faxes', async () => {
        const key = keyOf(await epoch());
        await vault.insertKey(key);
        const accepted = await world.accepted(account.id);
        assert.ok(!(await vault.expiredUploads(T0 + 600 * SECOND - 1, 1_000)).includes(key.fax));
        await vault.renewUploads([key.fax], T0 + 700 * SECOND);
        assert.ok(!(await vault.expiredUploads(T0 + 600 * SECOND, 1_000)).includes(key.fax), 'renewed');
        const found = await vault.expiredUploads(T0 + 700 * SECOND, 1_000);
        assert.ok(found.includes(key.fax) && !found.includes(accepted));
      });
      test('find keys whose epoch has none', async () => {
        const [lost, kept] = [keyOf(await epoch()), keyOf(await epoch())];
        await vault.insertKey(lost);
        await vault.insertKey(kept);
        const others = (await vault.epochs()).map((row) => row.number).filter((number) => number !== lost.epoch);
        assert.deepEqual(await vault.keysOutside(others, 1_000), [lost.fax]);
        assert.ok((await vault.keysOutside([], 1_000)).includes(kept.fax));
      });
      test('find images past their hold, until someone has asked for the wipe', async () => {
        const received = await world.received(account.id, { inboundHold: 60 });
        const uncertain = await world.queued(account.id);
        await world.uncertain(uncertain);
        const live = await world.queued(account.id);
        const mine = [received, uncertain, live];
        const find = async (now: number) =>
          (await vault.overdueImages(now, 24 * HOUR, 1_000)).filter(({ fax }) => mine.includes(fax));
        assert.deepEqual(await find(T0 + 60 * SECOND - 1), []);
        assert.deepEqual(await find(T0 + 60 * SECOND), [{ fax: received, reason: 'hold_expired' }]);
        await vault.addIntent(received, 'hold_expired', T0);
        assert.deepEqual(await find(T0 + 901 * SECOND), [{ fax: uncertain, reason: 'uncertain_expired' }]);
        await vault.addIntent(uncertain, 'uncertain_expired', T0);
        assert.deepEqual(await find(T0 + 24 * HOUR - 1), []);
        assert.deepEqual(await find(T0 + 24 * HOUR), [{ fax: live, reason: 'absolute_life' }]);
      });
      test('inbound_hold 0: an image that nobody took dies with the call', async () => {
        const fax = await world.received(account.id, { inboundHold: 0 });
        assert.ok((await vault.intents(T0, 1_000)).some((one) => one.fax === fax));
        const user = make.user();
        assert.notEqual((await backend.records.faxes.leaseNext(account.id, user, LEASE, T0))?.id, fax);
      });
    });
  });
}
