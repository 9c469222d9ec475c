import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type pg from 'pg';
import { type Place, parsePlace } from '../../gateway/fax/destination.ts';
import type { AccountId, FaxId } from '../../gateway/fax/ids.ts';
import { type E164, parseE164, parseNumberPrefix } from '../../gateway/fax/number.ts';
import type { AccountPolicy } from '../../gateway/fax/policy.ts';
import type { CdrSum, CdrSummaryQuery, SavedReport } from '../../gateway/ports/cdr-records.ts';
import type { CdrQuery } from '../../gateway/ports/fax-records.ts';
import { createCdrRecords, readInTurn } from '../../gateway/records/cdr-records.ts';
import { openDatabase } from '../../gateway/records/database.ts';
import { createRecords, type Records } from '../../gateway/records/index.ts';
import { SAVED_REPORTS } from '../../gateway/records/saved-reports.ts';
import { silentLog, type TestPostgres, testDatabases } from '../postgres.ts';
import { busy, createWorld, EPOCH, freshNumber, ok, SECOND, T0, type World } from './fax-records-world.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NEVER = 0;

/** The sums as they follow from the records themselves. */
const RECOUNT = `
select account, unit, (extract(epoch from case unit when 'quarter' then to_timestamp(ended_at / 900000 * 900)
    else date_trunc(unit, to_timestamp(ended_at / 1000) at time zone 'UTC') at time zone 'UTC' end) * 1000)::bigint::text as slot,
  direction, coalesce(carrier, '') as carrier, cause, result, coalesce(country, '') as country, count(*)::int as cdrs, count(call)::int as calls,
  sum(pages_sent)::text as pages, (count(*) filter (where billable))::int as billable_calls,
  coalesce(sum(ceil(duration / 1000.0)) filter (where billable), 0)::text as billable_seconds,
  coalesce(sum(cost), 0)::text as cost,
  (count(*) filter (where billable and answered_at is not null and cost is null))::int as unpriced_calls
from cdrs cross join (values ('quarter'), ('day'), ('month')) as units(unit) group by 1, 2, 3, 4, 5, 6, 7, 8`;
const SUMS = `
select account, unit, slot::text, direction, carrier, cause, result, country, cdrs, calls, pages::text, billable_calls,
  billable_seconds::text, cost::text, unpriced_calls
from cdr_sums`;
const sorted = ({ rows }: pg.QueryResult) => rows.map((row) => JSON.stringify(row)).sort();

/** Multiplicative congruential generator of Park and Miller: the same numbers in every run. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** The month of a moment, as one line. */
function reportOf(at: number): CdrSummaryQuery {
  const [from, to] = [at - 15 * DAY, at + 15 * DAY].map((moment) => new Date(moment).toISOString().slice(0, 10));
  return { from: from ?? '', to: to ?? '', timeZone: 'UTC', group: 'total', by: [] };
}

/** Two digits are enough for the countries of these tests. */
function placeOf(number: E164): Place {
  const place = parsePlace(number.slice(0, 3));
  assert.ok(place);
  return place;
}

