import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { FaxId } from '../../gateway/fax/ids.ts';
import { FIRST_LINE_SETTINGS } from '../../gateway/fax/policy.ts';
import type { RouteDecision } from '../../gateway/fax/route.ts';
import type { CallClaims, CallRequest } from '../../gateway/ports/fax-records.ts';
import type { Records } from '../../gateway/records/index.ts';
import { type CarrierTerms, createPlanner, plainTerms } from '../../gateway/routing/plan.ts';
import type { Backend } from './fax-records.ts';
import { busy, createWorld, make, page, planOver, SECOND, T0, type World } from './fax-records-world.ts';

const ADMIN = { who: 'local', address: null };

/** Plans and conditions in the line of calls, over all workers, on any database. */
export function faxRoutesConformance(name: string, makeRecords: () => Promise<Backend>): void {
  describe(`routes in FaxRecords on ${name}`, () => {
    let backend: Backend;
    let records: Records;
    let world: World;
    before(async () => {
      backend = await makeRecords();
      records = backend.records;
      world = createWorld(records);
    });
    after(() => backend.stop());

    let made = 0;
    /** Names of new carriers, so that tests do not meet in the line. */
    const fresh = (count: number): string[] => Array.from({ length: count }, () => `carrier-${++made}`);
    /** Claims for `faxes` over `carriers`, planned in order; every other fax has a line of its own. */
    function request(carriers: readonly CarrierTerms[], faxes: readonly FaxId[]): CallRequest {
      const shares = carriers.map(({ name: one }) => ({ name: one, maxCalls: null, callsPerSecond: null }));
      const planner = createPlanner({ routes: [], carriers });
      const plan: CallRequest['plan'] = (fax, conditions) =>
        faxes.includes(fax.id) ? planner.plan(fax, conditions) : planOver(fax.id);
      return { worker: 'w', lease: 90_000, limit: 50, carriers: shares, plan };
    }
    const plain = (names: readonly string[]) => names.map(plainTerms);
    const over = ({ claims }: CallClaims, faxes: readonly FaxId[]) =>
      faxes.map((fax) => claims.find((claim) => claim.fax.id === fax)?.carrier);
    const giveBack = (claims: CallClaims) =>
      Promise.all(claims.claims.map(({ fax, fence }) => records.faxes.release(fax.id, fence, T0, T0)));
    const open = async (carrier: string, until: number) => {
      const [breaker] = await records.health.breakers([carrier]);
      assert.ok(breaker);
      const change = { phase: 'open', until, rest: 60 * SECOND, reason: 'calls fail', figures: null } as const;
      assert.ok(await records.health.changeBreaker(breaker, change, ADMIN, T0));
    };

    test('a paused carrier loses those that stand in its line to the next one, and gets them back', async () => {
      const [first = '', second = ''] = fresh(2);
      const fax = await world.queued((await world.account()).id, 1);
      const asked = request(plain([first, second]), [fax]);
      // No room: it only joins the line.
      await records.faxes.claimCalls({ ...asked, limit: 0 }, T0);
      await records.carriers.pauseCarrier(first, 'maintenance', ADMIN, T0);
      const during = await records.faxes.claimCalls(asked, T0);
      assert.deepEqual(over(during, [fax]), [second]);
      assert.equal(during.conditions.carriers.find(({ name: one }) => one === first)?.paused?.reason, 'maintenance');
      await giveBack(during);
      await records.faxes.claimCalls({ ...asked, limit: 0 }, T0);
      await records.carriers.resumeCarrier(first, ADMIN, T0);
      const after = await records.faxes.claimCalls(asked, T0);
      assert.deepEqual(over(after, [fax]), [first]);
      await giveBack(after);
    });

    test('with no other carrier a fax waits for the paused one', async () => {
      const [only = ''] = fresh(1);
      const fax = await world.queued((await world.account()).id, 1);
      const asked = request(plain([only]), [fax]);
      await records.carriers.pauseCarrier(only, 'maintenance', ADMIN, T0);
      assert.deepEqual(over(await records.faxes.claimCalls(asked, T0), [fax]), [undefined]);
      const [load] = await records.carriers.carriers([only]);
      assert.equal(load?.waiting, 1, 'it stands in its line');
      await records.carriers.resumeCarrier(only, ADMIN, T0);
      const claims = await records.faxes.claimCalls(asked, T0);
      assert.deepEqual(over(claims, [fax]), [only]);
      await giveBack(claims);
    });

    test('a carrier on trial gets one fax of all, the rest goes elsewhere', async () => {
      const [first = '', second = ''] = fresh(2);
      const { id } = await world.account();
      const faxes = [await world.queued(id, 1), await world.queued(id, 1), await world.queued(id, 1)];
      await open(first, T0 + 60 * SECOND);
      const late = await world.accepted(id);
      const asked = request(plain([first, second]), [...faxes, late]);
      const during = await records.faxes.claimCalls(asked, T0);
      assert.deepEqual(over(during, faxes), [second, second, second]);
      await giveBack(during);
      const rested = await records.faxes.claimCalls(asked, T0 + 60 * SECOND);
      assert.deepEqual(over(rested, faxes).toSorted(), [first, second, second]);
      const rendering = await records.faxes.claimRender(late, 'w', 90_000, T0);
      assert.ok(rendering && (await records.faxes.rendered(late, rendering.fence, [page(1)], T0)));
      const next = await records.faxes.claimCalls(asked, T0 + 61 * SECOND);
      assert.deepEqual(over(next, [late]), [second], 'the trial is given out');
      await Promise.all([giveBack(rested), giveBack(next)]);
    });

    test('a tag that an account asks for holds for what stands in line already', async () => {
      const [first = '', second = ''] = fresh(2);
      const signed = [plainTerms(first), { ...plainTerms(second), tags: ['hipaa'] }];
      const { id } = await world.account();
      const fax = await world.queued(id, 1);
      const asked = request(signed, [fax]);
      await records.faxes.claimCalls({ ...asked, limit: 0 }, T0);
      await records.accounts.updateAccount(id, { policy: { carrierTags: ['hipaa'] } }, ADMIN, T0);
      const claims = await records.faxes.claimCalls(asked, T0);
      assert.deepEqual(over(claims, [fax]), [second]);
      assert.deepEqual(claims.claims.find((claim) => claim.fax.id === fax)?.account.carrierTags, ['hipaa']);
      await giveBack(claims);
    });

    test('a carrier that has failed the fax comes after the others', async () => {
      const [first = '', second = ''] = fresh(2);
      const line = { ...FIRST_LINE_SETTINGS, avoid: [first] };
      const fax = await world.queued((await world.account()).id, 1, { line });
      const claims = await records.faxes.claimCalls(request(plain([first, second]), [fax]), T0);
      assert.deepEqual(over(claims, [fax]), [second]);
      await giveBack(claims);
    });

    test('the CDR of a call keeps the decision that its intent was written with', async () => {
      const { id } = await world.account();
      const fax = await world.queued(id, 1);
      const { fence } = await world.claimed(fax);
      const call = make.call();
      const leftOut = [{ carrier: 'a', why: 'paused' }] as const;
      const route: RouteDecision = { rule: '+49', place: 2, of: 3, trial: false, leftOut };
      const intent = { id: call, carrier: 'loop', reference: `ref-${call}`, firstPage: 1, route };
      assert.ok(await records.faxes.intend(fax, fence, intent, T0));
      assert.ok(await records.faxes.endCall(call, fence, busy, { state: 'failed' }, T0 + SECOND));
      const { items } = await records.faxes.cdrs({ fax, limit: 5 });
      assert.deepEqual(
        items.map((cdr) => cdr.route),
        [route],
      );
    });
  });
}
