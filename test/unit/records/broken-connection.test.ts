import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type pg from 'pg';
import { openDatabase } from '../../../gateway/records/database.ts';
import { createRecords, type Records, RecordsError } from '../../../gateway/records/index.ts';
import { busy, createWorld, make, T0 } from '../../conformance/fax-records-world.ts';
import { silentLog, startTestPostgres, type TestPostgres } from '../../postgres.ts';

/** Lets `pool` cut its own connection right before the n-th statement of a transaction. */
function cutting(pool: pg.Pool): { cutBefore(statement: number): void; statements(): number } {
  let left = Number.POSITIVE_INFINITY;
  let seen = 0;
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: readonly unknown[]) => unknown;
    const patched = async (...args: readonly unknown[]) => {
      seen += 1;
      left -= 1;
      if (left === 0) await kill(client);
      return query(...args);
    };
    client.query = patched as never;
    const kill = async (victim: pg.ClientBase): Promise<void> => {
      const pid = (victim as unknown as { processID: number }).processID;
      const gone = new Promise((resolve) => victim.once('end', resolve));
      await admin?.query('select pg_terminate_backend($1)', [pid]);
      await gone;
    };
  });
  return {
    cutBefore: (statement) => {
      left = statement;
      seen = 0;
    },
    statements: () => seen,
  };
}

let admin: pg.Pool | undefined;

describe('a connection that is killed', () => {
  let postgres: TestPostgres;
  let records: Records;
  let knife: ReturnType<typeof cutting>;
  before(async () => {
    postgres = await startTestPostgres();
    admin = postgres.pool();
    const pool = postgres.pool({ max: 1 });
    knife = cutting(pool);
    records = createRecords({ pool, log: silentLog });
    await records.migrate();
  });
  after(async () => {
    await records.close();
    await postgres.stop();
  });

  test('between any two statements of W5 leaves all of it or nothing, and the next try works', async () => {
    const world = createWorld(records);
    const { id } = await world.account();
    const endOne = async (cut: number): Promise<number> => {
      const fax = await world.queued(id);
      const { call, fence } = await world.sending(fax);
      const head = await records.events.head(id);
      const end = () => records.faxes.endCall(call, fence, busy, { state: 'failed' }, T0);
      knife.cutBefore(cut);
      const first = await end().catch((error: unknown) => {
        assert.ok(error instanceof RecordsError && error.code === 'unavailable', String(error));
        return undefined;
      });
      const statements = knife.statements();
      knife.cutBefore(Number.POSITIVE_INFINITY);
      if (first === undefined) {
        assert.equal((await world.get(fax)).state, 'sending');
        assert.equal((await records.faxes.cdrs({ fax, limit: 1 })).items.length, 0);
        assert.equal(await records.events.head(id), head);
        assert.ok(!(await records.vault.intents(T0, 1_000)).some((intent) => intent.fax === fax));
        assert.equal(await end(), true);
      }
      assert.equal((await world.get(fax)).state, 'failed');
      assert.equal((await records.faxes.cdrs({ fax, limit: 5 })).items.length, 1);
      assert.equal(await records.events.head(id), head + 1);
      return statements;
    };
    const whole = await endOne(Number.POSITIVE_INFINITY);
    assert.ok(whole > 8, 'W5 is several statements');
    for (let cut = 1; cut <= whole; cut++) await endOne(cut);
  });

  test('does not end the process while it is idle', async () => {
    const pool = postgres.pool({ max: 2 });
    const database = openDatabase(pool, silentLog);
    const row = await database.row<{ pid: number }>('select pg_backend_pid() as pid');
    const gone = new Promise((resolve) => pool.once('remove', resolve));
    await admin?.query('select pg_terminate_backend($1)', [row?.pid]);
    await gone;
    assert.equal((await database.row<{ one: number }>('select 1 as one'))?.one, 1);
  });

  test('is made again by the event listener', async () => {
    const other = createRecords({ pool: postgres.pool({ application_name: 'listens' }), log: silentLog });
    const world = createWorld(records);
    const { id } = await world.account();
    await records.events.append(id, 'webhook.test', null, {}, T0);
    await other.events.wait(id, 0, 1, 1);
    const waiting = other.events.wait(id, 1, 5, 30_000);
    await admin?.query(`select pg_terminate_backend(pid) from pg_stat_activity 
      where application_name = 'listens' and (query like 'listen %' or query like '%pg_notify%')`);
    const event = await records.events.append(id, 'webhook.test', null, { user: make.user() }, T0);
    assert.deepEqual(await waiting, [event]);
    await other.close();
  });

  test('or a transaction that PostgreSQL chose to break a deadlock is made again', async () => {
    const database = openDatabase(postgres.pool(), silentLog);
    await database.change('create table t (id integer primary key, n integer not null)');
    await database.change('insert into t values (1, 0), (2, 0)');
    const locked = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let runs = 0;
    const cross = (mine: 0 | 1) =>
      database.transaction(async (tx) => {
        runs += 1;
        await tx.change('update t set n = n + 1 where id = $1', [mine + 1]);
        locked[mine]?.resolve();
        await locked[1 - mine]?.promise;
        await tx.change('update t set n = n + 1 where id = $1', [2 - mine]);
      });
    await Promise.all([cross(0), cross(1)]);
    // Whoever begins again may be faster than who waited for it, and meet a deadlock once more.
    assert.ok(runs >= 3, `${runs} runs`);
    assert.deepEqual(await database.rows('select n from t'), [{ n: 2 }, { n: 2 }]);
  });
});
