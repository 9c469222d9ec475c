import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { FaxId } from '../../gateway/fax/ids.ts';
import { FIRST_LINE_SETTINGS } from '../../gateway/fax/policy.ts';
import type { CallRequest, CarrierShare } from '../../gateway/ports/fax-records.ts';
import type { Records } from '../../gateway/records/index.ts';
import type { Backend } from './fax-records.ts';
import { busy, createWorld, freshNumber, planOver, requestOver, SECOND, T0, type World } from './fax-records-world.ts';

const MINUTE = 60 * SECOND;

let lastTrunk = 0;
/** A carrier that no other test has. */
function trunk(limits: Partial<CarrierShare> = {}): CarrierShare {
  lastTrunk += 1;
  return { name: `trunk-${lastTrunk}`, maxCalls: null, callsPerSecond: null, ...limits };
}

/** What the claims of FaxRecords keep over all workers; every backend passes it. */
export function faxLimitsConformance(name: string, makeRecords: () => Promise<Backend>): void {
  describe(`limits of FaxRecords on ${name}`, () => {
    let backend: Backend;
    let records: Records;
    let world: World;
    before(async () => {
      backend = await makeRecords();
      records = backend.records;
      world = createWorld(records);
    });
    after(() => backend.stop());

    const many = (count: number, make: (index: number) => Promise<FaxId>) =>
      Promise.all(Array.from({ length: count }, (_, index) => make(index)));
    const fences = new Map<FaxId, number>();
    /** What a worker does: it asks for as many as it still has room for while there may be more. */
    const claim = async (request: CallRequest, now = T0): Promise<FaxId[]> => {
      const claimed: FaxId[] = [];
      for (let next: number | null = now; next === now; ) {
        const limit = request.limit - claimed.length;
        const { claims, nextAt } = await records.faxes.claimCalls({ ...request, limit }, now);
        for (const { fax, fence } of claims) fences.set(fax.id, fence);
        claimed.push(...claims.map(({ fax }) => fax.id));
        next = limit > 0 ? nextAt : null;
      }
      return claimed;
    };
    /** Gives a claim back for a minute. */
    const giveBack = async (fax: FaxId): Promise<void> =>
      assert.ok(await records.faxes.release(fax, fences.get(fax) ?? 0, T0 + MINUTE, T0));
    /** Claims of eight workers at once, each for `limit` calls, until none gets any. */
    const claimByEight = async (request: CallRequest): Promise<FaxId[]> => {
      const workers = Array.from({ length: 8 }, (_, index) => `w${index}`);
      const claimed: FaxId[] = [];
      for (let more = true; more; ) {
        const answers = await Promise.all(workers.map((worker) => claim({ ...request, worker })));
        claimed.push(...answers.flat());
        more = answers.some((answer) => answer.length > 0);
      }
      return claimed;
    };
    describe('eight workers claim at once', () => {
      for (const limit of [1, 5]) {
        test(`${limit} at a time: never more calls over a carrier than it has, and no fax twice`, async () => {
          const accounts = await Promise.all([world.account(), world.account()]);
          const faxes = await many(30, (index) => world.queued(accounts[index % 2]?.id ?? accounts[0].id, 1));
          const claimed = await claimByEight(requestOver(trunk({ maxCalls: 7 }), faxes, limit));
          assert.equal(claimed.length, 7);
          assert.equal(new Set(claimed).size, 7);
        });
        test(`${limit} at a time: never more calls of an account than its channels`, async () => {
          const [small, large] = await Promise.all([world.account({ channels: 3 }), world.account({ channels: 9 })]);
          const faxes = await many(24, (index) => world.queued((index % 2 === 0 ? small : large).id, 1));
          const claimed = await claimByEight(requestOver(trunk(), faxes, limit));
          const owners = await Promise.all(claimed.map(async (fax) => (await world.get(fax)).account));
          assert.equal(owners.filter((owner) => owner === small.id).length, 3);
          assert.equal(owners.filter((owner) => owner === large.id).length, 9);
        });
        test(`${limit} at a time: one live call per destination`, async () => {
          const { id } = await world.account();
          const numbers = [freshNumber(), freshNumber(), freshNumber()];
          const faxes = await many(24, (index) => world.queued(id, 1, { to: numbers[index % 3] ?? freshNumber() }));
          const claimed = await claimByEight(requestOver(trunk(), faxes, limit));
          const called = await Promise.all(claimed.map(async (fax) => (await world.get(fax)).to));
          assert.deepEqual(called.toSorted(), numbers.toSorted());
        });
        test(`${limit} at a time: no more calls than the rate allows`, async () => {
          const { id } = await world.account();
          const faxes = await many(12, () => world.queued(id, 1));
          const claimed = await claimByEight(requestOver(trunk({ callsPerSecond: 40 }), faxes, limit));
          assert.equal(claimed.length, 4, 'a tenth of a second’s calls at once');
        });
      }
    });

    describe('a carrier', () => {
      test('has a free call again when one has ended', async () => {
        const { id } = await world.account();
        const faxes = await many(3, () => world.queued(id, 1));
        const share = trunk({ maxCalls: 1 });
        const [first] = await claim(requestOver(share, faxes, 9));
        assert.ok(first);
        assert.deepEqual(await claim(requestOver(share, faxes, 9)), []);
        await giveBack(first);
        assert.equal((await claim(requestOver(share, faxes, 9))).length, 1);
      });
      test('that is paused is called no more until it is resumed, and says why', async () => {
        const { id } = await world.account();
        const [live, waiting] = await many(2, () => world.queued(id, 1));
        assert.ok(live && waiting);
        const share = trunk();
        const request = requestOver(share, [live, waiting]);
        const [first] = await claim(request);
        assert.ok(first);
        const actor = { who: 'usr_op', address: null };
        await records.carriers.pauseCarrier(share.name, 'maintenance', actor, T0 + 1);
        assert.deepEqual(await claim(request), []);
        const paused = { at: T0 + 1, by: 'usr_op', reason: 'maintenance' };
        assert.deepEqual(await records.carriers.carriers([share.name, 'unheard-of']), [
          { name: share.name, calls: 1, waiting: 1, paused },
          { name: 'unheard-of', calls: 0, waiting: 0, paused: null },
        ]);
        assert.ok((await records.faxes.renew(first, fences.get(first) ?? 0, MINUTE, T0)).held, 'live calls go on');
        await records.carriers.pauseCarrier(share.name, 'broken', actor, T0 + 2);
        const [again] = await records.carriers.carriers([share.name]);
        assert.deepEqual(again?.paused, { ...paused, reason: 'broken' });
        assert.equal(await records.carriers.resumeCarrier(share.name, actor, T0 + 3), true);
        assert.equal(await records.carriers.resumeCarrier(share.name, actor, T0 + 3), false);
        assert.equal((await claim(request)).length, 1);
        const audit = (await records.accounts.auditLog({ limit: 500 })).filter(({ object }) => object === share.name);
        assert.deepEqual(audit.map(({ action }) => action).toSorted(), [
          'carrier.pause',
          'carrier.pause',
          'carrier.resume',
        ]);
      });
      test('with a rate is called evenly, and says when the next call may follow', async () => {
        const { id } = await world.account();
        const faxes = await many(4, () => world.queued(id, 1));
        const request = requestOver(trunk({ callsPerSecond: 2 }), faxes, 9);
        const first = await records.faxes.claimCalls(request, T0);
        assert.deepEqual([first.claims.length, first.nextAt], [1, T0 + 500]);
        const blocked = await records.faxes.claimCalls(request, T0);
        assert.deepEqual([blocked.claims, blocked.nextAt], [[], T0 + 500]);
        assert.equal((await claim(request, T0 + 499)).length, 0);
        assert.equal((await claim(request, T0 + 500)).length, 1);
        assert.equal((await claim(request, T0 + 5_000)).length, 1, 'what was not called is not made up for');
        assert.equal((await claim(request, T0 + 5_100)).length, 0);
      });
      test('with a rate is not silent after a clock was set back', async () => {
        const { id } = await world.account();
        const faxes = await many(2, () => world.queued(id, 1));
        const request = requestOver(trunk({ callsPerSecond: 1 }), faxes, 1);
        assert.equal((await claim(request, T0 + 60 * MINUTE)).length, 1);
        assert.equal((await claim(request, T0)).length, 1);
      });
      test('that another worker has is left to it', async () => {
        const { id } = await world.account();
        const [fax] = await many(1, () => world.queued(id, 1));
        assert.ok(fax);
        const [here, there] = [trunk(), trunk()];
        const request = requestOver(here, [fax], 5);
        assert.deepEqual(await claim({ ...request, carriers: [there] }), []);
        assert.deepEqual(await claim(request), [fax]);
      });
      test('none: the fax is claimed all the same, to be ended', async () => {
        const { id } = await world.account();
        const fax = await world.queued(id, 1);
        const own = requestOver(trunk(), [], 50);
        const plan: CallRequest['plan'] = (one) => planOver(one.id === fax ? null : one.id);
        const { claims } = await records.faxes.claimCalls({ ...own, plan }, T0);
        assert.deepEqual(
          claims.map(({ fax: { id: claimed }, carrier }) => ({ claimed, carrier })),
          [{ claimed: fax, carrier: null }],
        );
      });
      test('that is full does not hold back the faxes of another', async () => {
        const { id } = await world.account();
        const [full, open] = [trunk({ maxCalls: 0 }), trunk()];
        const stuck = await many(20, () => world.queued(id, 1, { priority: 9 }));
        const [fax] = await many(1, () => world.queued(id, 1, { priority: 0 }));
        assert.ok(fax);
        const plan: CallRequest['plan'] = (one) =>
          planOver(stuck.includes(one.id) ? full.name : one.id === fax ? open.name : one.id);
        const request = { ...requestOver(full, [], 5), carriers: [full, open], plan };
        assert.deepEqual(await claim(request), [fax]);
      });
      test('is planned anew for whoever stands in line when routes have changed', async () => {
        const { id } = await world.account();
        const [fax] = await many(1, () => world.queued(id, 1));
        assert.ok(fax);
        await records.faxes.replan('first');
        const [old, fresh] = [trunk({ maxCalls: 0 }), trunk()];
        assert.deepEqual(await claim(requestOver(old, [fax])), []);
        await records.faxes.replan('first');
        assert.deepEqual(await claim(requestOver(fresh, [fax])), [], 'nothing has changed');
        await records.faxes.replan('second');
        assert.deepEqual(await claim(requestOver(fresh, [fax])), [fax]);
      });
    });

    describe('an account', () => {
      test('says how many of its channels are in use', async () => {
        const { id } = await world.account({ channels: 2 });
        const [fax] = await many(2, () => world.queued(id, 1));
        assert.ok(fax);
        assert.deepEqual(await records.carriers.channels(id), { used: 0, limit: 2 });
        await world.claimed(fax);
        assert.deepEqual(await records.carriers.channels(id), { used: 1, limit: 2 });
      });
      test('that lets nothing wait is refused a fax beyond its channels; scheduled ones take none', async () => {
        const { id } = await world.account({ channels: 2, overLimit: 'reject' });
        const refused = (error: unknown) => (error as { code?: unknown }).code === 'channels_busy';
        await world.accepted(id, { notBefore: T0 + MINUTE });
        const first = await world.accepted(id);
        await world.accepted(id);
        await assert.rejects(world.accepted(id), refused);
        assert.equal(await records.faxes.cancel(first, id, T0), 'ended');
        await world.accepted(id);
        await assert.rejects(world.accepted(id), refused);
      });
      test('keeps the reason of its pause until it is resumed', async () => {
        const { id } = await world.account();
        const actor = { who: 'local', address: null };
        const paused = await records.accounts.updateAccount(id, { paused: true, pausedReason: 'unpaid' }, actor, T0);
        assert.deepEqual([paused.paused, paused.pausedReason], [true, 'unpaid']);
        const renamed = await records.accounts.updateAccount(id, { title: 'New' }, actor, T0);
        assert.equal(renamed.pausedReason, 'unpaid');
        const resumed = await records.accounts.updateAccount(id, { paused: false }, actor, T0);
        assert.deepEqual([resumed.paused, resumed.pausedReason], [false, null]);
      });
    });

    describe('the order', () => {
      test('within an account: priority first, and equal ones as they came due', async () => {
        const { id } = await world.account();
        const low = await world.queued(id, 1, { priority: 1 });
        const second = await world.queued(id, 1, { notBefore: T0 + 2 });
        const first = await world.queued(id, 1, { notBefore: T0 + 1 });
        const urgent = await world.queued(id, 1, { priority: 9 });
        const request = requestOver(trunk(), [low, second, first, urgent], 9);
        assert.deepEqual(await claim(request, T0 + 2), [urgent, first, second, low]);
      });
      test('ten minutes of waiting are worth a step of priority: a batch is not starved by urgent faxes', async () => {
        const { id } = await world.account();
        const batch = await world.queued(id, 1, { priority: 0 });
        const before = await world.queued(id, 1, { priority: 9, notBefore: T0 + 90 * MINUTE - 1 });
        const later = await world.queued(id, 1, { priority: 9, notBefore: T0 + 90 * MINUTE + 1 });
        const request = requestOver(trunk(), [batch, before, later], 9);
        assert.deepEqual(await claim(request, T0 + 91 * MINUTE), [before, batch, later]);
      });
      test('an urgent fax overtakes a batch of its account that is in line already', async () => {
        const { id } = await world.account();
        const share = trunk({ maxCalls: 1 });
        const batch = await many(40, () => world.queued(id, 1));
        const [running] = await claim(requestOver(share, batch));
        assert.ok(running);
        const urgent = await world.queued(id, 1, { priority: 9 });
        const request = requestOver(share, [...batch, urgent]);
        assert.deepEqual(await claim(request), []);
        await giveBack(running);
        assert.deepEqual(await claim(request), [urgent]);
      });
      test('between accounts: who has the fewest calls is next, however long or urgent the line of another', async () => {
        const [long, short] = await Promise.all([world.account(), world.account()]);
        const share = trunk({ maxCalls: 5 });
        const batch = await many(30, () => world.queued(long.id, 1, { priority: 9 }));
        assert.equal((await claim(requestOver(share, batch, 9))).length, 5);
        const single = await world.queued(short.id, 1, { priority: 0 });
        const all = [...batch, single];
        assert.deepEqual(await claim(requestOver(share, all, 9)), []);
        const one = { ...share, maxCalls: 6 };
        assert.deepEqual(await claim(requestOver(one, all, 9)), [single], 'the next free call');
      });
      test('between accounts: one claim shares out what there is', async () => {
        const accounts = await Promise.all([world.account(), world.account(), world.account()]);
        const faxes = (
          await Promise.all(accounts.map(({ id }, index) => many(index === 0 ? 12 : 4, () => world.queued(id, 1))))
        ).flat();
        const claimed = await claim(requestOver(trunk(), faxes, 9));
        const owners = await Promise.all(claimed.map(async (fax) => (await world.get(fax)).account));
        const shares = accounts.map(({ id }) => owners.filter((owner) => owner === id).length);
        assert.deepEqual(shares, [3, 3, 3]);
      });
      test('faxes to a number that is being called do not hide those behind them', async () => {
        const { id } = await world.account();
        const to = freshNumber();
        const stuck = await many(40, () => world.queued(id, 1, { to, priority: 9 }));
        const other = await world.queued(id, 1, { priority: 0 });
        const request = requestOver(trunk(), [...stuck, other], 2);
        const claimed = await claim(request);
        assert.equal(claimed.length, 2);
        assert.ok(claimed.includes(other));
      });
      test('many accounts that all wait for one number do not hide another account behind them', async () => {
        const to = freshNumber();
        const accounts = await Promise.all(Array.from({ length: 12 }, () => world.account()));
        const stuck = await Promise.all(accounts.map(({ id }) => world.queued(id, 1, { to, priority: 9 })));
        const single = await world.queued((await world.account()).id, 1, { priority: 0 });
        const request = requestOver(trunk(), [...stuck, single], 1);
        const [first] = await claim(request);
        assert.ok(first !== undefined && stuck.includes(first), 'they come first');
        assert.deepEqual(await claim(request), [single]);
        assert.deepEqual(await claim(request), []);
      });
    });

    describe('time', () => {
      test('a claim says when the next fax comes due', async () => {
        const { id } = await world.account();
        const at = T0 - 1_000 * MINUTE;
        // Earlier than every other fax of this database, and later than the clock that asks.
        const fax = await world.queued(id, 1);
        const claimed = await world.claimed(fax);
        assert.ok(await records.faxes.release(fax, claimed.fence, at, T0));
        const request = requestOver(trunk(), [fax], 5);
        const { claims, nextAt } = await records.faxes.claimCalls(request, at - 1);
        assert.deepEqual([claims, nextAt], [[], at]);
        assert.deepEqual(await claim(request, at), [fax]);
      });
      test('with no room a due fax joins the line all the same', async () => {
        const { id } = await world.account();
        const [fax] = await many(1, () => world.queued(id, 1));
        assert.ok(fax);
        const share = trunk();
        assert.deepEqual(await claim(requestOver(share, [fax], 0)), []);
        // It stands in the line of `share` now, whatever the next plan says.
        assert.deepEqual(await claim({ ...requestOver(share), limit: 5 }), [fax]);
      });
      test('a retry joins the line anew, over the carrier that is planned then', async () => {
        const { id } = await world.account();
        const fax = await world.queued(id, 1);
        const { call, fence } = await world.dialing(fax);
        const after = { state: 'queued' as const, at: T0 + MINUTE, line: FIRST_LINE_SETTINGS, keepImage: true };
        assert.ok(await records.faxes.endCall(call, fence, busy, after, T0));
        const request = requestOver(trunk(), [fax], 5);
        assert.deepEqual(await claim(request, T0 + MINUTE - 1), []);
        assert.deepEqual(await claim(request, T0 + MINUTE), [fax]);
      });
    });
  });
}
