import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type pg from 'pg';
import type { AccountId, FaxId } from '../../../gateway/fax/ids.ts';
import type { CallRequest, CarrierShare, NewFax } from '../../../gateway/ports/fax-records.ts';
import { createRecords, type Records } from '../../../gateway/records/index.ts';
import { PACE_AT, PACE_ROOM, paceAfter, paceOf, paceRoom } from '../../../gateway/records/pace.ts';
import { createPlanner, plainTerms } from '../../../gateway/routing/plan.ts';
import { createWorld, freshNumber, T0, type World } from '../../conformance/fax-records-world.ts';
import { silentLog, startTestPostgres, type TestPostgres } from '../../postgres.ts';

/** When the calls are claimed: an hour after the faxes were queued. */
const NOW = T0 + 3_600_000;
const ADMIN = { who: 'usr_admin', address: null };

/** A claim that was answered, and whether it was a lone one. */
interface Answer {
  readonly fax: FaxId | undefined;
  readonly lone: boolean;
}

describe('claims for one call while the line is at rest', () => {
  let postgres: TestPostgres;
  let pool: pg.Pool;
  let records: Records;
  /** Another process on the same database. */
  let others: Records;
  let world: World;
  let account: AccountId;
  before(async () => {
    postgres = await startTestPostgres();
    pool = postgres.pool({ max: 1 });
    records = createRecords({ pool, log: silentLog });
    others = createRecords({ pool: postgres.pool(), log: silentLog });
    await records.migrate();
    world = createWorld(others);
  });
  after(async () => {
    await others.close();
    await records.close();
    await postgres.stop();
  });
  beforeEach(async () => {
    await records.close();
    records = createRecords({ pool, log: silentLog });
    await pool.query(`update faxes set state = 'canceled', live_to = null, lease_until = null`);
    ({ id: account } = await world.account());
  });

  const share = (limits: Partial<CarrierShare> = {}): CarrierShare[] =>
    ['a', 'b'].map((name) => ({ name, maxCalls: null, callsPerSecond: null, ...limits }));
  const { plan } = createPlanner({ routes: [], carriers: ['a', 'b'].map(plainTerms) });
  const request = (carriers = share()): CallRequest => ({ worker: 'w', lease: 90_000, limit: 1, carriers, plan });
  /** How many claims of many there have been. */
  const claimsOfMany = async (): Promise<number> => {
    const { rows } = await pool.query<{ calls: number }>(
      `select (generic_plans + custom_plans)::int as calls from pg_prepared_statements where name = 'sealfax_look'`,
    );
    return rows[0]?.calls ?? 0;
  };
  const claim = async (now = NOW, carriers = share()): Promise<Answer> => {
    const before = await claimsOfMany();
    const { claims } = await records.faxes.claimCalls(request(carriers), now);
    const fax = claims[0]?.fax.id;
    return { fax, lone: fax !== undefined && (await claimsOfMany()) === before };
  };
  const claimBy = async (from: Records, now = NOW): Promise<FaxId | undefined> =>
    (await from.faxes.claimCalls(request(), now)).claims[0]?.fax.id;
  const queued = (change: Partial<NewFax> = {}, owner = account) => world.queued(owner, 1, change);
  /** In line, and the line at rest: the first claim brings them into it, the second finds nobody who joins. */
  const settled = async (): Promise<void> => {
    for (let index = 0; index < 2; index++) {
      await queued({ priority: 9, notBefore: T0 + index }, (await world.account()).id);
    }
    assert.equal((await claim()).lone, false);
    await claim();
  };

  test('choose as those of many do', async () => {
    const accounts = await Promise.all([world.account(), world.account(), world.account({ channels: 2 })]);
    const faxes = new Map<FaxId, number>();
    for (let index = 0; index < 24; index++) {
      const owner = accounts[(index * index) % 3]?.id ?? account;
      const fax = await queued({ priority: (index * 7) % 10, notBefore: T0 + 1_000 + ((index * 5) % 24) }, owner);
      faxes.set(fax, index);
    }
    const order = async (next: () => Promise<FaxId | undefined>) => {
      const claimed: (number | undefined)[] = [];
      for (let fax = await next(); fax !== undefined; fax = await next()) claimed.push(faxes.get(fax));
      return claimed;
    };
    let lone = 0;
    const alone = await order(async () => {
      const answer = await claim();
      lone += answer.lone ? 1 : 0;
      return answer.fax;
    });
    await pool.query(`update faxes set live_to = null, lease_until = null, worker = null where live_to is not null`);
    const { claims } = await others.faxes.claimCalls({ ...request(), limit: 1_000 }, NOW);
    const many = claims.map((one) => faxes.get(one.fax.id));
    assert.deepEqual(alone, many);
    assert.ok(lone >= alone.length - 2, `${lone} of ${alone.length}`);
  });

  test('see a better fax that another process has brought into the line', async () => {
    await settled();
    const [later, first] = [await queued({ priority: 2 }), await queued({ priority: 3 })];
    assert.deepEqual([await claimBy(others), (await claim()).fax], [first, later]);
    await queued();
    await claim();
    const waiting = await queued({ priority: 1 });
    const urgent = await queued({ priority: 9 });
    const full = { ...request(), limit: 0 };
    await others.faxes.claimCalls(full, NOW);
    assert.equal((await claim()).fax, urgent);
    assert.equal((await claim()).fax, waiting);
  });

  test('let a fax that comes due join first', async () => {
    await queued({ priority: 0 });
    await settled();
    const urgent = await queued({ priority: 9 });
    assert.equal((await claim()).fax, urgent);
  });

  test('ask accounts and their channels, deadlines and numbers that are being called', async () => {
    const to = freshNumber();
    const late = await world.account();
    const paused = await world.account();
    const calling = await world.account();
    const small = await world.account({ channels: 1 });
    const last = await queued({ priority: 0 });
    await queued({ priority: 8, deadline: NOW + 5 }, late.id);
    await queued({ priority: 8 }, paused.id);
    await queued({ priority: 9, notBefore: T0 + 4, to }, calling.id);
    await queued({ priority: 8, to }, calling.id);
    const one = await queued({ priority: 9, notBefore: T0 + 2 }, small.id);
    await queued({ priority: 9, notBefore: T0 + 3 }, small.id);
    await settled();
    assert.deepEqual(await claim(), { fax: one, lone: true });
    const called = await claim();
    assert.ok(called.lone && called.fax !== undefined && (await world.get(called.fax)).to === to);
    await others.accounts.updateAccount(paused.id, { paused: true }, ADMIN, T0);
    assert.deepEqual(await claim(NOW + 5), { fax: last, lone: true });
    assert.equal((await claim(NOW + 5)).fax, undefined);
  });

  test('keep the calls and the rate of a carrier', async () => {
    for (let index = 0; index < 8; index++) await queued();
    await settled();
    const live = async () => (await pool.query(`select 1 from faxes where live_to is not null`)).rows.length;
    assert.ok((await claim(NOW, share({ maxCalls: 3 }))).lone);
    assert.equal(await live(), 3);
    assert.equal((await claim(NOW, share({ maxCalls: 3 }))).fax, undefined);
    await claim();
    const paced = share({ callsPerSecond: 20 });
    // The row of a carrier's pace is news about it, once.
    const answers = [];
    for (let index = 0; index < 3; index++) answers.push((await claim(NOW, paced)).fax !== undefined);
    assert.deepEqual(answers, [true, true, false]);
    assert.equal((await claim(NOW + 49, paced)).fax, undefined);
    assert.ok((await claim(NOW + 50, paced)).fax !== undefined);
    assert.equal((await claim(NOW + 50, paced)).fax, undefined);
  });

  test('give no call over a carrier that was paused, nor while a restore waits for the operator', async () => {
    for (let index = 0; index < 4; index++) await queued();
    await settled();
    assert.ok((await claim()).lone);
    await others.carriers.pauseCarrier('a', 'tests', ADMIN, T0);
    const { claims } = await records.faxes.claimCalls(request(), NOW);
    assert.equal(claims[0]?.carrier, 'b');
    await others.carriers.resumeCarrier('a', ADMIN, T0);
    await claim();
    assert.ok((await claim()).fax !== undefined);
    await pool.query(`insert into settings (name, value) values ('restore_hold', '{}')`);
    assert.equal((await claim()).fax, undefined);
    await pool.query(`delete from settings where name = 'restore_hold'`);
  });

  test('reckon the pace of a carrier as those of many do', async () => {
    const cases = [0.1, 1, 7, 20, 333].flatMap((rate) =>
      [0, -1, 1, 49, 50, 51, 99, 1_000, 2_049, 2_051, 9_999, 13_000].map((ahead) => ({
        rate,
        nextAt: T0 + ahead + 0.25,
      })),
    );
    for (const { rate, nextAt } of cases) {
      const { interval, burst } = paceOf(rate);
      const { rows } = await pool.query(
        `select ${PACE_AT} as at, ${PACE_ROOM} as room from (values ($2::float8, $3::int)) p(interval, burst),
           (values ($4::float8)) k(next_at)`,
        [T0, interval, burst, nextAt],
      );
      const pace = { interval, burst };
      const expected = { at: paceAfter(pace, nextAt, T0, 0), room: paceRoom(pace, nextAt, T0) };
      assert.deepEqual({ at: Number(rows[0]?.at), room: Number(rows[0]?.room) }, expected, `${rate} at ${nextAt - T0}`);
    }
  });
});
