import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type pg from 'pg';
import { createRecords, type Records } from '../../gateway/records/index.ts';
import { silentLog, startTestPostgres, type TestPostgres } from '../postgres.ts';
import { createWorld, T0 } from './fax-records-world.ts';

const FAXES = 30;

describe('what an acceptance reads, in a database that was never analysed', () => {
  let postgres: TestPostgres;
  let pool: pg.Pool;
  let records: Records;
  before(async () => {
    postgres = await startTestPostgres();
    // One connection: it tells what it has read when it is asked to.
    pool = postgres.pool({ max: 1 });
    records = createRecords({ pool, log: silentLog });
    await records.migrate();
  });
  after(async () => {
    await records.close();
    await postgres.stop();
  });

  /** Rows of the tables that every submission writes to, read without an index. */
  const readWhole = async (): Promise<number> => {
    await pool.query('select pg_stat_force_next_flush()');
    const { rows } = await pool.query<{ rows: string }>(
      `select sum(seq_tup_read) as rows from pg_stat_user_tables
       where relname in ('idempotency_keys', 'vault_keys', 'vault_objects', 'faxes', 'ledgers')`,
    );
    return Number(rows[0]?.rows);
  };

  test('does not grow with what lies there', async () => {
    const world = createWorld(records);
    const { id } = await world.account();
    await world.accepted(id);
    const before = await readWhole();
    for (let n = 0; n < FAXES; n++) {
      const fax = await world.accepted(id);
      const stored = { object: 'doc/0', bytes: 1, sha256: 'a' };
      assert.equal((await records.vault.objectStored(fax, stored))?.fax, fax);
      assert.equal((await records.faxes.beginKey(id, fax, T0)).state, 'done');
    }
    assert.equal(await readWhole(), before);
  });
});
