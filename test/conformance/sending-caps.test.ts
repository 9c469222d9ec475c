import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FaxError } from '../../gateway/fax/errors.ts';
import type { AccountId, FaxId } from '../../gateway/fax/ids.ts';
import type { AccountPolicy } from '../../gateway/fax/policy.ts';
import { EPOCH, SECOND, T0, type World } from './fax-records-world.ts';
import { twoProcesses } from './two-processes.ts';

const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const NO_CAPS = { faxesPerHour: null, faxesPerDay: null, abroadPerHour: null, abroadPerDay: null };

describe('caps on sending, kept by two processes on one database', () => {
  const worldOf = twoProcesses();
  const accountWith = async (policy: Partial<AccountPolicy>): Promise<AccountId> =>
    (await worldOf(0).account({ ...NO_CAPS, ...policy })).id;

  let keys = 0;
  /** One request with `count` faxes, by one of the processes. */
  const send = async (index: number, account: AccountId, now: number, count = 1, abroad = false): Promise<void> => {
    const world = worldOf(index);
    const key = `key-${keys++}`;
    await world.records.faxes.beginKey(account, key, now);
    const faxes = Array.from({ length: count }, () => world.newFax(account, { abroad }));
    for (const fax of faxes) await upload(world, fax.id, account, now);
    await world.records.faxes.accept(faxes, { key, hash: 'h', answer: 'a' }, now);
  };

  const stored = async (account: AccountId): Promise<number> =>
    (await worldOf(0).records.faxes.faxes({ account, limit: 500 })).items.length;

  const refusedWith = (reason: string, until: string, seconds: number) => (error: unknown) => {
    assert.ok(error instanceof FaxError);
    assert.deepEqual([error.code, error.reason, error.retryAfter], ['cap_reached', reason, seconds]);
    assert.ok(error.message.includes(until), error.message);
    return true;
  };

  test('of many requests at once exactly as many are accepted as the cap allows', async () => {
    const account = await accountWith({ faxesPerHour: 13 });
    const all = await Promise.allSettled(Array.from({ length: 40 }, (_, index) => send(index, account, T0)));
    assert.equal(all.filter(({ status }) => status === 'fulfilled').length, 13);
    for (const one of all) {
      if (one.status === 'rejected') refusedWith('hour', '2026-01-01T01:00:00.000Z', 3_600)(one.reason);
    }
    assert.equal(await stored(account), 13, 'nothing of the others is left');
  });

  test('a request counts with all of its faxes, and is refused as a whole', async () => {
    const account = await accountWith({ faxesPerHour: 5 });
    await send(0, account, T0, 3);
    await assert.rejects(send(1, account, T0, 3), { code: 'cap_reached' });
    await send(1, account, T0, 2);
    await assert.rejects(send(0, account, T0, 1), { code: 'cap_reached' });
    assert.equal(await stored(account), 5);
  });

  test('the next hour of UTC begins anew, the day goes on', async () => {
    const account = await accountWith({ faxesPerHour: 2, faxesPerDay: 3 });
    await send(0, account, T0 + 30 * MINUTE, 2);
    await assert.rejects(send(1, account, T0 + 45 * MINUTE), refusedWith('hour', '2026-01-01T01:00:00.000Z', 15 * 60));
    await send(1, account, T0 + HOUR);
    await assert.rejects(send(0, account, T0 + HOUR), refusedWith('day', '2026-01-02T00:00:00.000Z', 23 * 3_600));
    assert.equal(await stored(account), 3);
  });

  test('calls abroad have caps of their own', async () => {
    const account = await accountWith({ abroadPerHour: 1, abroadPerDay: 1 });
    await send(0, account, T0, 3);
    await send(1, account, T0, 1, true);
    await assert.rejects(send(0, account, T0, 1, true), { code: 'cap_reached', reason: 'day_abroad' });
    await send(1, account, T0, 3);
    assert.equal(await stored(account), 7);
  });

  test('without a cap nothing is refused', async () => {
    const account = await accountWith({});
    await send(0, account, T0, 50, true);
    await send(1, account, T0, 50);
    assert.equal(await stored(account), 100);
  });

  test('a worker whose clock is an hour behind does not open the hour again', async () => {
    const account = await accountWith({ faxesPerHour: 2 });
    await send(0, account, T0 + HOUR, 2);
    await assert.rejects(send(1, account, T0 + HOUR - SECOND), { code: 'cap_reached' });
    await assert.rejects(send(0, account, T0 + HOUR), { code: 'cap_reached' });
  });

  test('a new account has caps abroad', async () => {
    const { policy } = await worldOf(0).account();
    assert.deepEqual([policy.abroadPerHour, policy.abroadPerDay], [100, 500]);
    assert.deepEqual([policy.faxesPerHour, policy.faxesPerDay], [null, null]);
  });
});

/** W0a at `now`. */
async function upload({ records: { vault } }: World, fax: FaxId, account: AccountId, now: number): Promise<void> {
  const key = { fax, account, dek: `dek-${fax}`, epoch: EPOCH, wrapped: new Uint8Array(60).fill(7) };
  await vault.openEpoch(EPOCH, T0);
  assert.ok(await vault.insertKey({ ...key, state: 'uploading', expiresAt: now + MINUTE }));
}
