import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type pg from 'pg';
import type { AccountId, FaxId } from '../../gateway/fax/ids.ts';
import { createRecords, type Records } from '../../gateway/records/index.ts';
import { silentLog, type TestPostgres, testDatabases } from '../postgres.ts';
import { createWorld, EPOCH, ok, SECOND, T0, type World } from './fax-records-world.ts';

const DAY = 86_400_000;
/** Everything of these tests is older. */
const LATER = T0 + 400 * DAY;

for (const database of await testDatabases()) {
  describe(`rows past their time on ${database.name}`, () => {
    let postgres: TestPostgres;
    let pool: pg.Pool;
    let records: Records;
    let world: World;
    before(async () => {
      postgres = await database.start();
      pool = postgres.pool();
      records = createRecords({ pool, log: silentLog });
      await records.migrate();
      world = createWorld(records);
    });
    after(async () => {
      await records.close();
      await postgres.stop();
    });

    const all = async (rows: 'faxes' | 'events' | 'receipts', until: number, limit = 100) => {
      let gone = 0;
      for (
        let step = await records.rows.retire(rows, until, limit);
        step > 0;
        gone += step, step = await records.rows.retire(rows, until, limit)
      );
      return gone;
    };
    const account = async () => (await world.account()).id;
    const delivered = async (id: AccountId) => {
      const fax = await world.queued(id, 2);
      const { call, fence } = await world.sending(fax);
      assert.ok(await records.faxes.endCall(call, fence, ok(2), { state: 'delivered' }, T0 + SECOND));
      return fax;
    };
    /** Wiped, with both receipts. */
    const erased = async (...faxes: readonly FaxId[]) => {
      for (const fax of faxes) await records.vault.storeReceipt(fax, EPOCH, 'jws', T0 + SECOND);
      await pool.query(`update epochs set state = 'destroyed', destroyed_at = $2 where number = $1`, [
        EPOCH,
        T0 + 2 * SECOND,
      ]);
    };
    /** As they are between tests: an epoch that takes images. */
    const opened = () => pool.query(`update epochs set state = 'open', destroyed_at = null where number = $1`, [EPOCH]);
    const count = async (table: string, column: string, value: string) =>
      (await pool.query<{ count: number }>(`select count(*)::int from ${table} where ${column} = $1`, [value])).rows[0]
        ?.count;

    test('faxes go with their pages and calls; records of calls and receipts stay', async () => {
      const id = await account();
      const [gone, stays] = [await delivered(id), await delivered(id)];
      await erased(gone, stays);
      await pool.query('update faxes set finished_at = $2 where id = $1', [stays, LATER]);
      assert.equal(await all('faxes', T0), 0, 'none is so old');
      assert.equal(await all('faxes', LATER - DAY), 1);
      assert.equal(await records.faxes.fax(gone), undefined);
      for (const table of ['pages', 'calls']) assert.equal(await count(table, 'fax', gone), 0, table);
      assert.equal(await count('pages', 'fax', stays), 2);
      assert.equal((await records.faxes.cdrs({ fax: gone, limit: 5 })).items[0]?.receipt, 'jws');
      await opened();
    });

    test('a fax stays while an image, a wipe, an epoch or a copy at its carrier is outstanding, or a call is live', async () => {
      const id = await account();
      const held: Record<string, FaxId> = {};
      for (const why of ['image', 'key', 'wipe', 'object', 'copy', 'unattested']) held[why] = await delivered(id);
      const [live, unfinished] = [await world.queued(id), await world.queued(id)];
      await world.sending(live);
      await erased(...Object.values(held));
      assert.equal(await all('faxes', LATER), 6, 'without anything outstanding all six would go');
      await opened();
      for (const why of Object.keys(held)) held[why] = await delivered(id);
      await erased(...Object.values(held));
      await pool.query('update faxes set image_exists = true where id = $1', [held.image]);
      await pool.query(
        `insert into vault_keys (fax, account, dek, epoch, wrapped, state) values ($1, $2, 'd', $3, '', 'live')`,
        [held.key, id, EPOCH],
      );
      await pool.query(`insert into wipe_intents values ($1, 'r', 0)`, [held.wipe]);
      await pool.query(`insert into vault_objects values ($1, 'o', 1, 'h', true)`, [held.object]);
      for (const [why, outcome, attested] of [
        ['copy', 'kept', true],
        ['unattested', 'purged', false],
      ] as const) {
        await pool.query(
          `insert into carrier_purges (call, fax, account, carrier, outcome, since, give_up_at, attested)
           select id, fax, account, carrier, $2, 0, 0, $3 from calls where fax = $1`,
          [held[why], outcome, attested],
        );
      }
      assert.equal(await all('faxes', LATER), 0);
      await pool.query(`update carrier_purges set outcome = 'purged', attested = true where fax = any($1)`, [
        [held.copy, held.unattested],
      ]);
      assert.equal(await all('faxes', LATER), 2, 'with the rows of their carriers');
      assert.equal(await count('carrier_purges', 'account', id), 0);
      await pool.query(`update epochs set state = 'closing' where number = $1`, [EPOCH]);
      await pool.query('update faxes set image_exists = false where id = $1', [held.image]);
      assert.equal(await all('faxes', LATER), 0, 'the second receipt is still to come');
      await opened();
      for (const fax of [live, unfinished]) assert.ok(await records.faxes.fax(fax));
    });

    test('a batch takes so many of each account and leaves the rest to the next', async () => {
      await erased();
      await all('faxes', LATER);
      await opened();
      const [a, b] = [await account(), await account()];
      const faxes = [await delivered(a), await delivered(a), await delivered(a), await delivered(b)];
      await erased(...faxes);
      assert.equal(await records.rows.retire('faxes', LATER, 2), 3);
      assert.equal(await records.rows.retire('faxes', LATER, 2), 1);
      await opened();
    });

    test('events go from the oldest on, never one that is still to be delivered; what follows keeps its place', async () => {
      const id = await account();
      const append = (at: number) => records.events.append(id, 'fax.failed', null, {}, at);
      const endpoint = { url: 'https://example.org/hook', types: [], disabled: false, disabledReason: null };
      await append(T0);
      await records.webhooks.createEndpoint({
        ...{
          id: `whe_${id.slice(4)}` as never,
          account: id,
          ...endpoint,
          sealedSecrets: new Uint8Array(1),
          createdAt: T0,
        },
      });
      const [done, waits] = [await append(T0 + 1), await append(T0 + 2)];
      await append(LATER);
      const of = async (event: string) =>
        (await records.webhooks.deliveries(id, { limit: 9 })).items.find((one) => one.event === event)?.id;
      const outcome = { state: 'delivered', nextAt: null, status: 200, error: null } as const;
      const first = await of(done.id);
      assert.ok(first);
      await records.webhooks.attempted(first, outcome, T0);
      await all('events', LATER);
      const left = await records.events.read(id, 0, 9);
      assert.deepEqual(
        left.map(({ seq, at }) => [seq, at]),
        [
          [waits.seq, T0 + 2],
          [4, LATER],
        ],
      );
      assert.equal((await records.webhooks.deliveries(id, { limit: 9 })).items.length, 2);
      assert.equal(await records.events.head(id), 4);
      assert.equal((await append(LATER + 1)).seq, 5, 'numbers are never given again');
    });

    test('receipts go when their epoch has been gone for so long, and those of living epochs never', async () => {
      const id = await account();
      const [old, young] = [await delivered(id), await delivered(id)];
      await records.vault.openEpoch(90_001, T0);
      await pool.query('delete from receipts');
      await erased(old);
      await records.vault.storeReceipt(young, 90_001, 'young', T0 + SECOND);
      assert.equal(await all('receipts', T0 + SECOND), 0, 'none is so old');
      assert.equal(await all('receipts', LATER), 1);
      assert.equal(await count('receipts', 'fax', old), 0);
      assert.equal(await count('receipts', 'fax', young), 1);
      assert.equal((await records.faxes.cdrs({ fax: old, limit: 1 })).items[0]?.receipt, null);
      await opened();
    });
  });
}
