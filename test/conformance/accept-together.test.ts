import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AccountId, FaxId } from '../../gateway/fax/ids.ts';
import { T0 } from './fax-records-world.ts';
import { twoProcesses } from './two-processes.ts';

const REQUESTS = 40;

describe('requests that are accepted at the same time, by two processes on one database', () => {
  const worldOf = twoProcesses();

  /** W0a to W0c of one request, by one of the processes. */
  const accept = async (index: number, account: AccountId, key = `key-${index}`): Promise<FaxId> => {
    const world = worldOf(index);
    const fax = world.newFax(account);
    assert.deepEqual(await world.records.faxes.beginKey(account, key, T0), { state: 'new' });
    await world.upload([fax]);
    await world.records.faxes.accept([fax], { key, hash: `hash ${index}`, answer: fax.id }, T0);
    return fax.id;
  };

  test('each has its fax, its answer and its place in the ledger, without a gap', async () => {
    const { id } = await worldOf(0).account();
    const faxes = await Promise.all(Array.from({ length: REQUESTS }, (_, index) => accept(index, id)));
    const events = await worldOf(0).records.events.read(id, 0, 1_000);
    assert.deepEqual(
      events.map(({ seq }) => seq),
      Array.from({ length: REQUESTS }, (_, index) => index + 1),
    );
    assert.deepEqual(new Set(events.map(({ fax }) => fax)), new Set(faxes));
    for (const [index, fax] of faxes.entries()) {
      assert.equal((await worldOf(index + 1).records.faxes.fax(fax, id))?.state, 'accepted');
      const known = await worldOf(0).records.faxes.beginKey(id, `key-${index}`, T0);
      assert.deepEqual(known, { state: 'done', hash: `hash ${index}`, answer: fax });
    }
  });

  test('of one key that is taken many times at once, one request is new and all others are running', async () => {
    const { id } = await worldOf(0).account();
    const taken = await Promise.all(
      Array.from({ length: REQUESTS }, (_, index) => worldOf(index).records.faxes.beginKey(id, 'the same', T0)),
    );
    assert.equal(taken.filter(({ state }) => state === 'new').length, 1);
    assert.equal(taken.filter(({ state }) => state === 'running').length, REQUESTS - 1);
  });

  test('a request whose upload has died is refused alone', async () => {
    const { id } = await worldOf(0).account();
    const { faxes } = worldOf(0).records;
    await faxes.beginKey(id, 'dead', T0);
    const dead = faxes.accept([worldOf(0).newFax(id)], { key: 'dead', hash: 'h', answer: '' }, T0);
    const others = Promise.all(Array.from({ length: REQUESTS }, (_, index) => accept(2 * index, id)));
    await assert.rejects(dead, { code: 'image_lost' });
    assert.equal((await others).length, REQUESTS);
    assert.equal(await worldOf(0).records.events.head(id), REQUESTS);
  });

  test('an account with room for a few gets these and no more', async () => {
    const { id } = await worldOf(0).account({ maxQueued: 5 });
    const settled = await Promise.allSettled(Array.from({ length: REQUESTS }, (_, index) => accept(index, id)));
    const refused = settled.flatMap((one) =>
      one.status === 'rejected' ? [(one.reason as { code: string }).code] : [],
    );
    assert.equal(settled.length - refused.length, 5);
    assert.deepEqual([...new Set(refused)], ['too_many_queued']);
    assert.equal(await worldOf(0).records.events.head(id), 5);
  });

  test('accounts that send at the same time do not see each other', async () => {
    const accounts = await Promise.all(Array.from({ length: 4 }, (_, index) => worldOf(index).account()));
    await Promise.all(
      accounts.flatMap(({ id }, which) =>
        Array.from({ length: 10 }, (_, index) => accept(10 * which + index, id, `same ${index}`)),
      ),
    );
    for (const { id } of accounts) assert.equal(await worldOf(0).records.events.head(id), 10);
  });
});
