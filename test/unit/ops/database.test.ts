import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readConfig } from '../../../ops/config.ts';
import { databaseOf } from '../../../ops/postgres/database.ts';
import { silentLog, startTestPostgres, type TestPostgres } from '../../postgres.ts';

describe('the pool of a gateway', () => {
  let postgres: TestPostgres;
  before(async () => {
    postgres = await startTestPostgres();
  });
  after(() => postgres.stop());

  test('outlives the loss of a connection that is lent, before anybody else listens to it', async () => {
    const { user, host, database } = postgres.config;
    const url = `postgres://${user}@localhost/${database}?host=${encodeURIComponent(String(host))}`;
    const { pool, close } = await databaseOf(readConfig({ DATABASE_URL: url }), silentLog);
    const lent = await pool.connect();
    const { rows } = await lent.query<{ pid: number }>('select pg_backend_pid() as pid');
    const gone = new Promise((resolve) => lent.once('end', resolve));
    await postgres.pool().query('select pg_terminate_backend($1)', [rows[0]?.pid]);
    await gone;
    lent.release(true);
    assert.equal((await pool.query('select 1')).rowCount, 1);
    await close();
  });
});
