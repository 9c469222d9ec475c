import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type pg from 'pg';
import { createRecords } from '../../../gateway/records/index.ts';
import { FIRST_SCHEMA } from '../../../gateway/records/migrations/0001-first-schema.ts';
import { TOTP } from '../../../gateway/records/migrations/0002-totp.ts';
import { silentLog, testDatabases } from '../../postgres.ts';

const END = Date.UTC(2024, 1, 1);
/** Three months with a gap, the last millisecond of one and the first of the next. */
const ENDS = [END - 1, END, END + 1, Date.UTC(2024, 4, 17, 13, 37), Date.UTC(2024, 4, 17, 13, 38)];

async function fillOldSchema(pool: pg.Pool): Promise<void> {
  await pool.query(FIRST_SCHEMA);
  await pool.query(TOTP);
  await pool.query(
    'create table schema_versions (version integer primary key, name text not null, applied_at timestamptz not null default now())',
  );
  await pool.query(`insert into schema_versions (version, name) values (1, 'first-schema'), (2, 'totp')`);
  await pool.query(
    `insert into accounts (id, name, title, policy, cidrs, created_at) values ('acc_1', 'a', 'A', '{}', '{}', 0)`,
  );
  for (const [index, endedAt] of ENDS.entries()) {
    await pool.query(
      `insert into cdrs (id, account, user_id, fax, batch, call, direction, from_number, to_number, remote_id, carrier,
         reference, attempt, started_at, answered_at, ended_at, duration, pages, pages_sent, result, cause, detail,
         billable, line, fax_state, tags, receipt, epoch_receipt)
       values ($1, 'acc_1', 'usr_1', $2, 'bat_1', $3, 'outbound', '+491', '+492', 'CSI', 'loop', 'ref', 2, $4, $5, $6,
         61001, 3, 3, 'ok', 'ok', 'DCN', true, '{"rate":14400}', 'delivered', '{"case":"A"}', 'r1', 'r2')`,
      [
        `cdr_${index}`,
        `fax_${index}`,
        index === 4 ? null : `call_${index}`,
        endedAt - 90_000,
        endedAt - 61_001,
        endedAt,
      ],
    );
    await pool.query(`insert into receipts (fax, epoch, jws, epoch_jws, at) values ($1, 1, 'r1', 'r2', 0)`, [
      `fax_${index}`,
    ]);
  }
}

for (const database of await testDatabases()) {
  describe(`the migration of CDRs to months on ${database.name}`, () => {
    test('loses nothing: every row reads as before, lies in its month and is in the sums', async (t) => {
      const postgres = await database.start();
      t.after(() => postgres.stop());
      const pool = postgres.pool();
      await fillOldSchema(pool);
      const before = (await pool.query('select * from cdrs order by id')).rows;
      const records = createRecords({ pool, log: silentLog });
      t.after(() => records.close());
      await records.migrate();
      const after = await pool.query(
        'select d.*, r.jws as receipt, r.epoch_jws as epoch_receipt from cdrs d join receipts r on r.fax = d.fax order by d.id',
      );
      // Columns of later releases.
      const later = {
        ladder: null,
        route: null,
        cost: null,
        currency: null,
        charged_seconds: null,
        subaddress: null,
        country: null,
      };
      assert.deepEqual(
        after.rows,
        before.map((row) => ({ ...row, ...later })),
      );
      const places = await pool.query(
        'select tableoid::regclass::text as month, count(*)::int from cdrs group by 1 order by 1',
      );
      assert.deepEqual(places.rows, [
        { month: 'cdrs_202401', count: 1 },
        { month: 'cdrs_202402', count: 2 },
        { month: 'cdrs_202405', count: 2 },
      ]);
      const { sums } = await records.cdrs.summary({
        from: '2024-01-01',
        to: '2024-07-01',
        timeZone: 'UTC',
        group: 'month',
        by: [],
      });
      assert.deepEqual(
        sums.map(({ start, cdrs, calls, pages, billableSeconds }) => [start, cdrs, calls, pages, billableSeconds]),
        [
          [Date.UTC(2024, 0, 1), 1, 1, 3, 62],
          [END, 2, 2, 6, 124],
          [Date.UTC(2024, 4, 1), 2, 1, 6, 124],
        ],
      );
    });
  });
}