for (const database of await testDatabases()) {
  describe(`CdrRecords on ${database.name}`, () => {
    let postgres: TestPostgres;
    let pool: pg.Pool;
    let records: Records;
    let world: World;
    before(async () => {
      postgres = await database.start();
      pool = postgres.pool();
      records = createRecords({ pool, log: silentLog, placeOf });
      await records.migrate();
      world = createWorld(records);
    });
    after(async () => {
      await records.close();
      await postgres.stop();
    });

    /** A fax that ended without a call at `at`. */
    async function uncalled(account: AccountId, at: number): Promise<FaxId> {
      await pool.query(`update epochs set state = 'open' where number = $1`, [EPOCH]);
      const fax = await world.accepted(account);
      assert.ok(await records.faxes.endUncalled(fax, null, 'failed', 'deadline_passed', '', at));
      return fax;
    }
    /** A fax delivered in one call that ended at `at`; answered `seconds` before. */
    async function delivered(account: AccountId, at: number, seconds: number, pages = 1): Promise<FaxId> {
      const fax = await world.queued(account, pages);
      const { call, fence } = await world.sending(fax, at - seconds * SECOND - SECOND);
      assert.ok(await records.faxes.endCall(call, fence, ok(pages), { state: 'delivered' }, at));
      return fax;
    }
    /** Both receipts: nothing of the fax is outstanding any more. */
    async function wiped(...faxes: readonly FaxId[]): Promise<void> {
      for (const fax of faxes) await records.vault.storeReceipt(fax, EPOCH, 'jws', T0);
      await pool.query(`update epochs set state = 'destroyed' where number = $1`, [EPOCH]);
    }
    const account = async (policy: Partial<AccountPolicy> = {}) => (await world.account(policy)).id;
    const months = async () =>
      (
        await pool.query<{ month: string; count: number }>(
          'select tableoid::regclass::text as month, count(*)::int from cdrs group by 1 order by 1',
        )
      ).rows;
    const monthOf = async (fax: FaxId) =>
      (await pool.query<{ month: string }>('select tableoid::regclass::text as month from cdrs where fax = $1', [fax]))
        .rows[0]?.month;
    const faxesOf = async (query: Omit<CdrQuery, 'limit'>) =>
      (await records.faxes.cdrs({ ...query, limit: 500 })).items.map(({ fax }) => fax);

    describe('months', () => {
      test('a CDR lies in the month of its end, and in the net when that month is not ready', async () => {
        const id = await account();
        const at = Date.UTC(2031, 6, 31, 23, 59, 59, 999);
        const [july, august] = [await uncalled(id, at), await uncalled(id, at + 1)];
        assert.deepEqual([await monthOf(july), await monthOf(august)], ['cdrs_rest', 'cdrs_rest']);
        const before = await faxesOf({ account: id });
        assert.deepEqual(before, [august, july]);
        const first = await records.cdrs.prepareMonths(at);
        assert.ok(first.made >= 4, `${first.made} months made`);
        assert.equal(first.strays, 0);
        assert.deepEqual([await monthOf(july), await monthOf(august)], ['cdrs_203107', 'cdrs_203108']);
        assert.deepEqual(await faxesOf({ account: id }), before);
        assert.deepEqual(await records.cdrs.prepareMonths(at), { made: 0, strays: 0 });
        assert.equal(await monthOf(await uncalled(id, Date.UTC(2031, 9, 31))), 'cdrs_203110', 'three months ahead');
      });
      test('what another month has left in the net is moved out by the next upkeep, whatever time it is', async () => {
        const id = await account();
        const fax = await uncalled(id, Date.UTC(2019, 1, 28));
        assert.ok((await records.cdrs.prepareMonths(T0)).made >= 1);
        assert.equal(await monthOf(fax), 'cdrs_201902');
      });
      test('several processes may prepare the same months at once', async () => {
        const at = Date.UTC(2040, 0, 1);
        const made = await Promise.all([1, 2, 3].map(() => records.cdrs.prepareMonths(at)));
        assert.equal(
          made.reduce((sum, one) => sum + one.made, 0),
          4,
        );
      });
      test('a call has one CDR: a second one is refused by the table itself', async () => {
        const fax = await delivered(await account(), T0 + HOUR, 10);
        await records.cdrs.prepareMonths(T0);
        const month = await monthOf(fax);
        await assert.rejects(
          pool.query(
            `insert into cdrs select (jsonb_populate_record(d, '{"id":"cdr_again"}')).* from cdrs d where fax = $1`,
            [fax],
          ),
          { code: '23505', constraint: `${month}_call_once` },
        );
      });
    });

    describe('sums', () => {
      test('equal a full recount, whatever has been written', async () => {
        const id = await account();
        for (const minute of [0, 14, 15, 16, 61]) {
          await uncalled(id, T0 + minute * 60_000);
          await delivered(id, T0 + HOUR + minute * 60_000 + 500, minute + 0.25, 2);
        }
        const fax = await world.queued(id);
        const { call, fence } = await world.sending(fax, T0);
        await records.faxes.endCall(call, fence, busy, { state: 'failed' }, T0 + SECOND);
        await world.received(id);
        assert.deepEqual(sorted(await pool.query(SUMS)), sorted(await pool.query(RECOUNT)));
      });
      test('what is rolled back is not in them', async () => {
        const id = await account();
        const fax = await world.accepted(id);
        const was = sorted(await pool.query(SUMS));
        await pool.query('alter table wipe_intents add constraint never check (false) not valid');
        await assert.rejects(records.faxes.endUncalled(fax, null, 'failed', 'deadline_passed', '', T0));
        await pool.query('alter table wipe_intents drop constraint never');
        assert.deepEqual(sorted(await pool.query(SUMS)), was);
      });
      test('calls that end at the same moment are all counted', async () => {
        const id = await account();
        const faxes = await Promise.all(Array.from({ length: 12 }, () => world.accepted(id)));
        await Promise.all(
          faxes.map((fax) => records.faxes.endUncalled(fax, null, 'failed', 'deadline_passed', '', T0)),
        );
        const [sum] = await summary({ account: id });
        assert.equal(sum?.cdrs, 12);
      });
    });

    const report = (query: Partial<CdrSummaryQuery>) =>
      records.cdrs.summary({ from: '2026-01-01', to: '2026-02-01', timeZone: 'UTC', group: 'total', by: [], ...query });
    const summary = async (query: Partial<CdrSummaryQuery>) => (await report(query)).sums;

    describe('reports', () => {
      test('add up calls, pages and seconds by what was asked for', async () => {
        const [id, other] = [await account(), await account()];
        await delivered(id, T0 + HOUR, 61.5, 3);
        await delivered(id, T0 + HOUR, 10, 1);
        await uncalled(id, T0 + HOUR);
        await delivered(other, T0 + HOUR, 1);
        assert.deepEqual(await summary({ account: id, by: ['result', 'direction'] }), [
          {
            start: T0,
            account: null,
            user: null,
            direction: 'outbound',
            number: null,
            country: null,
            carrier: null,
            result: 'failed',
            cause: null,
            cdrs: 1,
            calls: 0,
            delivered: 0,
            pages: 0,
            billableCalls: 0,
            billableSeconds: 0,
            cost: 0,
            unpricedCalls: 0,
            connect: null,
            open: null,
          },
          {
            start: T0,
            account: null,
            user: null,
            direction: 'outbound',
            number: null,
            country: null,
            carrier: null,
            result: 'ok',
            cause: null,
            cdrs: 2,
            calls: 2,
            delivered: 2,
            pages: 4,
            billableCalls: 2,
            billableSeconds: 72,
            cost: 0,
            unpricedCalls: 2,
            connect: null,
            open: null,
          },
        ]);
        const all = await summary({ by: ['account', 'carrier'] });
        const mine = all.filter((sum) => sum.account === id).map(({ carrier, cdrs }) => [carrier, cdrs]);
        assert.deepEqual(mine, [
          ['', 1],
          ['loop', 2],
        ]);
        assert.equal(all.filter((sum) => sum.account === other).length, 1);
      });
      test('days and months are those of the time zone, quarters of an hour and summer time included', async () => {
        const id = await account();
        // Midnight in Kathmandu (UTC+5:45), and in Berlin on the two days at which summer time begins and ends.
        const kathmandu = Date.UTC(2026, 2, 9, 18, 15);
        const [spring, autumn] = [Date.UTC(2026, 2, 29, 22), Date.UTC(2026, 9, 25, 23)];
        for (const midnight of [kathmandu, spring, autumn]) {
          await uncalled(id, midnight - 1);
          await uncalled(id, midnight);
        }
        const days = async (timeZone: string) =>
          (await summary({ account: id, from: '2026-03-01', to: '2026-11-01', timeZone, group: 'day' })).map((sum) => [
            sum.start,
            sum.cdrs,
          ]);
        assert.deepEqual((await days('Asia/Kathmandu')).slice(0, 2), [
          [kathmandu - DAY, 1],
          [kathmandu, 1],
        ]);
        assert.deepEqual((await days('Europe/Berlin')).slice(-4), [
          [spring - 23 * HOUR, 1],
          [spring, 1],
          [autumn - 25 * HOUR, 1],
          [autumn, 1],
        ]);
      });
      test('are what a count of the records themselves gives, in every time zone and for any days', async () => {
        const id = await account();
        const draw = dice(20_260_101);
        for (let count = 0; count < 60; count++) await uncalled(id, T0 + draw(4 * 31 * 24) * HOUR + draw(HOUR));
        for (const midnight of [T0 + 31 * DAY, T0 + 59 * DAY])
          for (const side of [-1, 0]) await uncalled(id, midnight + side);
        const zones = [
          'UTC',
          'Asia/Kathmandu',
          'America/Los_Angeles',
          'Pacific/Kiritimati',
          'Pacific/Pago_Pago',
          'Europe/Berlin',
        ];
        for (const timeZone of zones) {
          for (const group of ['day', 'month', 'total'] as const) {
            const [from, to] = [`2026-01-${10 + draw(20)}`, draw(2) === 0 ? '2026-04-01' : `2026-03-${10 + draw(20)}`];
            const sums = await summary({ account: id, from, to, timeZone, group });
            const { rows } = await pool.query(
              `select count(*)::int from cdrs, lateral (select to_timestamp(ended_at / 1000.0) at time zone $2 as wall) at
               where account = $1 and wall >= $3 and wall < $4
               group by date_trunc($5, wall) order by date_trunc($5, wall)`,
              [id, timeZone, from, to, group === 'total' ? 'millennium' : group],
            );
            assert.deepEqual(
              sums.map(({ cdrs }) => cdrs),
              rows.map(({ count }) => count),
              `${timeZone} ${group} ${from} ${to}`,
            );
          }
        }
      });
      test('the first and the last span are cut off where the report begins and ends', async () => {
        const id = await account();
        for (const day of [4, 5, 31 + 5, 59 + 9, 59 + 10]) await uncalled(id, T0 + day * DAY);
        const sums = await summary({ account: id, from: '2026-01-06', to: '2026-03-11', group: 'month' });
        assert.deepEqual(
          sums.map(({ start, cdrs }) => [new Date(start).toISOString().slice(0, 10), cdrs]),
          [
            ['2026-01-06', 1],
            ['2026-02-01', 1],
            ['2026-03-01', 1],
          ],
        );
      });
      test('tell countries of the far side apart from the sums, and users and numbers from the records', async () => {
        const id = await account();
        const [berlin, paris] = [freshNumber(), parseE164('+33140000000')];
        for (const to of [berlin, berlin, paris]) {
          const fax = await world.accepted(id, { to });
          assert.ok(await records.faxes.endUncalled(fax, null, 'failed', 'deadline_passed', '', T0 + HOUR));
        }
        await world.received(id);
        const lines = async (query: Partial<CdrSummaryQuery>) => {
          const { source, sums } = await report({ account: id, ...query });
          return [source, sums.map((sum) => [sum.country ?? sum.number ?? sum.user, sum.cdrs])];
        };
        const outbound = { filter: { direction: 'outbound' } } as const;
        assert.deepEqual(await lines({ by: ['country'], ...outbound }), [
          'sums',
          [
            ['+33', 1],
            ['+49', 2],
          ],
        ]);
        assert.deepEqual(await lines({ by: ['number'], ...outbound, top: 1 }), ['cdrs', [[berlin, 2]]]);
        assert.deepEqual(await lines({ by: ['number'], filter: { number: paris } }), ['cdrs', [[paris, 1]]]);
        assert.deepEqual(await lines({ by: [], filter: { country: '+33' } }), ['sums', [[null, 1]]]);
        assert.deepEqual(await lines({ by: ['user'], filter: { direction: 'inbound' } }), ['cdrs', [['', 1]]]);
        const { items } = await records.faxes.cdrs({ account: id, number: paris, limit: 1 });
        const user = items[0]?.user;
        assert.ok(user);
        assert.deepEqual(await lines({ by: ['user'], filter: { user } }), ['cdrs', [[user, 1]]]);
      });
      test('of days that are over are added up over all accounts, and anew when a call comes late', async () => {
        const [one, two] = [await account(), await account()];
        const at = Date.UTC(2021, 2, 10, 12);
        const day = { from: '2021-03-08', to: '2021-03-15', timeZone: 'Asia/Kolkata', group: 'day' } as const;
        const found = async (query: Partial<CdrSummaryQuery> = {}) =>
          (await records.cdrs.summary({ ...day, by: ['cause'], ...query })).sums.map(
            ({ start, cause, cdrs, calls, pages }) => [
              ...[new Date(start).toISOString().slice(0, 10), cause, cdrs, calls, pages],
            ],
          );
        const rolled = async () =>
          (
            await pool.query<{ slot: number }>(
              `select slot::float8 as slot from cdr_rolled where unit = 'day' and slot = any($1)`,
              [[0, 1, 2].map((days) => Date.UTC(2021, 2, 10 + days))],
            )
          ).rows.length;
        await uncalled(one, at);
        await uncalled(two, at);
        await uncalled(two, at + DAY);
        const before = await found();
        assert.equal(await rolled(), 0);
        while ((await records.cdrs.rollUp(500)) > 0);
        assert.equal(await rolled(), 3, 'a day without calls as well');
        assert.deepEqual(await found(), before);
        assert.deepEqual(await found({ group: 'total', by: [] }), [['2021-03-07', null, 3, 0, 0]]);
        await pool.query(`update cdr_rolls set cdrs = cdrs + 40 where unit = 'day' and slot = $1`, [
          Date.UTC(2021, 2, 10),
        ]);
        assert.equal((await found({ group: 'total', by: [] }))[0]?.[2], 43, 'it is what is read');
        assert.equal((await found({ group: 'total', by: [], account: two }))[0]?.[2], 2, 'but not for one account');
        assert.equal((await found({ group: 'total', by: ['account'] })).length, 2, 'nor where accounts are told apart');
        await uncalled(one, at + HOUR);
        assert.equal(await rolled(), 2, 'its day is no longer taken for added up');
        assert.equal((await found({ group: 'total', by: [] }))[0]?.[2], 4);
        while ((await records.cdrs.rollUp(1)) > 0);
        assert.equal(await rolled(), 3);
        assert.equal((await found({ group: 'total', by: [] }))[0]?.[2], 4);
      });
      test('of months that are over likewise, and a late call has its month added up anew', async () => {
        const id = await account();
        await uncalled(id, Date.UTC(2020, 4, 10, 12));
        const year = { from: '2020-01-01', to: '2021-01-01', timeZone: 'UTC', group: 'total', by: [] } as const;
        const all = async () => (await records.cdrs.summary(year)).sums[0]?.cdrs ?? 0;
        while ((await records.cdrs.rollUp(500)) > 0);
        const before = await all();
        const may = Date.UTC(2020, 4);
        const changed = await pool.query(`update cdr_rolls set cdrs = cdrs + 40 where unit = 'month' and slot = $1`, [
          may,
        ]);
        assert.equal(changed.rowCount, 1);
        assert.equal(await all(), before + 40, 'it is what is read');
        await uncalled(id, Date.UTC(2020, 4, 31, 23));
        assert.equal(await all(), before + 1);
        while ((await records.cdrs.rollUp(500)) > 0);
        assert.equal(await all(), before + 1);
        const month = Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth());
        const { rows } = await pool.query(`select 1 from cdr_rolled where unit = 'month' and slot >= $1`, [month]);
        assert.deepEqual(rows, [], 'this month is not over');
      });
      test('a day of now is not added up before it is over', async () => {
        await uncalled(await account(), Date.now());
        while ((await records.cdrs.rollUp(500)) > 0);
        const { rows } = await pool.query('select 1 from cdr_rolled where slot > $1', [Date.now() - 30 * HOUR]);
        assert.deepEqual(rows, []);
      });
      test('count the same from the records as from the sums', async () => {
        const id = await account();
        const draw = dice(19);
        for (let count = 0; count < 12; count++) {
          const at = T0 + DAY + draw(20 * 24) * HOUR + draw(HOUR);
          if (draw(2) === 0) await uncalled(id, at);
          else await delivered(id, at, 1 + draw(90), 1 + draw(3));
        }
        const bare = (sums: readonly CdrSum[]) => sums.map((sum) => ({ ...sum, connect: null, open: null }));
        for (const group of ['hour', 'day', 'week', 'month', 'total'] as const) {
          const query = {
            account: id,
            group,
            by: ['result', 'carrier', 'country'] as const,
            timeZone: 'Asia/Kathmandu',
          };
          const [added, counted] = [await report(query), await report({ ...query, percentiles: true })];
          assert.deepEqual([added.source, counted.source], ['sums', 'cdrs']);
          assert.deepEqual(bare(counted.sums), added.sums, group);
          assert.ok(added.sums.length > 0);
        }
      });
      test('give the times that half of all calls, and 95 of 100, did not exceed', async () => {
        const id = await account();
        for (let seconds = 1; seconds <= 20; seconds++) await delivered(id, T0 + HOUR, seconds);
        await uncalled(id, T0 + HOUR);
        const [sum] = await summary({ account: id, percentiles: true });
        assert.deepEqual(
          [sum?.cdrs, sum?.connect, sum?.open],
          [21, { p50: SECOND, p95: SECOND }, { p50: 10 * SECOND, p95: 19 * SECOND }],
        );
        const [none] = await summary({ account: id, percentiles: true, filter: { result: 'failed' } });
        assert.deepEqual([none?.cdrs, none?.connect, none?.open], [1, null, null]);
      });
      test('hours are real ones, whatever the clock does, and weeks begin on Monday', async () => {
        const id = await account();
        // Summer time ends in Berlin: the hour from 2 to 3 is there twice.
        const [first, second] = [Date.UTC(2026, 9, 25, 0, 30), Date.UTC(2026, 9, 25, 1, 30)];
        for (const at of [first, second]) await uncalled(id, at);
        const starts = async (group: 'hour' | 'week') => {
          const query = { account: id, from: '2026-10-20', to: '2026-11-03', timeZone: 'Europe/Berlin', group };
          return (await summary(query)).map(({ start }) => start);
        };
        assert.deepEqual(await starts('hour'), [first - HOUR / 2, second - HOUR / 2]);
        await uncalled(id, Date.UTC(2026, 9, 25, 23));
        assert.deepEqual(await starts('week'), [Date.UTC(2026, 9, 19, 22), Date.UTC(2026, 9, 25, 23)]);
      });
      test('that read for too long are given up, and never hold up those that the sums answer', async () => {
        const hasty = createCdrRecords(openDatabase(pool, silentLog), readInTurn('50ms'));
        const query = { from: '2026-01-01', to: '2026-02-01', timeZone: 'UTC', group: 'total', by: [] } as const;
        const holder = await pool.connect();
        try {
          await holder.query('begin; lock table cdrs in access exclusive mode');
          const reading = Array.from({ length: 3 }, () => hasty.summary({ ...query, by: ['number'] }));
          const told = await Promise.allSettled(reading);
          assert.ok(told.every((one) => one.status === 'rejected' && one.reason.code === 'option_invalid'));
          assert.equal((await hasty.summary(query)).source, 'sums');
        } finally {
          await holder.query('rollback');
          holder.release();
        }
        assert.equal((await hasty.summary({ ...query, to: '2026-01-02', by: ['number'], top: 1 })).source, 'cdrs');
      });
      test('what makes no sense is refused', async () => {
        const refused = { code: 'option_invalid' };
        await assert.rejects(summary({ from: '2026-02-01' }), refused);
        await assert.rejects(summary({ timeZone: 'Nowhere/Land' }), refused);
        await assert.rejects(summary({ from: '2000-01-01', to: '2099-01-01', group: 'day' }), refused);
      });
    });

    describe('saved reports', () => {
      const actor = { who: 'usr_1', address: '192.0.2.1' };
      const saved = (name: string, title = ''): SavedReport => {
        return { name, title, query: { by: ['cause'], group: 'day' }, changedBy: actor.who, changedAt: T0 };
      };
      test('have names of their own with every owner, and are replaced by them', async () => {
        const [one, other] = [await account(), await account()];
        await records.cdrs.saveReport(one, saved('monthly'), actor);
        await records.cdrs.saveReport(one, saved('daily', 'first'), actor);
        await records.cdrs.saveReport(one, saved('daily', 'second'), actor);
        await records.cdrs.saveReport(null, saved('daily', 'all accounts'), actor);
        assert.deepEqual(await records.cdrs.savedReports(one), [saved('daily', 'second'), saved('monthly')]);
        assert.deepEqual(await records.cdrs.savedReports(other), []);
        assert.equal(await records.cdrs.savedReport(other, 'daily'), undefined);
        assert.deepEqual(await records.cdrs.savedReport(null, 'daily'), saved('daily', 'all accounts'));
        const { rows } = await pool.query(
          `select object from audit where account = $1 and action = 'report.save' order by id`,
          [one],
        );
        assert.deepEqual(
          rows.map(({ object }) => object),
          ['monthly', 'daily', 'daily'],
        );
      });
      test('are removed once', async () => {
        const id = await account();
        await records.cdrs.saveReport(id, saved('daily'), actor);
        assert.equal(await records.cdrs.removeReport(null, 'daily-of-nobody', actor, T0), false);
        assert.equal(await records.cdrs.removeReport(id, 'daily', actor, T0), true);
        assert.equal(await records.cdrs.removeReport(id, 'daily', actor, T0), false);
        assert.deepEqual(await records.cdrs.savedReports(id), []);
      });
      test('are limited for each owner, also for those who save at once', async () => {
        const id = await account();
        await pool.query(
          `insert into saved_reports select $1, 'r' || n, '', '{}', '', 0 from generate_series(1, $2::int) n`,
          [id, SAVED_REPORTS - 1],
        );
        const saving = ['a', 'b', 'c'].map((name) => records.cdrs.saveReport(id, saved(name), actor));
        const told = await Promise.allSettled(saving);
        assert.equal(told.filter(({ status }) => status === 'fulfilled').length, 1);
        await records.cdrs.saveReport(id, saved('r1', 'a new title for an old one'), actor);
      });
    });

    describe('lists over months', () => {
      test('a number is found as receiver and as sender, once each, page by page in both orders', async () => {
        const id = await account();
        const number = freshNumber();
        const made: FaxId[] = [];
        for (let month = 0; month < 5; month++) {
          const change = [{ to: number }, { from: number }, { to: number, from: number }, {}][month % 4];
          const fax = await world.accepted(id, change);
          assert.ok(
            await records.faxes.endUncalled(fax, null, 'failed', 'deadline_passed', '', Date.UTC(2033, month, 3)),
          );
          if (month !== 3) made.push(fax);
        }
        await records.cdrs.prepareMonths(Date.UTC(2033, 0, 1));
        for (const filter of [{ account: id, number }, { number }]) {
          const walked: FaxId[] = [];
          for (let cursor: string | undefined, left = 9; left > 0; left--) {
            const part = await records.faxes.cdrs({ ...filter, limit: 1, ...(cursor === undefined ? {} : { cursor }) });
            walked.push(...part.items.map(({ fax }) => fax));
            if (part.next === null) break;
            cursor = part.next;
          }
          assert.deepEqual(walked, made.toReversed());
          const streamed: FaxId[] = [];
          for await (const cdr of records.faxes.streamCdrs(filter)) streamed.push(cdr.fax);
          assert.deepEqual(streamed, made);
        }
      });
      test('are found by cause, carrier, country and by how a number begins, as receiver or as sender', async () => {
        const id = await account();
        const at = T0 + 40 * DAY;
        const [sent, failed] = [await delivered(id, at, 10), await uncalled(id, at + SECOND)];
        const numbers = async (fax: FaxId) => {
          const [cdr] = (await records.faxes.cdrs({ fax, limit: 1 })).items;
          return { from: cdr?.from ?? '', to: cdr?.to ?? '', carrier: cdr?.carrier ?? '', country: cdr?.country };
        };
        await pool.query(`update cdrs set to_number = '+4930123450', from_number = '+33140506070' where fax = $1`, [
          sent,
        ]);
        await pool.query(`update cdrs set to_number = '+331405', from_number = '+33140999999' where fax = $1`, [
          failed,
        ]);
        const prefixed = (prefix: string) => faxesOf({ account: id, prefix: parseNumberPrefix(prefix) });
        assert.deepEqual(await prefixed('+49'), [sent]);
        assert.deepEqual(await prefixed('+3314'), [failed, sent]);
        assert.deepEqual(await prefixed('+331409'), [failed]);
        assert.deepEqual(await prefixed('+331405'), [failed, sent]);
        assert.deepEqual(await prefixed('+9'), []);
        const all = { account: id, prefix: parseNumberPrefix('+49'), number: parseE164('+33140506070') };
        assert.deepEqual(await faxesOf(all), [], 'of one number, not of two that are there together');
        assert.deepEqual(await faxesOf({ account: id, cause: 'deadline_passed' }), [failed]);
        const { carrier, country } = await numbers(sent);
        assert.deepEqual(await faxesOf({ account: id, carrier }), [sent]);
        assert.deepEqual(await faxesOf({ account: id, carrier: 'nobody' }), []);
        assert.ok(country);
        assert.deepEqual(await faxesOf({ account: id, country, cause: 'ok' }), [sent]);
        const query = { ...reportOf(at), account: id, filter: { prefix: parseNumberPrefix('+4930') } };
        const { source, sums } = await records.cdrs.summary(query);
        assert.deepEqual([source, sums.map(({ cdrs }) => cdrs)], ['cdrs', [1]]);
      });
      test('a CDR shows both receipts as soon as they exist', async () => {
        const id = await account();
        const fax = await delivered(id, T0 + HOUR, 5);
        const shown = async () => (await records.faxes.cdrs({ fax, limit: 1 })).items[0];
        assert.partialDeepStrictEqual(await shown(), { receipt: null, epochReceipt: null });
        await records.vault.storeReceipt(fax, 77, 'first', T0);
        assert.partialDeepStrictEqual(await shown(), { receipt: 'first', epochReceipt: null });
        await records.vault.openEpoch(77, T0);
        await records.vault.destroyEpoch(77, 'second', T0);
        assert.partialDeepStrictEqual(await shown(), { receipt: 'first', epochReceipt: 'second' });
      });
    });

    describe('retention', () => {
      const now = Date.UTC(2029, 5, 15, 12);
      const retireAll = async (days: number, limit = 100) => {
        const total = { cdrs: 0, months: 0, steps: 0 };
        for (
          let step = await records.cdrs.retire(now, days, limit);
          ;
          step = await records.cdrs.retire(now, days, limit)
        ) {
          total.cdrs += step.cdrs;
          total.months += step.months;
          total.steps += 1;
          if (!step.more) return total;
        }
      };

      test('takes what is past the time of its account, and nothing else', async () => {
        const [short, long, always] = [
          await account({ cdrRetentionDays: 10 }),
          await account({ cdrRetentionDays: 20 }),
          await account({ cdrRetentionDays: 0 }),
        ];
        const ages = [9, 10, 11, 19, 20, 21];
        const ended = new Map<AccountId, FaxId[]>();
        for (const id of [short, long, always]) {
          const faxes: FaxId[] = [];
          for (const age of ages) faxes.push(await uncalled(id, now - age * DAY));
          ended.set(id, faxes);
        }
        await records.cdrs.prepareMonths(now);
        assert.equal((await retireAll(NEVER)).cdrs, 0, 'images are outstanding');
        await wiped(...[...ended.values()].flat());
        const sums = sorted(await pool.query(SUMS));
        assert.deepEqual(await retireAll(NEVER, 2), { cdrs: 5, months: 0, steps: 4 });
        const kept = async (id: AccountId, count: number) =>
          assert.deepEqual((await faxesOf({ account: id })).toSorted(), ended.get(id)?.slice(0, count).toSorted());
        await kept(short, 2);
        await kept(long, 5);
        await kept(always, 6);
        assert.deepEqual(sorted(await pool.query(SUMS)), sums, 'sums stay');
      });
      test('a whole month goes at once when every account’s time is over', async () => {
        const [one, two] = [await account({ cdrRetentionDays: 30 }), await account()];
        const faxes = [await uncalled(one, Date.UTC(2028, 2, 1)), await uncalled(two, Date.UTC(2028, 2, 31, 23))];
        await records.cdrs.prepareMonths(now);
        await wiped(...faxes);
        assert.deepEqual(
          await records.cdrs.retire(now, 500, 100),
          { cdrs: 1, months: 0, more: true },
          'one account waits',
        );
        const again = await uncalled(one, Date.UTC(2028, 2, 2));
        await records.cdrs.prepareMonths(now);
        await wiped(again);
        for (
          let step = await records.cdrs.retire(now, 400, 100);
          step.more;
          step = await records.cdrs.retire(now, 400, 100)
        ) {
          assert.ok(step.cdrs + step.months > 0);
        }
        assert.ok(!(await months()).some(({ month }) => month === 'cdrs_202803'));
        const { rows } = await pool.query(`select to_regclass('cdrs_202803') as found`);
        assert.equal(rows[0]?.found, null, 'the table is gone');
        const late = await uncalled(two, Date.UTC(2028, 2, 3));
        assert.equal(await monthOf(late), 'cdrs_rest', 'and a CDR of it is still taken');
      });
      test('a CDR stays while an image, its wipe or a receipt of its fax is outstanding', async () => {
        const id = await account({ cdrRetentionDays: 1 });
        const fax = await uncalled(id, Date.UTC(2027, 8, 9));
        await records.cdrs.prepareMonths(now);
        const stays = async (why: string) => {
          await retireAll(NEVER);
          assert.deepEqual(await faxesOf({ account: id }), [fax], why);
        };
        await stays('image and wipe intent');
        await records.vault.storeReceipt(fax, EPOCH, 'jws', T0);
        await stays('second receipt');
        await pool.query(`update epochs set state = 'destroyed' where number = $1`, [EPOCH]);
        await retireAll(NEVER);
        assert.deepEqual(await faxesOf({ account: id }), []);
      });
      test('a month whose only rows are outstanding is not dropped', async () => {
        const id = await account({ cdrRetentionDays: 1 });
        const fax = await uncalled(id, Date.UTC(2022, 8, 9));
        await records.cdrs.prepareMonths(now);
        await retireAll(1);
        assert.equal(await monthOf(fax), 'cdrs_202209');
      });
    });
  });
}
