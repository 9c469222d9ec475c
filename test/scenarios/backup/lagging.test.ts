import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { sealObject } from '../../../crypto/index.ts';
import { createRecords, type Records } from '../../../gateway/records/index.ts';
import { createImageLoss, createRetention, type Retention } from '../../../gateway/retention/index.ts';
import { createEpochRoll, createFileVault, createMemoryStore } from '../../../gateway/vault/index.ts';
import { createWorld, T0 } from '../../conformance/fax-records-world.ts';
import { silentLog, startTestPostgres, type TestPostgres } from '../../postgres.ts';
import { HandClock, Notes, plaintext, receiptKey } from '../../unit/vault/setting.ts';

describe('a database that is behind the key epochs', () => {
  let postgres: TestPostgres;
  let records: Records;
  let directory: string;
  before(async () => {
    postgres = await startTestPostgres();
    records = createRecords({ pool: postgres.pool(), log: silentLog });
    await records.migrate();
    directory = await mkdtemp(join(tmpdir(), 'vault-lagging-'));
  });
  after(async () => {
    await records.close();
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  });

  test('a fax whose epoch was destroyed before the failover ends as image_lost, is wiped, and nothing goes round in circles', async () => {
    const store = createMemoryStore();
    const notes = new Notes();
    const shared = { receiptKey: await receiptKey(), clock: new HandClock(), log: silentLog, metrics: notes.metrics };
    const vault = createFileVault({ ...shared, records: records.vault, directory, epochs: store });
    const imageLost = createImageLoss({ ...shared, records: records.vault, vault, faxes: records.faxes });
    const start = async (): Promise<Retention> => {
      const roll = createEpochRoll({ ...shared, records: records.vault, store, vault, imageLost });
      const retention = createRetention({
        ...shared,
        records: records.vault,
        vault,
        epochRoll: roll,
        faxes: records.faxes,
      });
      await retention.start(async () => undefined);
      return retention;
    };
    const first = await start();
    const world = createWorld(records);
    const { id: account } = await world.account();
    const fax = world.newFax(account);
    const dek = await vault.open(fax.id, account);
    await vault.put(fax.id, 'doc/0', sealObject(dek, { fax: fax.id, object: 'doc/0' }, plaintext('document')));
    await records.faxes.beginKey(account, 'k', T0);
    await records.faxes.accept([fax], { key: 'k', hash: 'h', answer: '{}' }, T0);

    // The standby has heard of nothing after this moment; the primary's gateway rolls its epoch and destroys the old key.
    const pool = postgres.pool();
    const behind = await pool.query('select fax, epoch, wrapped from vault_keys');
    const epochs = await pool.query(`select number from epochs where state = 'open'`);
    const roll = createEpochRoll({ ...shared, records: records.vault, store, vault, imageLost });
    await roll.roll();
    assert.equal(await store.get(Number(epochs.rows[0].number)), undefined, 'the old key is gone for good');
    await first.stop().catch(() => undefined);
    await pool.query(
      'delete from epochs where number > $1 and not exists (select 1 from vault_keys k where k.epoch = number)',
      [epochs.rows[0].number],
    );
    await pool.query(`update epochs set state = 'open', destroyed_at = null where number = $1`, [
      epochs.rows[0].number,
    ]);
    for (const row of behind.rows) {
      await pool.query('update vault_keys set epoch = $2, wrapped = $3 where fax = $1', [
        row.fax,
        row.epoch,
        row.wrapped,
      ]);
    }
    await pool.query('delete from epochs where number > $1', [epochs.rows[0].number]);

    const second = await start();
    const ended = await records.faxes.fax(fax.id);
    assert.deepEqual([ended?.state, ended?.cause, ended?.imageExists], ['failed', 'image_lost', false]);
    assert.ok(await records.vault.receipt(fax.id), 'with a receipt');
    const found = await second.sweepOnce();
    assert.deepEqual(
      Object.values(found).filter((count) => count > 0),
      [],
      'the next sweep finds nothing',
    );
    await second.stop();
    const third = await start();
    assert.deepEqual(
      Object.values(await third.sweepOnce()).filter((count) => count > 0),
      [],
    );
    await third.stop();
    await store.close();
  });
});
