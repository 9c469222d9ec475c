import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { AccountId } from '../../gateway/fax/ids.ts';
import type { Breaker, CarrierHealthRecords, NewBreaker } from '../../gateway/ports/carrier-health.ts';
import { VERDICTS } from '../../gateway/routing/breaker.ts';
import type { Backend } from './fax-records.ts';
import { busy, createWorld, LINE, make, ok, SECOND, T0, type World } from './fax-records-world.ts';

const GATEWAY = { who: 'gateway', address: null };
const OPEN: NewBreaker = {
  phase: 'open',
  until: T0 + 30 * SECOND,
  rest: 30 * SECOND,
  reason: 'five refused',
  figures: null,
};
const CLOSED: NewBreaker = {
  phase: 'closed',
  until: null,
  rest: 30 * SECOND,
  reason: 'the trial went well',
  figures: null,
};

const refused = { ...busy, cause: 'carrier_unavailable', detail: '503' } as const;
const unfit = { ...busy, cause: 'training_failed', detail: 'FTT', line: { ...LINE, t38: false } } as const;

/** What every implementation of `CarrierHealthRecords` has to do. */
export function carrierHealthConformance(name: string, start: () => Promise<Backend>): void {
  describe(`CarrierHealthRecords on ${name}`, () => {
    let backend: Backend;
    let health: CarrierHealthRecords;
    let world: World;
    let account: AccountId;
    before(async () => {
      backend = await start();
      health = backend.records.health;
      world = createWorld(backend.records);
      account = (await world.account()).id;
    });
    after(() => backend.stop());

    /** A carrier that no other test has. */
    let made = 0;
    const fresh = () => `carrier-${++made}`;

    /** A call of a fax of its own; answered `answer` ms after its beginning when there is such a time. */
    async function call(
      carrier: string,
      {
        result,
        at,
        lasts = SECOND,
        answer,
        by,
      }: { result: typeof busy; at: number; lasts?: number; answer?: number; by?: AccountId },
    ): Promise<void> {
      const { faxes } = backend.records;
      const fax = await world.queued(by ?? account, 1);
      const claim = await world.claimed(fax, at);
      const id = make.call();
      assert.ok(await faxes.intend(fax, claim.fence, { id, carrier, reference: `r-${id}`, firstPage: 1 }, at));
      if (answer !== undefined) assert.ok(await faxes.passGate2(id, claim.fence, at + answer));
      const end = { state: result.cause === 'ok' ? 'delivered' : 'failed' } as const;
      assert.ok(await faxes.endCall(id, claim.fence, result, end, at + lasts));
    }

    const evidenceOf = async (carrier: string, since = T0) => {
      const [found] = await health.evidence([carrier], since, VERDICTS);
      assert.ok(found);
      return found;
    };
    const breakerOf = async (carrier: string): Promise<Breaker> => {
      const [found] = await health.breakers([carrier]);
      assert.ok(found);
      return found;
    };

    test('a carrier without calls has none, and is closed', async () => {
      const [a, b] = [fresh(), fresh()];
      const figures = await health.figures([b, a], T0, VERDICTS.fault);
      const none = { calls: 0, delivered: 0, answered: 0, unfit: 0, overT38: 0, overAudio: 0, faults: 0 };
      const nobody = { answerMedian: null, answerP95: null, lastDeliveredAt: null, causes: {} };
      assert.deepEqual(figures, [
        { ...none, ...nobody },
        { ...none, ...nobody },
      ]);
      const breaker = { carrier: b, phase: 'closed', since: 0, until: null, rest: 0, reason: '', version: 0 };
      assert.deepEqual(await breakerOf(b), breaker);
      const nothing = { good: 0, faults: 0, inRow: 0, accounts: 0, failing: 0, lastGoodAt: null, lastFault: null };
      assert.deepEqual(await evidenceOf(b), { ...nothing, carrier: b, breaker });
      assert.deepEqual(await health.breaks(b, 10), []);
    });

    test('figures tell what calls came to, how long answers took and over what they ran', async () => {
      const carrier = fresh();
      for (const answer of [2_000, 4_000, 3_000]) {
        await call(carrier, { result: ok(1), at: T0, lasts: 60 * SECOND, answer });
      }
      await call(carrier, { result: unfit, at: T0, lasts: 30 * SECOND, answer: 9_000 });
      await call(carrier, { result: busy, at: T0 });
      await call(carrier, { result: refused, at: T0 });
      const [figures] = await health.figures([carrier], T0, VERDICTS.fault);
      assert.deepEqual(figures, {
        calls: 6,
        delivered: 3,
        answered: 4,
        unfit: 1,
        overT38: 3,
        overAudio: 1,
        faults: 1,
        answerMedian: 3_000,
        answerP95: 9_000,
        lastDeliveredAt: T0 + 60 * SECOND,
        causes: { ok: 3, training_failed: 1, busy: 1, carrier_unavailable: 1 },
      });
    });

    test('a call that passed gate 2 and was then refused was not answered', async () => {
      const carrier = fresh();
      await call(carrier, { result: refused, at: T0, answer: 1 });
      await call(carrier, { result: busy, at: T0, answer: 1 });
      const [figures] = await health.figures([carrier], T0, VERDICTS.fault);
      assert.deepEqual([figures?.calls, figures?.answered, figures?.answerMedian], [2, 0, null]);
    });

    test('calls count from their end on, later than the moment and not at it', async () => {
      const carrier = fresh();
      await call(carrier, { result: busy, at: T0 });
      assert.equal((await health.figures([carrier], T0 + SECOND, VERDICTS.fault))[0]?.calls, 0);
      assert.equal((await health.figures([carrier], T0 + SECOND - 1, VERDICTS.fault))[0]?.calls, 1);
      assert.equal((await evidenceOf(carrier, T0 + SECOND)).good, 0);
    });

    test('faults in a row are those since the last call that reached its receiver, one for each fax', async () => {
      const carrier = fresh();
      await call(carrier, { result: refused, at: T0 });
      await call(carrier, { result: busy, at: T0 + SECOND });
      for (const second of [2, 3, 4]) {
        await call(carrier, { result: { ...refused, detail: `50${second}` }, at: T0 + second * SECOND });
      }
      const seen = await evidenceOf(carrier);
      assert.deepEqual([seen.good, seen.faults, seen.inRow, seen.lastGoodAt], [1, 4, 3, T0 + 2 * SECOND]);
      assert.deepEqual(seen.lastFault, { cause: 'carrier_unavailable', detail: '504' });
    });

    test('accounts that use a carrier are told from those whose calls it fails', async () => {
      const carrier = fresh();
      const other = (await world.account()).id;
      await call(carrier, { result: refused, at: T0 });
      await call(carrier, { result: refused, at: T0 });
      await call(carrier, { result: busy, at: T0, by: other });
      const seen = await evidenceOf(carrier);
      assert.deepEqual([seen.accounts, seen.failing], [2, 1]);
    });

    test('calls that say nothing of a carrier do not end a row', async () => {
      const carrier = fresh();
      await call(carrier, { result: refused, at: T0 });
      await call(carrier, { result: { ...busy, cause: 'gateway_stopped' }, at: T0 + SECOND });
      await call(carrier, { result: { ...busy, cause: 'canceled' }, at: T0 + 2 * SECOND });
      const seen = await evidenceOf(carrier);
      assert.deepEqual([seen.good, seen.faults, seen.inRow], [0, 1, 1]);
    });

    test('of an open carrier only calls count that began when its rest was over', async () => {
      const carrier = fresh();
      assert.ok(await health.changeBreaker(await breakerOf(carrier), OPEN, GATEWAY, T0));
      await call(carrier, { result: ok(1), at: T0 + 29 * SECOND, lasts: 60 * SECOND, answer: 1 });
      assert.equal((await evidenceOf(carrier)).good, 0);
      await call(carrier, { result: refused, at: T0 + 30 * SECOND });
      const seen = await evidenceOf(carrier);
      assert.deepEqual([seen.good, seen.faults, seen.inRow], [0, 1, 1]);
    });

    test('of a closed carrier only calls count that ended after it was closed', async () => {
      const carrier = fresh();
      await call(carrier, { result: refused, at: T0 });
      assert.ok(await health.changeBreaker(await breakerOf(carrier), OPEN, GATEWAY, T0 + SECOND));
      assert.ok(await health.changeBreaker(await breakerOf(carrier), CLOSED, GATEWAY, T0 + 2 * SECOND));
      assert.equal((await evidenceOf(carrier)).faults, 0);
      await call(carrier, { result: refused, at: T0 + 2 * SECOND });
      assert.equal((await evidenceOf(carrier)).faults, 1);
    });

    test('of two that want the same change one makes it, and only its history and audit stand', async () => {
      const carrier = fresh();
      const before = await breakerOf(carrier);
      const both = [0, 1].map(() => health.changeBreaker(before, OPEN, GATEWAY, T0));
      assert.deepEqual((await Promise.all(both)).toSorted(), [false, true]);
      assert.deepEqual(await breakerOf(carrier), {
        carrier,
        phase: 'open',
        since: T0,
        until: OPEN.until,
        rest: OPEN.rest,
        reason: OPEN.reason,
        version: 1,
      });
      assert.equal((await health.breaks(carrier, 10)).length, 1);
      const audit = await backend.records.accounts.auditLog({ limit: 500 });
      assert.equal(audit.filter(({ object }) => object === carrier).length, 1);
    });

    test('whoever knows an older version changes nothing', async () => {
      const carrier = fresh();
      const first = await breakerOf(carrier);
      assert.ok(await health.changeBreaker(first, OPEN, GATEWAY, T0));
      const second = await breakerOf(carrier);
      assert.ok(await health.changeBreaker(second, CLOSED, GATEWAY, T0 + 1));
      assert.equal(await health.changeBreaker(first, OPEN, GATEWAY, T0 + 2), false);
      assert.equal(await health.changeBreaker(second, OPEN, GATEWAY, T0 + 2), false);
      assert.equal((await breakerOf(carrier)).phase, 'closed');
    });

    test('the history is told newest first, with who did it and what the decision was made from', async () => {
      const carrier = fresh();
      await call(carrier, { result: refused, at: T0 });
      const [figures = null] = await health.figures([carrier], T0, VERDICTS.fault);
      assert.ok(await health.changeBreaker(await breakerOf(carrier), { ...OPEN, figures }, GATEWAY, T0));
      const admin = { who: 'usr_admin', address: '192.0.2.1' };
      assert.ok(await health.changeBreaker(await breakerOf(carrier), CLOSED, admin, T0));
      const closing = { at: T0, phase: 'closed', until: null, reason: CLOSED.reason, by: 'usr_admin', figures: null };
      const opening = { at: T0, phase: 'open', until: OPEN.until, reason: OPEN.reason, by: 'gateway', figures };
      assert.deepEqual(await health.breaks(carrier, 10), [closing, opening]);
      assert.deepEqual(await health.breaks(carrier, 1), [closing]);
    });

    test('a change a quarter of a year later forgets the old ones', async () => {
      const carrier = fresh();
      assert.ok(await health.changeBreaker(await breakerOf(carrier), OPEN, GATEWAY, T0));
      assert.ok(await health.changeBreaker(await breakerOf(carrier), CLOSED, GATEWAY, T0 + 91 * 86_400 * SECOND));
      assert.deepEqual(
        (await health.breaks(carrier, 10)).map(({ phase }) => phase),
        ['closed'],
      );
    });

    test('conditions show an open breaker, and its trial from the end of the rest on', async () => {
      const carrier = fresh();
      assert.ok(await health.changeBreaker(await breakerOf(carrier), OPEN, GATEWAY, T0));
      const stateAt = async (now: number) =>
        (await backend.records.carriers.conditions(now)).carriers.find(({ name }) => name === carrier)?.breaker;
      const { until, reason } = OPEN;
      assert.deepEqual(await stateAt(T0), { state: 'open', since: T0, until, reason });
      assert.deepEqual(await stateAt(T0 + 30 * SECOND), { state: 'trial', since: until, until: null, reason });
    });
  });
}
