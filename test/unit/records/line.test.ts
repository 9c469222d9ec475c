import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type pg from 'pg';
import { createRecords, type Records } from '../../../gateway/records/index.ts';
import { createPlanner, plainTerms } from '../../../gateway/routing/plan.ts';
import { createWorld, T0, type World } from '../../conformance/fax-records-world.ts';
import { silentLog, startTestPostgres, type TestPostgres } from '../../postgres.ts';

const ADMIN = { who: 'usr_admin', address: null };

describe('the line of calls', () => {
  let postgres: TestPostgres;
  let pool: pg.Pool;
  let records: Records;
  let world: World;
  before(async () => {
    postgres = await startTestPostgres();
    pool = postgres.pool();
    records = createRecords({ pool, log: silentLog });
    await records.migrate();
    world = createWorld(records);
  });
  after(async () => {
    await records.close();
    await postgres.stop();
  });

  test('a fax that an earlier release left in it is called with what it had learned', async () => {
    const fax = await world.queued((await world.account()).id, 1);
    const old = JSON.stringify({ t38: false, maxRate: 9_600, ecm: true, carrier: 1 });
    await pool.query('update faxes set line = $2 where id = $1', [fax, old]);
    const line = { t38: false, maxRate: 9_600, ecm: true, avoid: [], refused: [], spared: 0 };
    assert.deepEqual((await world.get(fax)).line, line);
    const { plan } = createPlanner({ routes: [], carriers: ['a', 'b'].map(plainTerms) });
    const carriers = [{ name: 'a', maxCalls: null, callsPerSecond: null }];
    const { claims } = await records.faxes.claimCalls({ worker: 'w', lease: 90_000, limit: 1, carriers, plan }, T0);
    assert.deepEqual(
      claims.map((claim) => [claim.fax.id, claim.carrier, claim.fax.line]),
      [[fax, 'a', line]],
    );
  });

  test('a fax whose account gets no calls does not keep others from the trial of a carrier', async () => {
    const accounts = [await world.account(), await world.account(), await world.account()] as const;
    const { plan } = createPlanner({ routes: [], carriers: ['t', 'u'].map(plainTerms) });
    const carriers = ['t', 'u'].map((name) => ({ name, maxCalls: null, callsPerSecond: null }));
    const claim = async (limit: number) => {
      const { claims } = await records.faxes.claimCalls({ worker: 'w', lease: 90_000, limit, carriers, plan }, T0);
      return claims.map((one) => [one.fax.id, one.carrier]);
    };
    const [breaker] = await records.health.breakers(['t']);
    assert.ok(breaker);
    const open = { phase: 'open', until: T0 - 1, rest: 1, reason: 'x', figures: null } as const;
    assert.ok(await records.health.changeBreaker(breaker, open, ADMIN, T0 - 2));
    const early = await world.queued(accounts[0].id, 1);
    // It joins the line, and then its account is paused.
    assert.deepEqual(await claim(0), []);
    const paused = await world.queued(accounts[1].id, 1);
    for (const { id } of accounts.slice(0, 2)) await records.accounts.updateAccount(id, { paused: true }, ADMIN, T0);
    const trial = await world.queued(accounts[2].id, 1);
    const other = await world.queued(accounts[2].id, 1);
    assert.deepEqual(
      (await claim(9)).toSorted(),
      [
        [trial, 't'],
        [other, 'u'],
      ].toSorted(),
    );
    const { rows } = await pool.query('select id, carrier from faxes where id = any($1)', [[early, paused]]);
    assert.deepEqual(
      new Map(rows.map(({ id, carrier }) => [id, carrier])),
      new Map([
        [early, 't'],
        [paused, 'u'],
      ]),
    );
  });

  test('a long one is planned anew step by step, each fax once and none of them left out', async () => {
    const { id } = await world.account({ channels: 10_000 });
    await pool.query(`update faxes set state = 'canceled', live_to = null where state = 'queued'`);
    const first = await world.queued(id, 1);
    const LENGTH = 1_200;
    // As many numbers as faxes; most of them of one moment, as a large batch makes them.
    await pool.query(
      `insert into faxes select (jsonb_populate_record(f, jsonb_build_object('id', f.id || n, 'to_number', '+4930' || 2000000 + n,
         'next_call_at', f.next_call_at - case when n % 5 = 0 then n else 0 end))).*
       from faxes f, generate_series(1, $2) n where f.id = $1`,
      [first, LENGTH - 1],
    );
    let asked: string[] = [];
    const planner = createPlanner({ routes: [], carriers: ['p', 'q', 'r'].map(plainTerms) });
    const plan: typeof planner.plan = (fax, conditions) => {
      asked.push((fax as { id?: string }).id ?? '');
      return planner.plan(fax, conditions);
    };
    const carriers = ['p', 'q', 'r'].map((name) => ({ name, maxCalls: 0, callsPerSecond: null }));
    const claim = () => records.faxes.claimCalls({ worker: 'w', lease: 90_000, limit: 1, carriers, plan }, T0);
    const claimAll = async (): Promise<number[]> => {
      const steps: number[] = [];
      for (let more = true; more && steps.length < 20; ) {
        const before = asked.length;
        more = (await claim()).nextAt === T0;
        steps.push(asked.length - before);
      }
      return steps;
    };
    const lanes = async () => {
      const { rows } = await pool.query(
        `select carrier, count(*)::int as faxes from faxes where account = $1 and state = 'queued' group by 1 order by 1`,
        [id],
      );
      return rows.map((row) => [row.carrier, row.faxes]);
    };
    await claimAll();
    assert.deepEqual(await lanes(), [['p', LENGTH]]);

    asked = [];
    await records.carriers.pauseCarrier('p', 'tests', ADMIN, T0);
    assert.ok((await claimAll()).every((step) => step <= 1_000));
    assert.deepEqual(await lanes(), [['q', LENGTH]]);
    assert.deepEqual([...new Set(asked)].length, LENGTH);

    // Behind the walk: each is planned once. A change amid the walk begins it anew.
    asked = [];
    await records.carriers.resumeCarrier('p', ADMIN, T0);
    await claim();
    assert.deepEqual(await lanes(), [
      ['p', 1_000],
      ['q', LENGTH - 1_000],
    ]);
    await records.carriers.pauseCarrier('q', 'tests', ADMIN, T0);
    await claimAll();
    assert.deepEqual(await lanes(), [['p', LENGTH]]);
    const { rows } = await pool.query(`select 1 from settings where name = 'dial_replan'`);
    assert.equal(rows.length, 0);
    await records.carriers.resumeCarrier('q', ADMIN, T0);
    await claimAll();

    asked = [];
    await records.faxes.replan('another configuration');
    assert.deepEqual(asked, []);
    await claimAll();
    assert.equal(new Set(asked).size, LENGTH);
    await pool.query(`update faxes set state = 'canceled' where account = $1`, [id]);
  });

  test('a budget that is spent keeps calls away until its period is over', async () => {
    const fax = await world.queued((await world.account()).id, 1);
    const { plan } = createPlanner({ routes: [], carriers: ['c', 'd'].map(plainTerms) });
    const carriers = ['c', 'd'].map((name) => ({ name, maxCalls: null, callsPerSecond: null }));
    const claim = async (now: number) => {
      const { claims } = await records.faxes.claimCalls({ worker: 'w', lease: 90_000, limit: 1, carriers, plan }, now);
      for (const one of claims) await records.faxes.release(one.fax.id, one.fence, now, now);
      return claims.map((one) => [one.fax.id, one.carrier]);
    };
    await pool.query('insert into carriers (name, spent_until) values ($1, $2)', ['c', T0 + 60_000]);
    assert.deepEqual(await claim(T0), [[fax, 'd']]);
    assert.deepEqual(await claim(T0 + 60_000), [[fax, 'c']]);
  });
});
