import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Fax } from '../../../gateway/fax/fax.ts';
import type { FaxId } from '../../../gateway/fax/ids.ts';
import type { FaxRecords } from '../../../gateway/ports/fax-records.ts';
import { createImageLoss, createRetention } from '../../../gateway/retention/index.ts';
import { createEpochRoll, createMemoryStore } from '../../../gateway/vault/index.ts';
import { ACCOUNT, filesBelow, makeSetting, newFax, storeFax } from '../vault/setting.ts';

type State = Pick<Fax, 'state' | 'direction'>;

/** Fax rows as far as the retention sees them. `held`: a worker holds a lease. */
class Faxes {
  readonly rows = new Map<FaxId, State>();
  readonly held = new Set<FaxId>();
  readonly ended: string[] = [];
  readonly port: Pick<FaxRecords, 'fax' | 'endUncalled'> = {
    fax: async (id) => {
      const row = this.rows.get(id);
      return row === undefined ? undefined : ({ id, ...row } as Fax);
    },
    endUncalled: async (id, _fence, state, cause) => {
      if (this.held.has(id)) return false;
      this.rows.set(id, { state, direction: 'outbound' });
      this.ended.push(`${id} ${cause}`);
      return true;
    },
  };
}

async function makeRetention(store = createMemoryStore()) {
  const setting = await makeSetting(store);
  const faxes = new Faxes();
  const { clock, notes, records, vault } = setting;
  const common = { vault, records, faxes: faxes.port, clock, log: notes.log, metrics: notes.metrics };
  const imageLost = createImageLoss(common);
  const rolling = () => createEpochRoll({ ...common, store, receiptKey: setting.key, imageLost });
  const epochRoll = rolling();
  const retention = createRetention({ ...common, epochRoll });
  /** The retention of one more process on the same records and keys. */
  const another = () => createRetention({ ...common, epochRoll: rolling() });
  return { ...setting, faxes, epochRoll, retention, another };
}

const NOTHING = {
  wipe_intent: 0,
  lost_key: 0,
  overdue_image: 0,
  expired_upload: 0,
  stray_blob: 0,
  overdue_epoch: 0,
};
/** Lets timers' work run to its end: it does real file work. */
const settle = async (done: () => boolean) => {
  while (!done()) await new Promise(setImmediate);
};

