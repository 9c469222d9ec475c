import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type pg from 'pg';
import type { AccountId, FaxId } from '../../gateway/fax/ids.ts';
import type { Micros } from '../../gateway/fax/money.ts';
import type { AccountPolicy } from '../../gateway/fax/policy.ts';
import type { BudgetPeriod, Payer } from '../../gateway/ports/budget-records.ts';
import type { CallRequest } from '../../gateway/ports/fax-records.ts';
import type { PricedCall, Pricing } from '../../gateway/ports/pricing.ts';
import { createRecords, type Records } from '../../gateway/records/index.ts';
import { periodOf } from '../../gateway/routing/periods.ts';
import { createPlanner, plainTerms } from '../../gateway/routing/plan.ts';
import { silentLog, type TestPostgres, testDatabases } from '../postgres.ts';
import { busy, createWorld, ok, planOver, SECOND, T0, type World } from './fax-records-world.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A cent for each second of a charged call; calls over carriers whose name ends in `free` have no price. */
const CENT: Micros = 10_000;

for (const database of await testDatabases()) {
  describe(`BudgetRecords on ${database.name}`, () => {
    let postgres: TestPostgres;
    let pool: pg.Pool;
    let records: Records;
    let world: World;
    const asked: PricedCall[] = [];
    const pricing: Pricing = {
      currency: 'EUR',
      charge(call) {
        asked.push(call);
        if (call.carrier.endsWith('free')) return null;
        const seconds = call.billable ? Math.ceil(call.duration / SECOND) : 0;
        return { cost: seconds * CENT, seconds };
      },
    };
    before(async () => {
      postgres = await database.start();
      pool = postgres.pool();
      records = createRecords({ pool, log: silentLog, pricing });
      await records.migrate();
      world = createWorld(records);
    });
    after(async () => {
      await records.close();
      await postgres.stop();
    });

    /** A call of `seconds` that delivered its fax and ended at `at`. */
    async function delivered(account: AccountId, at: number, seconds: number, carrier = 'loop'): Promise<FaxId> {
      const fax = await world.queued(account, 1);
      const { call, fence } = await world.sending(fax, at - seconds * SECOND - SECOND);
      await pool.query('update calls set carrier = $2 where id = $1', [call, carrier]);
      assert.ok(await records.faxes.endCall(call, fence, ok(1), { state: 'delivered' }, at));
      return fax;
    }
    const account = async (policy: Partial<AccountPolicy> = {}) => (await world.account(policy)).id;
    const periods = (now: number, budget: { day?: Micros; month?: Micros }, zone = 'UTC'): BudgetPeriod[] =>
      (['day', 'month'] as const).map((span) => ({ span, ...periodOf(span, now, zone), budget: budget[span] ?? null }));
    const payer = (name: AccountId): Payer => ({ kind: 'account', name });
    const spentIn = async (name: AccountId, now: number, zone?: string) =>
      (await records.budgets.spending(payer(name), periods(now, {}, zone))).map(({ spent }) => spent / CENT);
    const cdrOf = async (fax: FaxId) => (await records.faxes.cdrs({ fax, limit: 1 })).items[0];
    const eventsOf = async (name: AccountId) =>
      (await records.events.read(name, 0, 100)).filter(({ type }) => type === 'account.budget').map(({ data }) => data);

    test('the currency may be changed before a call has been charged in it', async () => {
      assert.equal(await records.budgets.keepCurrency('USD'), 'USD');
      assert.equal(await records.budgets.keepCurrency('EUR'), 'EUR');
    });

    describe('the cost of a call', () => {
      test('stands in its CDR with the currency and the seconds that it was made of', async () => {
        const fax = await delivered(await account(), T0 + HOUR, 12);
        const { cost, currency, chargedSeconds } = (await cdrOf(fax)) ?? {};
        assert.deepEqual({ cost, currency, chargedSeconds }, { cost: 12 * CENT, currency: 'EUR', chargedSeconds: 12 });
      });
      test('is null where no rate tells it, and the sums say how many calls they lack', async () => {
        const id = await account();
        const [known, unknown] = [await delivered(id, T0 + HOUR, 3), await delivered(id, T0 + HOUR, 5, 'free')];
        assert.equal((await cdrOf(known))?.cost, 3 * CENT);
        const { cost, currency, chargedSeconds } = (await cdrOf(unknown)) ?? {};
        assert.deepEqual([cost, currency, chargedSeconds], [null, null, null]);
        const { sums } = await records.cdrs.summary({
          ...{ account: id, from: '2026-01-01', to: '2026-01-02', timeZone: 'UTC', group: 'total', by: [] },
        });
        const [sum] = sums;
        assert.deepEqual([sum?.cost, sum?.unpricedCalls, sum?.billableCalls], [3 * CENT, 1, 2]);
      });
      test('is nothing for a busy line, and is asked for with what the call came to', async () => {
        const fax = await world.queued(await account(), 1);
        const { call, fence } = await world.dialing(fax, T0 + HOUR);
        asked.length = 0;
        assert.ok(await records.faxes.endCall(call, fence, busy, { state: 'failed' }, T0 + HOUR + SECOND));
        assert.deepEqual([(await cdrOf(fax))?.cost, (await cdrOf(fax))?.currency], [0, 'EUR']);
        const { to } = await world.get(fax);
        const came = { carrier: 'loop', direction: 'outbound', to, billable: false, duration: 0, pages: 0 };
        assert.deepEqual(asked, [came]);
      });
      test('is made of the time that the carrier itself counted, where it tells', async () => {
        const fax = await world.queued(await account(), 1);
        const { call, fence } = await world.sending(fax, T0);
        const result = { ...ok(1), lineSeconds: 42 };
        assert.ok(await records.faxes.endCall(call, fence, result, { state: 'delivered' }, T0 + HOUR));
        assert.equal((await cdrOf(fax))?.cost, 42 * CENT);
      });
      test('of an incoming call goes by the number that was called', async () => {
        asked.length = 0;
        const fax = await world.received(await account(), {}, T0 + HOUR);
        const { to } = await world.get(fax);
        assert.deepEqual(
          asked.map((one) => [one.direction, one.to, one.pages]),
          [['inbound', to, 1]],
        );
        assert.equal((await cdrOf(fax))?.currency, 'EUR');
      });
      test('is told to whoever watches, once it is durable', async () => {
        const [id, other] = [await account(), await account()];
        const heard: AccountId[] = [];
        const deafen = records.budgets.hear((name) => heard.push(name));
        await delivered(id, T0 + HOUR, 3);
        await delivered(other, T0 + HOUR, 3, 'free');
        deafen();
        await delivered(id, T0 + HOUR, 3);
        assert.deepEqual(heard, [id]);
      });
    });

    describe('what has been spent', () => {
      test('counts for the day and the month, of the payer’s calendar, in which calls ended', async () => {
        const id = await account();
        // Midnight in Kathmandu (UTC+5:45) is at 18:15.
        const midnight = Date.UTC(2026, 2, 31, 18, 15);
        await delivered(id, midnight - 1, 1);
        await delivered(id, midnight, 2);
        await delivered(id, midnight + 10 * HOUR, 4);
        assert.deepEqual(await spentIn(id, midnight - 1, 'Asia/Kathmandu'), [1, 1]);
        assert.deepEqual(await spentIn(id, midnight, 'Asia/Kathmandu'), [6, 6]);
        assert.deepEqual(await spentIn(id, midnight, 'UTC'), [3, 3]);
        assert.deepEqual(await spentIn(id, midnight + 12 * HOUR, 'UTC'), [4, 4]);
      });
      test('is what the records themselves add up to', async () => {
        const id = await account();
        for (let count = 1; count <= 12; count++) await delivered(id, T0 + count * 61 * HOUR, count);
        for (const now of [T0 + DAY, T0 + 9 * DAY, T0 + 30 * DAY])
          for (const zone of ['UTC', 'Europe/Berlin', 'Pacific/Kiritimati', 'America/Los_Angeles']) {
            const [day, month] = periods(now, {}, zone);
            const counted = await Promise.all(
              [day, month].map(async (period) => {
                const { rows } = await pool.query(
                  'select coalesce(sum(cost), 0)::int as cost from cdrs where account = $1 and ended_at >= $2 and ended_at < $3',
                  [id, period?.since, period?.until],
                );
                return rows[0].cost / CENT;
              }),
            );
            assert.deepEqual(await spentIn(id, now, zone), counted, `${zone} ${now}`);
          }
      });
      test('over a carrier is that of all accounts', async () => {
        for (const id of [await account(), await account()]) await delivered(id, T0 + HOUR, 7, 'trunk-7');
        const carrier: Payer = { kind: 'carrier', name: 'trunk-7' };
        const [day] = await records.budgets.spending(carrier, periods(T0, { day: 20 * CENT }));
        assert.deepEqual([day?.spent, day?.unpriced, day?.budget], [14 * CENT, 0, 20 * CENT]);
      });
    });

    describe('a budget', () => {
      const weigh = (name: AccountId, budget: { day?: Micros; month?: Micros }, now: number) =>
        records.budgets.weigh(payer(name), periods(now, budget), now);

      test('warns at four fifths and ends calls when it is spent, each told once', async () => {
        const id = await account();
        const month = { month: 100 * CENT };
        await delivered(id, T0 + HOUR, 79);
        assert.deepEqual(await weigh(id, month, T0 + HOUR), { raised: [], freed: false });
        await delivered(id, T0 + HOUR, 1);
        const warned = await Promise.all([1, 2, 3].map(() => weigh(id, month, T0 + HOUR)));
        assert.deepEqual(
          warned.flatMap(({ raised }) => raised).map(({ level, span, spent }) => [level, span, spent / CENT]),
          [['warned', 'month', 80]],
        );
        await delivered(id, T0 + HOUR, 20);
        const [spent] = (await weigh(id, month, T0 + HOUR)).raised;
        assert.deepEqual([spent?.level, spent?.until], ['spent', T0 + 31 * DAY]);
        assert.deepEqual((await weigh(id, month, T0 + HOUR)).raised, []);
        const told = await eventsOf(id);
        assert.deepEqual(
          told.map(({ level, budget }) => [level, budget]),
          [
            ['warned', 100 * CENT],
            ['spent', 100 * CENT],
          ],
        );
        const log = await records.accounts.auditLog({ account: id, limit: 50 });
        assert.deepEqual(
          log.map(({ action }) => action).filter((action) => action.startsWith('budget.')),
          ['budget.spent', 'budget.warned'],
        );
      });
      test('that is spent keeps queued faxes waiting, and no longer than its period', async () => {
        const id = await account();
        await delivered(id, T0 + HOUR, 10);
        const fax = await world.queued(id, 1);
        await weigh(id, { day: 10 * CENT }, T0 + HOUR);
        assert.equal(await world.tryClaim(fax, T0 + 2 * HOUR), undefined);
        assert.equal(await world.tryClaim(fax, T0 + DAY - 1), undefined);
        assert.ok(await world.tryClaim(fax, T0 + DAY));
      });
      test('of another account keeps nobody waiting', async () => {
        const [id, other] = [await account(), await account()];
        await delivered(id, T0 + HOUR, 10);
        await weigh(id, { day: CENT }, T0 + HOUR);
        assert.ok(await world.tryClaim(await world.queued(other, 1), T0 + HOUR));
      });
      test('of nothing lets nothing out', async () => {
        const id = await account();
        const [mark] = (await weigh(id, { month: 0 }, T0)).raised;
        assert.equal(mark?.level, 'spent');
      });
      test('that was raised lets faxes out again', async () => {
        const id = await account();
        await delivered(id, T0 + HOUR, 10);
        const fax = await world.queued(id, 1);
        await weigh(id, { day: 10 * CENT }, T0 + HOUR);
        assert.deepEqual(await weigh(id, { day: 11 * CENT }, T0 + HOUR), { raised: [], freed: true });
        const marks = (await records.budgets.marks(T0 + HOUR)).filter(({ name }) => name === id);
        assert.deepEqual(
          marks.map(({ level }) => level),
          ['warned'],
        );
        assert.ok(await world.tryClaim(fax, T0 + HOUR));
        assert.equal((await weigh(id, {}, T0 + HOUR)).freed, false);
        assert.equal((await records.budgets.marks(T0 + HOUR)).filter(({ name }) => name === id).length, 0);
      });
      test('begins anew with the next period, and warns anew in it', async () => {
        const id = await account();
        await delivered(id, T0 + HOUR, 10);
        assert.equal((await weigh(id, { day: 10 * CENT }, T0 + HOUR)).raised.length, 1);
        assert.deepEqual((await weigh(id, { day: 10 * CENT }, T0 + DAY)).raised, []);
        await delivered(id, T0 + DAY + HOUR, 9);
        const [again] = (await weigh(id, { day: 10 * CENT }, T0 + DAY + HOUR)).raised;
        assert.deepEqual([again?.level, again?.since], ['warned', T0 + DAY]);
      });
      test('that is spent refuses new faxes, naming the end of its period, unless they may wait', async () => {
        for (const overBudget of ['reject', 'hold'] as const) {
          const id = await account({ overBudget });
          await delivered(id, T0 + 60 * SECOND, 10);
          await weigh(id, { day: CENT }, T0 + 60 * SECOND);
          const sending = world.accepted(id, {}, T0 + 100 * SECOND);
          if (overBudget === 'hold') {
            assert.equal((await world.get(await sending)).state, 'accepted');
            continue;
          }
          await assert.rejects(sending, (error: unknown) => {
            const { code, message, retryAfter } = error as { code: string; message: string; retryAfter: number };
            assert.equal(code, 'budget_spent');
            assert.match(message, /until 2026-01-02T00:00:00\.000Z$/);
            assert.equal(retryAfter, 86_300);
            return true;
          });
        }
      });
      test('of a carrier that is spent closes it for everybody until its period ends', async () => {
        const carrier: Payer = { kind: 'carrier', name: 'trunk-9' };
        await delivered(await account(), T0 + HOUR, 10, 'trunk-9');
        const closed = async () =>
          (await pool.query(`select spent_until::text as until from carriers where name = 'trunk-9'`)).rows[0]?.until;
        await records.budgets.weigh(carrier, periods(T0 + HOUR, { day: 10 * CENT, month: CENT }), T0 + HOUR);
        assert.equal(await closed(), String(T0 + 31 * DAY));
        await records.budgets.weigh(carrier, periods(T0 + HOUR, { day: 10 * CENT }), T0 + HOUR);
        assert.equal(await closed(), String(T0 + DAY));
        await records.budgets.weigh(carrier, periods(T0 + HOUR, {}), T0 + HOUR);
        assert.equal(await closed(), null);
      });
      test('of a carrier that is spent gives its faxes to the next carrier, and takes them back when it begins anew', async () => {
        const id = await account();
        await delivered(id, T0 + HOUR, 10, 'near');
        const fax = await world.queued(id, 1);
        const names = ['near', 'far'];
        const planner = createPlanner({ routes: [], carriers: names.map(plainTerms) });
        const shares = names.map((name) => ({ name, maxCalls: null, callsPerSecond: null }));
        const plan: CallRequest['plan'] = (one, conditions) =>
          one.id === fax ? planner.plan(one, conditions) : planOver(one.id);
        const over = async (now: number): Promise<string | null | undefined> => {
          const request = { worker: 'w', lease: 90 * SECOND, limit: 1, carriers: shares, plan };
          const [claim] = (await records.faxes.claimCalls(request, now)).claims;
          if (claim !== undefined) await records.faxes.release(fax, claim.fence, now, now);
          return claim?.carrier;
        };
        assert.equal(await over(T0 + HOUR), 'near');
        const carrier: Payer = { kind: 'carrier', name: 'near' };
        const [mark] = (await records.budgets.weigh(carrier, periods(T0 + HOUR, { day: 10 * CENT }), T0 + HOUR)).raised;
        assert.equal(mark?.level, 'spent');
        assert.equal(await over(T0 + 2 * HOUR), 'far');
        assert.equal(await over(T0 + DAY), 'near');
      });
      test('is found with its calendar; accounts without one are not asked for', async () => {
        const with_ = await account({ budgetMonth: 5 * CENT, timeZone: 'Europe/Berlin' });
        const without = await account();
        const [found] = await records.budgets.accounts(with_);
        assert.deepEqual([found?.timeZone, found?.budget], ['Europe/Berlin', { day: null, month: 5 * CENT }]);
        assert.deepEqual(await records.budgets.accounts(without), []);
        const all = (await records.budgets.accounts()).map(({ id }) => id);
        assert.ok(all.includes(with_) && !all.includes(without));
      });
    });

    test('the currency cannot be changed once a call has been charged in it', async () => {
      assert.equal(await records.budgets.keepCurrency('USD'), 'EUR');
    });
  });
}
