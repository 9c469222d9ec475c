import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Place, REVIEW } from '../../gateway/fax/destination.ts';
import type { AccountId, FaxId } from '../../gateway/fax/ids.ts';
import type { GuardRecords } from '../../gateway/ports/guard-records.ts';
import type { Backend } from './fax-records.ts';
import { createWorld, freshNumber, LEASE, page, SECOND, T0, type World } from './fax-records-world.ts';

const ADMIN = { who: 'usr_admin', address: '192.0.2.1' };
const HOUR = 3_600 * SECOND;
const placed = (text: string): Place => text as string as Place;
const FR = placed('FR');
const AT = placed('AT');

/** What every backend of `GuardRecords` keeps to, beside `FaxRecords`. */
export function guardRecordsConformance(name: string, start: () => Promise<Backend>): void {
  describe(`GuardRecords on ${name}`, () => {
    let backend: Backend;
    let world: World;
    let guard: GuardRecords;
    before(async () => {
      backend = await start();
      world = createWorld(backend.records);
      guard = backend.records.guard;
    });
    after(() => backend.stop());

    const newAccount = async (): Promise<AccountId> => (await world.account()).id;
    const accepted = (account: AccountId, place = FR, until = T0 + HOUR): Promise<FaxId> =>
      world.accepted(account, { hold: { place, until }, abroad: true });
    const rendered = async (fax: FaxId): Promise<void> => {
      const claim = await backend.records.faxes.claimRender(fax, 'w', LEASE, T0);
      assert.ok(claim);
      assert.ok(await backend.records.faxes.rendered(fax, claim.fence, [page(1)], T0));
    };
    const held = async (account: AccountId, place = FR, until = T0 + HOUR): Promise<FaxId> => {
      const fax = await accepted(account, place, until);
      await rendered(fax);
      return fax;
    };
    const typesOf = async (account: AccountId, fax: FaxId) =>
      (await backend.records.events.read(account, 0, 1_000)).filter((one) => one.fax === fax).map(({ type }) => type);

    describe('a fax that waits for an approval', () => {
      test('says so from its acceptance on, and stands in held once it is rendered', async () => {
        const account = await newAccount();
        const fax = await accepted(account);
        const first = await world.get(fax);
        assert.deepEqual([first.state, first.held, first.heldUntil], ['accepted', FR, T0 + HOUR]);
        await rendered(fax);
        const then = await world.get(fax);
        assert.deepEqual([then.state, then.pages, then.nextCallAt], ['held', 1, null]);
        assert.deepEqual(await typesOf(account, fax), ['fax.accepted', 'fax.held']);
      });

      test('its event names the place and the end of the waiting', async () => {
        const account = await newAccount();
        await held(account);
        const event = (await backend.records.events.read(account, 0, 10)).find(({ type }) => type === 'fax.held');
        assert.deepEqual(event?.data, { pages: 1, place: FR, until: T0 + HOUR });
      });

      test('is never given out for a call', async () => {
        const fax = await held(await newAccount());
        assert.equal(await world.tryClaim(fax, T0 + 2 * HOUR), undefined);
      });

      test('is counted among those of its account and place, with the first of their ends', async () => {
        const account = await newAccount();
        await held(account, FR, T0 + 3 * HOUR);
        await accepted(account, FR, T0 + 2 * HOUR);
        await held(account, AT);
        assert.deepEqual(await guard.waiting(account), [
          { account, place: AT, faxes: 1, since: T0, until: T0 + HOUR },
          { account, place: FR, faxes: 2, since: T0, until: T0 + 2 * HOUR },
        ]);
        assert.ok((await guard.waiting()).filter((one) => one.account === account).length === 2);
      });

      test('can be canceled, and waits for nothing any more', async () => {
        const account = await newAccount();
        const fax = await held(account);
        assert.equal(await backend.records.faxes.cancel(fax, account, T0), 'ended');
        const now = await world.get(fax);
        assert.deepEqual([now.state, now.held, now.heldUntil], ['canceled', null, null]);
        assert.deepEqual(await guard.waiting(account), []);
      });

      test('ends with its deadline like every other', async () => {
        const account = await newAccount();
        const fax = await world.accepted(account, { hold: { place: FR, until: T0 + HOUR }, deadline: T0 + SECOND });
        await rendered(fax);
        assert.ok((await backend.records.faxes.pastDeadline(T0 + SECOND, 1_000)).includes(fax));
        const { faxes } = backend.records;
        assert.ok(await faxes.endUncalled(fax, null, 'failed', 'deadline_passed', '', T0 + SECOND));
      });

      test('takes no channel of an account whose faxes may not wait for one', async () => {
        const { id } = await world.account({ channels: 1, overLimit: 'reject' });
        await held(id);
        await world.accepted(id);
        await assert.rejects(world.accepted(id), { code: 'channels_busy' });
      });

      test('counts among the unfinished faxes of the gateway', async () => {
        const before = (await backend.records.faxes.counts()).held ?? 0;
        await held(await newAccount());
        assert.equal((await backend.records.faxes.counts()).held, before + 1);
      });
    });

    describe('an approval', () => {
      test('lets go what is held, at once or at the time that it was scheduled for', async () => {
        const account = await newAccount();
        const now = await held(account);
        const later = await world.accepted(account, { hold: { place: FR, until: T0 + HOUR }, notBefore: T0 + HOUR });
        await rendered(later);
        await guard.decide(account, FR, 'approved', ADMIN, T0 + SECOND);
        assert.deepEqual((await guard.release(100, T0 + SECOND)).toSorted(), [now, later].toSorted());
        const [first, second] = [await world.get(now), await world.get(later)];
        assert.deepEqual([first.state, first.nextCallAt, first.held], ['queued', T0 + SECOND, null]);
        assert.deepEqual([second.state, second.nextCallAt, second.held], ['queued', T0 + HOUR, null]);
        assert.deepEqual(await typesOf(account, now), ['fax.accepted', 'fax.held', 'fax.queued']);
        assert.ok(await world.tryClaim(now, T0 + SECOND));
      });

      test('of a fax that is being rendered lets it go to the queue by itself', async () => {
        const account = await newAccount();
        const fax = await accepted(account);
        await guard.decide(account, FR, 'approved', ADMIN, T0);
        assert.deepEqual(await guard.release(100, T0), [], 'nothing to ring for yet');
        assert.equal((await world.get(fax)).held, null);
        await rendered(fax);
        assert.equal((await world.get(fax)).state, 'queued');
      });

      test('is of one account and one place', async () => {
        const [one, other] = [await newAccount(), await newAccount()];
        const kept = [await held(one, AT), await held(other, FR)];
        await guard.decide(one, FR, 'approved', ADMIN, T0);
        const freed = await guard.release(100, T0);
        for (const fax of kept) assert.ok(!freed.includes(fax));
      });

      test('goes on in steps of the limit', async () => {
        const account = await newAccount();
        for (let count = 0; count < 5; count++) await held(account);
        await guard.decide(account, FR, 'approved', ADMIN, T0);
        const sizes: number[] = [];
        for (let freed = await guard.release(2, T0); freed.length > 0; freed = await guard.release(2, T0)) {
          sizes.push(freed.length);
        }
        assert.deepEqual(sizes, [2, 2, 1]);
      });

      test('stands with who gave it and when, and in the audit log; the last one counts', async () => {
        const account = await newAccount();
        await guard.decide(account, FR, 'approved', ADMIN, T0);
        await guard.decide(account, FR, 'denied', ADMIN, T0 + SECOND);
        assert.deepEqual(await guard.decisions(account), [
          { place: FR, decision: 'denied', at: T0 + SECOND, by: ADMIN.who },
        ]);
        await guard.decide(account, FR, null, ADMIN, T0 + 2 * SECOND);
        assert.deepEqual(await guard.decisions(account), []);
        const log = await backend.records.accounts.auditLog({ account, limit: 10 });
        assert.deepEqual(
          log.filter(({ object }) => object === FR).map(({ action, actor }) => [action, actor]),
          [
            ['destination.undecided', ADMIN.who],
            ['destination.denied', ADMIN.who],
            ['destination.approved', ADMIN.who],
          ],
        );
      });
    });

    describe('what is not approved', () => {
      const refusedOf = async (account: AccountId, now: number) => {
        const all = await guard.refused(now, 1_000);
        const own = new Set((await backend.records.faxes.faxes({ account, limit: 100 })).items.map(({ id }) => id));
        return all.filter(({ fax }) => own.has(fax));
      };

      test('is found when its time is up, and not before', async () => {
        const account = await newAccount();
        const fax = await held(account);
        assert.deepEqual(await refusedOf(account, T0 + HOUR - 1), []);
        assert.deepEqual(await refusedOf(account, T0 + HOUR), [{ fax, place: FR, denied: false }]);
      });

      test('is found at once when its place is denied', async () => {
        const account = await newAccount();
        const fax = await held(account);
        await guard.decide(account, FR, 'denied', ADMIN, T0);
        assert.deepEqual(await refusedOf(account, T0 + 1), [{ fax, place: FR, denied: true }]);
      });

      test('ends with its cause and a wipe intent', async () => {
        const account = await newAccount();
        const fax = await held(account);
        const { faxes, vault } = backend.records;
        assert.ok(await faxes.endUncalled(fax, null, 'failed', 'not_approved', 'nobody', T0 + HOUR));
        const now = await world.get(fax);
        assert.deepEqual([now.state, now.cause, now.held], ['failed', 'not_approved', null]);
        assert.ok((await vault.intents(T0 + HOUR, 1_000)).some((intent) => intent.fax === fax));
        assert.deepEqual(await refusedOf(account, T0 + HOUR), []);
      });

      test('is left alone while somebody renders it', async () => {
        const account = await newAccount();
        const fax = await accepted(account);
        assert.ok(await backend.records.faxes.claimRender(fax, 'w', 2 * HOUR, T0));
        assert.deepEqual(await refusedOf(account, T0 + HOUR), []);
        assert.equal((await refusedOf(account, T0 + 2 * HOUR)).length, 1);
      });
    });

    describe('a fax whose pages are to be looked at first', () => {
      const types = async (account: AccountId, fax: FaxId) => (await typesOf(account, fax)).slice(1);

      test('waits for no place, and for nobody who approves one', async () => {
        const account = await newAccount();
        const fax = await held(account, REVIEW);
        assert.deepEqual(await guard.waiting(account), []);
        assert.deepEqual(await guard.release(10, T0), []);
        assert.equal(await world.tryClaim(fax, T0 + 2 * HOUR), undefined);
        const event = (await backend.records.events.read(account, 0, 10)).find(({ type }) => type === 'fax.held');
        assert.deepEqual(event?.data, { pages: 1, place: null, review: true, until: T0 + HOUR });
      });

      test('goes when it is released, once, and the audit log names by whom', async () => {
        const account = await newAccount();
        const fax = await held(account, REVIEW);
        assert.equal(await guard.endReview(fax, null, ADMIN, T0 + SECOND), true);
        const { state, held: waits, heldUntil, nextCallAt } = await world.get(fax);
        assert.deepEqual([state, waits, heldUntil, nextCallAt], ['queued', null, null, T0 + SECOND]);
        assert.deepEqual(await types(account, fax), ['fax.held', 'fax.queued']);
        assert.equal(await guard.endReview(fax, null, ADMIN, T0 + SECOND), false);
        const [entry] = await backend.records.accounts.auditLog({ account, limit: 1 });
        assert.deepEqual(
          [entry?.action, entry?.object, entry?.actor, entry?.address],
          ['fax.release', fax, ADMIN.who, ADMIN.address],
        );
      });

      test('waits for its place from then on, where that needs an approval', async () => {
        const account = await newAccount();
        const fax = await held(account, REVIEW);
        const hold = { place: FR, until: T0 + 5 * HOUR };
        assert.equal(await guard.endReview(fax, hold, ADMIN, T0), true);
        const then = await world.get(fax);
        assert.deepEqual([then.state, then.held, then.heldUntil], ['held', FR, hold.until]);
        assert.deepEqual(await types(account, fax), ['fax.held', 'fax.held']);
        assert.equal((await guard.waiting(account))[0]?.faxes, 1);
      });

      test('may be released while its pages are made', async () => {
        const account = await newAccount();
        const fax = await accepted(account, REVIEW);
        assert.equal(await guard.endReview(fax, null, ADMIN, T0), true);
        await rendered(fax);
        assert.equal((await world.get(fax)).state, 'queued');
        assert.deepEqual(await types(account, fax), ['fax.queued']);
      });

      test('is found when its time is up; one that waits for a place, or for nothing, is released by nobody', async () => {
        const account = await newAccount();
        const fax = await held(account, REVIEW);
        const found = await guard.refused(T0 + HOUR, 500);
        assert.deepEqual(
          found.filter((one) => one.fax === fax),
          [{ fax, place: REVIEW, denied: false }],
        );
        assert.equal(await guard.endReview(await held(account), null, ADMIN, T0), false);
        assert.equal(await guard.endReview('fax_none' as FaxId, null, ADMIN, T0), false);
      });
    });

    describe('kinds of lines', () => {
      test('are believed until their time, and written anew', async () => {
        const number = freshNumber();
        assert.equal(await guard.lineType(number, T0), undefined);
        await guard.keepLineType(number, 'mobile', T0 + HOUR, T0);
        assert.equal(await guard.lineType(number, T0 + HOUR - 1), 'mobile');
        assert.equal(await guard.lineType(number, T0 + HOUR), undefined);
        await guard.keepLineType(number, 'unknown', T0 + 2 * HOUR, T0 + HOUR);
        assert.equal(await guard.lineType(number, T0 + HOUR), 'unknown');
      });

      test('whoever writes one takes old ones away', async () => {
        const numbers = [freshNumber(), freshNumber(), freshNumber()];
        for (const number of numbers) await guard.keepLineType(number, 'voip', T0 + HOUR, T0);
        await guard.keepLineType(freshNumber(), 'voip', T0 + 3 * HOUR, T0 + 2 * HOUR);
        // A clock set back would believe them again if they were still there.
        for (const number of numbers) assert.equal(await guard.lineType(number, T0), undefined);
      });
    });
  });
}