describe('the sweepers', () => {
  test('find nothing where nothing is wrong, and say nothing', async () => {
    const it = await makeRetention();
    const fax = await storeFax(it, ['page/1']);
    it.faxes.rows.set(fax, { state: 'queued', direction: 'outbound' });
    assert.deepEqual(await it.retention.sweepOnce(), NOTHING);
    assert.equal(it.notes.lines.length, 0);
    await it.end();
  });

  test('wipe what an intent older than 5 s asks for, once, with its reason and an alert', async () => {
    const it = await makeRetention();
    const fax = await storeFax(it, ['page/1']);
    await it.records.addIntent(fax, 'delivered', it.clock.at);
    assert.equal((await it.retention.sweepOnce()).wipe_intent, 0);
    it.clock.forward(5_000);
    assert.equal((await it.retention.sweepOnce()).wipe_intent, 1);
    assert.equal((await it.vault.wipe(fax, 'x')).receipt.reason, 'delivered');
    assert.deepEqual(await it.retention.sweepOnce(), NOTHING);
    assert.equal(it.notes.counts.get('sweeper_found wipe_intent'), 1);
    assert.ok(it.notes.lines.some(({ level, fields }) => level === 'warn' && fields.alert === 'sweeper_found'));
    await it.end();
  });

  test('discard uploads of which nothing was heard for two minutes', async () => {
    const it = await makeRetention();
    const fax = newFax();
    await it.vault.open(fax, ACCOUNT);
    it.clock.forward(119_999);
    assert.equal((await it.retention.sweepOnce()).expired_upload, 0);
    it.clock.forward(1);
    assert.equal((await it.retention.sweepOnce()).expired_upload, 1);
    assert.equal(it.records.keys.size, 0);
    await it.end();
  });

  test('remove files that no row owns', async () => {
    const it = await makeRetention();
    const stray = newFax();
    await mkdir(join(it.directory, stray));
    await writeFile(join(it.directory, stray, 'page-1.sfv'), 'x');
    assert.equal((await it.retention.sweepOnce()).stray_blob, 1);
    assert.deepEqual(await filesBelow(it.directory), []);
    await it.end();
  });

  test('wipe an image past its hold or decision time', async () => {
    const it = await makeRetention();
    const fax = await storeFax(it, ['page/1']);
    it.faxes.rows.set(fax, { state: 'uncertain', direction: 'outbound' });
    it.records.overdue = [{ fax, reason: 'uncertain_expired' }];
    assert.equal((await it.retention.sweepOnce()).overdue_image, 1);
    assert.equal((await it.vault.wipe(fax, 'x')).receipt.reason, 'uncertain_expired');
    assert.deepEqual(it.faxes.ended, []);
    await it.end();
  });

  test('end an unfinished fax before its image dies of age, but not under a live call', async () => {
    const it = await makeRetention();
    const fax = await storeFax(it, ['page/1']);
    it.faxes.rows.set(fax, { state: 'queued', direction: 'outbound' });
    it.records.overdue = [{ fax, reason: 'absolute_life' }];
    it.faxes.held.add(fax);
    assert.equal((await it.retention.sweepOnce()).overdue_image, 0);
    assert.equal(it.records.keys.size, 1);
    it.faxes.held.clear();
    assert.equal((await it.retention.sweepOnce()).overdue_image, 1);
    assert.deepEqual(it.faxes.ended, [`${fax} deadline_passed`]);
    assert.equal(it.records.keys.size, 0);
    await it.end();
  });

  test('end faxes whose key epoch is gone as image_lost, and wipe the rest of them', async () => {
    const it = await makeRetention();
    const [queued, received, ringing, upload] = [
      await storeFax(it, ['page/1']),
      await storeFax(it, ['page/1']),
      await storeFax(it, ['page/1']),
      newFax(),
    ];
    await it.vault.open(upload, ACCOUNT);
    it.faxes.rows.set(queued, { state: 'queued', direction: 'outbound' });
    it.faxes.rows.set(received, { state: 'received', direction: 'inbound' });
    it.faxes.rows.set(ringing, { state: 'receiving', direction: 'inbound' });
    await it.store.destroy(1);
    assert.equal((await it.retention.sweepOnce()).lost_key, 4);
    assert.deepEqual(it.faxes.ended, [`${queued} image_lost`]);
    assert.deepEqual([...it.records.keys.keys()], [ringing]);
    assert.deepEqual([...it.records.receipts.keys()].sort(), [queued, received].sort());
    await it.end();
  });

  test('roll an epoch that should have rolled a minute ago', async () => {
    const it = await makeRetention();
    it.clock.forward(660_000);
    assert.equal((await it.retention.sweepOnce()).overdue_epoch, 0);
    it.clock.forward(1);
    assert.equal((await it.retention.sweepOnce()).overdue_epoch, 1);
    assert.equal(it.records.epochRows.get(1)?.state, 'destroyed');
    await it.end();
  });

  test('go on when one of them, or one item of one, fails', async () => {
    const it = await makeRetention();
    const [bad, good] = [await storeFax(it, ['page/1']), await storeFax(it, ['page/1'])];
    for (const fax of [bad, good]) await it.records.addIntent(fax, 'delivered', 0);
    const store = it.records.storeReceipt.bind(it.records);
    it.records.storeReceipt = async (fax, ...rest) => {
      if (fax === bad) throw new Error('secret detail');
      await store(fax, ...rest);
    };
    const upload = newFax();
    await it.vault.open(upload, ACCOUNT);
    it.clock.forward(600_000);
    const found = await it.retention.sweepOnce();
    assert.equal(found.expired_upload, 1);
    assert.equal(it.records.receipts.has(good), true);
    assert.equal(it.notes.counts.get('sweeper_failed wipe_intent'), 1);
    assert.equal(JSON.stringify(it.notes.lines).includes('secret'), false);
    it.records.storeReceipt = store;
    assert.equal((await it.retention.sweepOnce()).wipe_intent, 1);
    await it.end();
  });
});

