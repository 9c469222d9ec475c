import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type pg from 'pg';
import { runTogether } from '../../../gateway/records/together.ts';
import { startTestPostgres, type TestPostgres } from '../../postgres.ts';

const FIRST = { name: 'first', text: "insert into told values ('first')" };
const SECOND = { name: 'second', text: 'select (6 / $1::int)::text || $2::text[]::text from told limit 1' };

describe('two statements in one message', () => {
  let postgres: TestPostgres;
  let pool: pg.Pool;
  before(async () => {
    postgres = await startTestPostgres();
    pool = postgres.pool({ max: 1 });
    await pool.query('create table told (what text)');
  });
  after(() => postgres.stop());

  const told = async () => (await pool.query('select from told')).rowCount;

  test('are one transaction, in which the second sees what the first did', async () => {
    assert.equal(await runTogether(pool, FIRST, SECOND, [2, ['a', '{"', null]]), '3{a,"{\\"",NULL}');
    assert.equal(await runTogether(pool, FIRST, SECOND, [3, []]), '2{}');
    assert.equal(await told(), 2);
  });

  test('leave nothing when one fails, and the pool as it was', async () => {
    const fresh = postgres.pool({ max: 1 });
    for (const _ of [1, 2]) await assert.rejects(runTogether(fresh, FIRST, SECOND, [0, []]), { code: '22012' });
    assert.equal(await told(), 2);
    assert.equal(await runTogether(fresh, FIRST, SECOND, [6, []]), '1{}');
    assert.equal(await told(), 3);
  });

  test('say that the database does not answer', async () => {
    const away = postgres.pool({ host: '/nonexistent' });
    await assert.rejects(runTogether(away, FIRST, SECOND, [1, []]), { code: 'unavailable' });
  });
});
