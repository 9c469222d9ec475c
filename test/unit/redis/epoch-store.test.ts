import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { newKey } from '../../../crypto/index.ts';
import type { Clock } from '../../../gateway/ports/clock.ts';
import type { EpochKeyStore, EpochRoll, ImageVault } from '../../../gateway/ports/image-vault.ts';
import { connectRedis, createRedisEpochs, type Redis } from '../../../gateway/redis/index.ts';
import { createEpochRoll } from '../../../gateway/vault/index.ts';
import { systemClock } from '../../../ops/system-clock.ts';
import { silentLog } from '../../postgres.ts';
import { redisMissing, startTestRedis, type TestRedis } from '../../servers/redis.ts';
import { MemoryVaultRecords } from '../vault/memory-records.ts';
import { HandClock, Notes, receiptKey } from '../vault/setting.ts';

const skip = (await redisMissing({ own: true })) ?? false;

describe('key epochs that several gateways share', { skip, timeout: 60_000 }, () => {
  let server: TestRedis;
  let records: MemoryVaultRecords;
  let redis: Redis;
  const rootKey = newKey();
  const ends: (() => Promise<void>)[] = [];

  before(async () => {
    server = await startTestRedis([], { own: true });
  });
  beforeEach(async () => {
    await server.command('FLUSHALL');
    records = new MemoryVaultRecords();
    redis = connection();
  });
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });
  after(() => server.stop());

  const connection = (): Redis => {
    const made = connectRedis({ url: server.url, log: silentLog });
    ends.push(() => made.close());
    return made;
  };
  /** The store of one more gateway. Its clock stands still unless it is given one: then it looks when the test says so. */
  const gateway = async (parts: { key?: Uint8Array; clock?: Clock } = {}): Promise<EpochKeyStore> => {
    const { key = rootKey, clock = new HandClock() } = parts;
    const store = await createRedisEpochs({ redis: connection(), rootKey: key, records, clock, log: silentLog });
    ends.unshift(() => store.close());
    return store;
  };
  const rollOf = async (store: EpochKeyStore, lost: string[] = []): Promise<EpochRoll> => {
    const { log, metrics } = new Notes();
    const vault: Pick<ImageVault, 'wipe' | 'intact'> = { wipe: async () => assert.fail(), intact: async () => true };
    const imageLost = async (fax: string) => void lost.push(fax);
    const common = { records, store, vault, imageLost, clock: systemClock, log, metrics };
    return createEpochRoll({ ...common, receiptKey: await receiptKey() });
  };
  const stored = async (): Promise<number[]> => {
    const fields = await redis.ask('HKEYS', redis.key('epochs'));
    const numbers = Array.isArray(fields) ? fields.map((field) => Number(String(field))) : [];
    return numbers.filter((number) => number > 0).sort((a, b) => a - b);
  };
  const until = async (isSo: () => boolean | Promise<boolean>) => {
    while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve));
  };
  const openEpoch = async (store: EpochKeyStore, number: number) => {
    const { kek } = await store.create(number, number);
    await records.openEpoch(number, number);
    return kek.slice();
  };

  test('what one gateway makes every other finds, and in Redis it is sealed', async () => {
    const [a, b] = [await gateway(), await gateway()];
    const kek = await openEpoch(a, 1);
    assert.deepEqual((await b.get(1))?.kek, kek);
    assert.deepEqual((await b.create(1, 9)).kek, kek);
    assert.deepEqual(
      (await (await gateway()).load()).map((epoch) => epoch.openedAt),
      [1],
    );
    const value = await redis.ask('HGET', redis.key('epochs'), '1');
    assert.ok(Buffer.isBuffer(value) && value.length > 60 && value.indexOf(kek) === -1);
  });

  test('of gateways that make one epoch at the same time all have the same key', async () => {
    const stores = await Promise.all([gateway(), gateway(), gateway()]);
    const keys = await Promise.all(stores.map(async (store) => (await store.create(1, 1)).kek));
    assert.deepEqual(keys[0], keys[1]);
    assert.deepEqual(keys[0], keys[2]);
  });

  test('a destruction zeroes the copies of all', async () => {
    const [a, b] = [await gateway(), await gateway()];
    await openEpoch(a, 1);
    const theirs = (await b.get(1)) ?? assert.fail();
    await a.destroy(1);
    await until(() => theirs.kek.every((octet) => octet === 0));
    assert.equal(await b.get(1), undefined);
    assert.equal(await b.destroyed?.(1), true);
    assert.equal(await b.destroyed?.(2), false);
    assert.deepEqual(await stored(), []);
  });

  test('a message that was lost is made up for by the next look', async () => {
    const clock = new HandClock();
    const [a, b] = [await gateway(), await gateway({ clock })];
    await openEpoch(a, 1);
    const theirs = (await b.get(1)) ?? assert.fail();
    await redis.ask('HDEL', redis.key('epochs'), '1');
    assert.ok(theirs.kek.some((octet) => octet !== 0));
    clock.forward(2_000);
    await until(() => theirs.kek.every((octet) => octet === 0));
  });

  test('another root key opens nothing, and says so', async () => {
    await openEpoch(await gateway(), 1);
    const stranger = await gateway({ key: newKey() });
    assert.deepEqual(await stranger.load(), []);
    await assert.rejects(stranger.create(1, 1), { code: 'key_store' });
  });

  test('a flush loses no key: whoever has it puts it back', async () => {
    const clocks = [new HandClock(), new HandClock()];
    const [a, b] = await Promise.all(clocks.map((clock) => gateway({ clock })));
    assert.ok(a && b);
    const keys = [await openEpoch(a, 1), await openEpoch(a, 2)];
    await b.load();
    await server.command('FLUSHALL');
    for (const clock of clocks) clock.forward(2_000);
    await until(async () => (await stored()).length === 2);
    const late = await gateway();
    assert.deepEqual([(await late.get(1))?.kek, (await late.get(2))?.kek], keys);
  });

  test('a killed Redis that comes back empty is filled again, and meanwhile keys serve', async () => {
    const clock = new HandClock();
    const a = await gateway({ clock });
    const kek = await openEpoch(a, 1);
    await server.kill();
    assert.deepEqual((await a.get(1))?.kek, kek);
    assert.deepEqual(
      (await a.load()).map((epoch) => epoch.number),
      [1],
    );
    await assert.rejects(a.get(2), { code: 'epoch_unavailable' });
    await server.restart();
    await until(async () => (await stored().catch(() => [])).length === 1);
    assert.deepEqual((await (await gateway()).get(1))?.kek, kek);
  });

  test('a missing key is waited for while others may still have it, and lost when nobody had', async () => {
    const [clock, late] = [new HandClock(), new HandClock()];
    const a = await gateway({ clock });
    const kek = await openEpoch(a, 1);
    await records.openEpoch(2, 2);
    await redis.ask('DEL', redis.key('epochs'));
    const b = await gateway({ clock: late });
    let found: unknown = 'nothing yet';
    const asked = Promise.all([b.get(1), b.get(2)]).then((answers) => {
      found = answers;
    });
    // The newcomer has seen that keys are missing, and holds none itself.
    await until(async () => (await redis.ask('EXISTS', redis.key('epochs-filling'))) === 1);
    late.forward(1_000);
    assert.equal(found, 'nothing yet');
    clock.forward(2_000);
    await until(async () => (await stored()).length === 1);
    await redis.ask('DEL', redis.key('epochs-filling'));
    while (found === 'nothing yet') {
      late.forward(250);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await asked;
    assert.deepEqual(found, [await b.get(1), undefined]);
    assert.deepEqual((await b.get(1))?.kek, kek);
  });

  test('a flush in the middle of a roll: the destroyed epoch does not come back, the living one does', async () => {
    const clock = new HandClock();
    const [a, b] = [await gateway(), await gateway({ clock })];
    const roll = await rollOf(a);
    await roll.start();
    const old = (await b.get(1)) ?? assert.fail();
    // Between the destruction of the key and the transaction that says so: all is lost, and the other one notices.
    const destroyEpoch = records.destroyEpoch.bind(records);
    records.destroyEpoch = async (number, jws, now) => {
      await server.command('FLUSHALL');
      clock.forward(2_000);
      await until(() => records.waiting('epoch-keys'));
      assert.deepEqual(await stored(), [], 'nothing is put back while the roll goes on');
      await destroyEpoch(number, jws, now);
    };
    await roll.roll();
    await until(async () => (await stored()).length === 1);
    assert.deepEqual(await stored(), [2]);
    assert.ok(old.kek.every((octet) => octet === 0));
    assert.equal(records.epochRows.get(1)?.state, 'destroyed');
  });

  test('a roll that died after the destruction: nobody puts the key back, and another one finishes with a receipt', async () => {
    const clock = new HandClock();
    const [a, b] = [await gateway(), await gateway({ clock })];
    const roll = await rollOf(a);
    await roll.start();
    await b.load();
    records.receipts.set('fax_1' as never, { jws: 'e30.e30.e30', epoch: 1, epochJws: null });
    const destroyEpoch = records.destroyEpoch.bind(records);
    records.destroyEpoch = () => Promise.reject(new Error('killed'));
    await assert.rejects(roll.roll(), /killed/);
    records.destroyEpoch = destroyEpoch;
    assert.equal(records.epochRows.get(1)?.state, 'closing');
    await redis.ask('HDEL', redis.key('epochs'), 'generation');
    clock.forward(2_000);
    await until(async () => (await redis.ask('HEXISTS', redis.key('epochs'), 'generation')) === 1);
    assert.deepEqual(await stored(), [2]);
    const receipt = await (await rollOf(b)).roll();
    assert.equal(receipt?.faxes, 1);
    assert.equal(records.epochRows.get(1)?.state, 'destroyed');
  });

  test('of several gateways that roll at once one does; none takes the epochs along when it stops', async () => {
    const stores = await Promise.all([gateway(), gateway(), gateway()]);
    const rolls = await Promise.all(stores.map((store) => rollOf(store)));
    await Promise.all(rolls.map((roll) => roll.start()));
    assert.deepEqual(await stored(), [1]);
    await Promise.all(rolls.map((roll) => roll.roll()));
    assert.deepEqual(await stored(), [2]);
    await Promise.all(rolls.map((roll) => roll.stop()));
    assert.deepEqual(await stored(), [2]);
  });

  test('without Redis the records say what was destroyed; without both nothing is kept for longer than a minute', async () => {
    const clock = new HandClock();
    const a = await gateway({ clock });
    await openEpoch(a, 1);
    await openEpoch(a, 2);
    const [one, two] = [await a.get(1), await a.get(2)];
    assert.ok(one && two);
    await server.kill();
    records.epochRows.set(1, { number: 1, state: 'destroyed', openedAt: 1, destroyedAt: 2 });
    const passes = async (key: Uint8Array) => {
      while (key.some((octet) => octet !== 0)) {
        clock.forward(2_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await passes(one.kek);
    assert.ok(
      two.kek.some((octet) => octet !== 0),
      'a living one stays for as long as the records answer',
    );
    records.epochs = () => Promise.reject(new Error('away'));
    const from = clock.now();
    await passes(two.kek);
    assert.ok(clock.now() - from >= 58_000);
    await server.restart();
  });
});