describe('the retention', () => {
  test('starts in order: epochs, reconcile, sweep, and only then returns', async () => {
    const it = await makeRetention();
    const fax = await storeFax(it, ['page/1']);
    await it.records.addIntent(fax, 'delivered', it.clock.at);
    const order: string[] = [];
    await it.retention.start(async () => {
      order.push(`reconcile: ${(await it.store.load()).length} epoch, ${it.records.receipts.size} receipts`);
    });
    order.push(`started: ${it.records.receipts.size} receipts`);
    assert.deepEqual(order, ['reconcile: 1 epoch, 0 receipts', 'started: 1 receipts']);
    await it.retention.stop();
    await it.end();
  });

  test('sweeps every 5 s and rolls every 10 minutes until it is stopped', async () => {
    const it = await makeRetention();
    await it.retention.start(async () => undefined);
    const fax = await storeFax(it, ['page/1']);
    await it.records.addIntent(fax, 'delivered', it.clock.at);
    it.clock.forward(5_000);
    await settle(() => it.records.receipts.has(fax) && it.clock.timers === 2);
    it.clock.forward(595_000);
    await settle(() => it.records.epochRows.get(1)?.state === 'destroyed' && it.clock.timers === 2);
    await it.retention.stop();
    assert.equal(it.clock.timers, 0);
    assert.deepEqual(await it.store.load(), []);
    await it.end();
  });

  test('rolls an epoch of an earlier life when its ten minutes are over, not ten minutes after the start', async () => {
    const it = await makeRetention();
    it.clock.forward(540_000);
    await it.retention.start(async () => undefined);
    assert.equal(it.records.epochRows.get(1)?.state, 'open');
    it.clock.forward(60_000);
    await settle(() => it.records.epochRows.get(1)?.state === 'destroyed');
    await it.retention.stop();
    await it.end();
  });

  test('of several processes rolls in one, and an epoch lives for its ten minutes', async () => {
    const it = await makeRetention();
    const others = [it.another(), it.another()];
    for (const one of [it.retention, ...others]) await one.start(async () => undefined);
    const newest = () => Math.max(...it.records.epochRows.keys());
    for (const epoch of [2, 3]) {
      it.clock.forward(300_000);
      await settle(() => it.clock.timers === 6);
      assert.equal(newest(), epoch - 1);
      it.clock.forward(300_000);
      await settle(() => it.clock.timers === 6);
      assert.equal(newest(), epoch);
      assert.equal(it.records.epochRows.get(epoch - 1)?.state, 'destroyed');
    }
    for (const one of [it.retention, ...others]) await one.stop();
    await it.end();
  });

  test('leaves an epoch alone that another process opened meanwhile, until its own ten minutes are over', async () => {
    const it = await makeRetention();
    await it.retention.start(async () => undefined);
    it.clock.forward(300_000);
    await settle(() => it.clock.timers === 2);
    await it.epochRoll.roll();
    it.clock.forward(300_000);
    await settle(() => it.clock.timers === 2);
    assert.deepEqual([...it.records.epochRows.keys()], [1, 2]);
    it.clock.forward(300_000);
    await settle(() => it.records.epochRows.get(2)?.state === 'destroyed' && it.clock.timers === 2);
    assert.deepEqual([...it.records.epochRows.keys()], [1, 2, 3]);
    await it.retention.stop();
    await it.end();
  });

  test('finishes a roll that failed half-way half a minute later, although the new epoch is young', async () => {
    const it = await makeRetention();
    await it.retention.start(async () => undefined);
    const destroyEpoch = it.records.destroyEpoch.bind(it.records);
    it.records.destroyEpoch = () => Promise.reject(new Error('connection lost'));
    it.clock.forward(600_000);
    await settle(() => it.notes.counts.get('epoch_rolls_failed') === 1 && it.clock.timers === 2);
    assert.equal(it.records.epochRows.get(1)?.state, 'closing');
    it.records.destroyEpoch = destroyEpoch;
    it.clock.forward(30_000);
    await settle(() => it.records.epochRows.get(1)?.state === 'destroyed');
    await settle(() => it.clock.timers === 2);
    await it.retention.stop();
    await it.end();
  });

  test('wipes at once, and leaves a failure to the sweeper', async () => {
    const it = await makeRetention();
    const fax = await storeFax(it, ['page/1']);
    await it.records.addIntent(fax, 'delivered', it.clock.at);
    const store = it.records.storeReceipt.bind(it.records);
    it.records.storeReceipt = () => Promise.reject(new Error('connection lost'));
    await it.retention.wipe(fax);
    assert.equal(it.records.receipts.size, 0);
    it.records.storeReceipt = store;
    it.clock.forward(5_000);
    assert.equal((await it.retention.sweepOnce()).wipe_intent, 1);
    await it.end();
  });
});
