import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { AccountId } from '../../gateway/fax/ids.ts';
import type { LearnedFacts } from '../../gateway/fax/learned.ts';
import type { LearnedRecords } from '../../gateway/ports/learned-records.ts';
import type { Backend } from './fax-records.ts';
import { createWorld, freshNumber, T0 } from './fax-records-world.ts';

const DAY = 86_400_000;
const ADMIN = { who: 'usr_admin', address: null };
const NO_ECM: LearnedFacts = { noEcm: { since: T0, confirmedAt: T0 } };

/** What every implementation of `LearnedRecords` has to do. */
export function learnedRecordsConformance(name: string, start: () => Promise<Backend>): void {
  describe(`LearnedRecords on ${name}`, () => {
    let backend: Backend;
    let learned: LearnedRecords;
    let account: AccountId;
    let brief: AccountId;
    before(async () => {
      backend = await start();
      learned = backend.records.learned;
      const world = createWorld(backend.records);
      account = (await world.account()).id;
      brief = (await world.account({ cdrRetentionDays: 7 })).id;
    });
    after(() => backend.stop());

    const learn = (number: string, facts: LearnedFacts | null, options: { by?: AccountId; days?: number } = {}) =>
      learned.learn(number, () => facts, { known: false, account: options.by ?? account, days: options.days ?? 0 }, T0);

    test('what was learned is known for 30 days', async () => {
      const number = freshNumber();
      await learn(number, NO_ECM);
      const known = { number, facts: NO_ECM, expiresAt: T0 + 30 * DAY };
      assert.deepEqual(await learned.learned(number, T0), known);
      assert.deepEqual(await learned.learned(number, T0 + 30 * DAY - 1), known);
      assert.equal(await learned.learned(number, T0 + 30 * DAY), undefined);
    });

    test('facts do not outlive the CDRs that they come from', async () => {
      const lives = async (options: { by?: AccountId; days?: number }) => {
        const number = freshNumber();
        await learn(number, NO_ECM, options);
        return ((await learned.learned(number, T0))?.expiresAt ?? 0) - T0;
      };
      assert.equal(await lives({ by: brief }), 7 * DAY);
      assert.equal(await lives({ by: brief, days: 3 }), 7 * DAY);
      assert.equal(await lives({ days: 3 }), 3 * DAY);
      assert.equal(await lives({ days: 365 }), 30 * DAY);
    });

    test('what is known is handed to whoever teaches; what has expired is not', async () => {
      const number = freshNumber();
      await learn(number, NO_ECM);
      const told: LearnedFacts[] = [];
      const listener = (facts: LearnedFacts): LearnedFacts => {
        told.push(facts);
        return NO_ECM;
      };
      const listen = (now: number) => learned.learn(number, listener, { known: false, account, days: 0 }, now);
      await listen(T0 + DAY);
      await listen(T0 + 31 * DAY);
      assert.deepEqual(told, [NO_ECM, {}]);
    });

    test('a number of which nothing is known is not taught what only confirms', async () => {
      const number = freshNumber();
      const never = () => assert.fail('nobody may ask');
      await learned.learn(number, never, { known: true, account, days: 0 }, T0);
      assert.equal(await learned.learned(number, T0), undefined);
    });

    test('nothing is left of a number of which nothing is known any more', async () => {
      const number = freshNumber();
      await learn(number, NO_ECM);
      await learn(number, null);
      assert.equal(await learned.learned(number, T0), undefined);
      assert.equal(await learned.forget(number, ADMIN, T0), false);
    });

    test('two calls that teach at the same time are both heard', async () => {
      const number = freshNumber();
      const count = (facts: LearnedFacts): LearnedFacts => {
        const missed = (facts.hours?.['9']?.missed ?? 0) + 1;
        return { hours: { 9: { missed, reached: 0, at: T0 } } };
      };
      const options = { known: false, account, days: 0 };
      await Promise.all(Array.from({ length: 8 }, () => learned.learn(number, count, options, T0)));
      assert.equal((await learned.learned(number, T0))?.facts.hours?.['9']?.missed, 8);
    });

    test('an administrator has a number forgotten, and the audit log does not keep it', async () => {
      const number = freshNumber();
      await learn(number, NO_ECM);
      assert.equal(await learned.forget(number, ADMIN, T0), true);
      assert.equal(await learned.learned(number, T0), undefined);
      const audit = await backend.records.accounts.auditLog({ limit: 500 });
      assert.equal(audit.filter(({ action }) => action === 'destination.forget').length, 1);
      assert.ok(!JSON.stringify(audit).includes(number));
    });

    test('tidying deletes what has expired, and of too many numbers those that were confirmed longest ago', async () => {
      await learned.tidy(0, T0);
      const [old, middle, young] = [freshNumber(), freshNumber(), freshNumber()];
      await learn(old, NO_ECM, { days: 1 });
      await learn(middle, NO_ECM, { days: 2 });
      await learn(young, NO_ECM, { days: 3 });
      assert.equal(await learned.tidy(2, T0), 1);
      assert.equal(await learned.learned(old, T0), undefined);
      assert.equal(await learned.tidy(2, T0), 0);
      assert.equal(await learned.tidy(2, T0 + 2 * DAY), 1);
      assert.ok(await learned.learned(young, T0));
    });
  });
}
