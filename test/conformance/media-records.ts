import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { FaxId } from '../../gateway/fax/ids.ts';
import type { NewMediaLink } from '../../gateway/ports/media-records.ts';
import type { Backend } from './fax-records.ts';
import { createWorld, ok, SECOND, T0, type World } from './fax-records-world.ts';

const MINUTE = 60 * SECOND;
const ADDRESS = '203.0.113.9';

/** The contract of `MediaRecords`. */
export function mediaRecordsConformance(name: string, start: () => Promise<Backend>): void {
  describe(`${name}: links to the pages of calls`, () => {
    let backend: Backend;
    let world: World;
    let count = 0;

    before(async () => {
      backend = await start();
      world = createWorld(backend.records);
    });
    after(() => backend.stop());

    /** A fax of two pages in a live call, and a link to it. */
    async function linked(change: Partial<NewMediaLink> = {}, policy = { pullMedia: true }) {
      const account = await world.account(policy);
      const fax = await world.queued(account.id);
      const { call, fence } = await world.sending(fax);
      const token = `token-${++count}`;
      const link: NewMediaLink = {
        ...({
          token,
          fax,
          fence,
          carrier: 'wire',
          firstPage: 1,
          format: 'tiff',
          sources: [],
          expiresAt: T0 + MINUTE,
        } as const),
        ...change,
      };
      const added = await world.records.media.add(link, T0);
      return { account, fax, call, fence, token, added };
    }

    const audited = async (account: Awaited<ReturnType<typeof linked>>['account'], fax: FaxId) =>
      (await world.records.accounts.auditLog({ account: account.id, limit: 20 }))
        .filter(({ action, object }) => action.startsWith('media.') && object === fax)
        .map(({ action, actor, address, detail }) => ({ action, actor, address, detail }))
        .reverse();

    test('a link gives its fax once, and the audit log says to whom', async () => {
      const { media } = world.records;
      const { account, fax, token } = await linked({ firstPage: 2 });
      const grant = await media.take(token, ADDRESS, T0 + SECOND);
      assert.deepEqual([grant?.fax.id, grant?.firstPage, grant?.format], [fax, 2, 'tiff']);
      assert.equal(await media.take(token, ADDRESS, T0 + SECOND), undefined);
      await media.end(token, 'served');
      assert.equal(await media.take(token, ADDRESS, T0 + SECOND), undefined);
      const used = { action: 'media.refuse', actor: 'carrier wire', address: ADDRESS, detail: { reason: 'used' } };
      assert.deepEqual(await audited(account, fax), [
        { ...used, action: 'media.fetch', detail: { firstPage: 2, format: 'tiff' } },
        used,
        used,
      ]);
    });

    test('a GET that was interrupted may be tried once more, and no oftener', async () => {
      const { media } = world.records;
      const { token } = await linked();
      for (const granted of [true, true, false]) {
        assert.equal((await media.take(token, ADDRESS, T0 + SECOND)) !== undefined, granted);
        await media.end(token, 'interrupted');
      }
    });

    test('of two that ask at the same time one is served', async () => {
      const { media } = world.records;
      const { token } = await linked();
      const grants = await Promise.all([1, 2, 3].map(() => media.take(token, ADDRESS, T0 + SECOND)));
      assert.equal(grants.filter((grant) => grant !== undefined).length, 1);
    });

    test('a look uses nothing up, and sees what a GET would get', async () => {
      const { media } = world.records;
      const { token } = await linked({ format: 'pdf' });
      assert.equal(await media.look(token, ADDRESS, T0 + SECOND), 'pdf');
      assert.ok(await media.take(token, ADDRESS, T0 + SECOND));
      assert.equal(await media.look(token, ADDRESS, T0 + SECOND), undefined);
      assert.equal(await media.look('nobody has this token', ADDRESS, T0 + SECOND), undefined);
    });

    test('it is over when its time is', async () => {
      const { media } = world.records;
      const { token } = await linked();
      assert.equal(await media.take(token, ADDRESS, T0 + MINUTE), undefined);
      assert.ok(await media.take(token, ADDRESS, T0 + MINUTE - 1));
    });

    test('where it names addresses, no other gets anything, nor one that nobody knows', async () => {
      const { media } = world.records;
      const { account, fax, token } = await linked({ sources: ['203.0.113.1/28', '2001:db8::/32', '192.0.2.7'] });
      for (const address of ['203.0.113.16', '198.51.100.1', '2001:db9::1', null]) {
        assert.equal(await media.take(token, address, T0 + SECOND), undefined);
      }
      assert.deepEqual((await audited(account, fax)).at(-1)?.detail, { reason: 'source' });
      assert.equal(await media.look(token, '2001:db8::7', T0 + SECOND), 'tiff');
      assert.ok(await media.take(token, ADDRESS, T0 + SECOND));
    });

    test('an account that does not allow links has none, and one that ends them ends those that there are', async () => {
      const { media, accounts } = world.records;
      const { token, added } = await linked({}, { pullMedia: false });
      assert.deepEqual([added, await media.take(token, ADDRESS, T0 + SECOND)], [false, undefined]);
      const other = await linked();
      assert.equal(other.added, true);
      await accounts.updateAccount(
        other.account.id,
        { policy: { pullMedia: false } },
        { who: 'local', address: null },
        T0,
      );
      assert.equal(await media.take(other.token, ADDRESS, T0 + SECOND), undefined);
    });

    test('a call that has ended, or is to end, gives nothing', async () => {
      const { media, faxes } = world.records;
      const ended = await linked();
      assert.ok(await faxes.endCall(ended.call, ended.fence, ok(2), { state: 'delivered' }, T0 + SECOND));
      assert.equal(await media.take(ended.token, ADDRESS, T0 + SECOND), undefined);
      const unwanted = await linked();
      assert.equal(await faxes.cancel(unwanted.fax, unwanted.account.id, T0 + SECOND), 'asked');
      assert.equal(await media.take(unwanted.token, ADDRESS, T0 + SECOND), undefined);
      assert.deepEqual((await audited(unwanted.account, unwanted.fax)).at(-1)?.detail, { reason: 'call_over' });
    });

    test('a call that was taken over gives nothing by the link of its former worker', async () => {
      const { media, faxes } = world.records;
      const { fax, fence, token } = await linked({ expiresAt: T0 + 10 * MINUTE });
      const later = T0 + 5 * MINUTE;
      assert.equal(await media.take(token, ADDRESS, later), undefined, 'the lease is over');
      assert.notEqual(await faxes.takeOver(fax, fence, 'another', MINUTE, later), undefined);
      assert.equal(await media.take(token, ADDRESS, later + SECOND), undefined);
    });

    test('before gate 2 there is nothing to fetch', async () => {
      const { media } = world.records;
      const account = await world.account({ pullMedia: true });
      const fax = await world.queued(account.id);
      const { fence } = await world.dialing(fax);
      const link = { token: 'early', fax, fence, carrier: 'wire', firstPage: 1, format: 'tiff', sources: [] } as const;
      assert.ok(await media.add({ ...link, expiresAt: T0 + MINUTE }, T0));
      assert.equal(await media.take('early', ADDRESS, T0 + SECOND), undefined);
    });

    test('revoked it is gone, and tells whether anybody has begun to fetch', async () => {
      const { media } = world.records;
      const untouched = await linked();
      assert.equal(await media.revoke(untouched.token), 'unseen');
      assert.equal(await media.take(untouched.token, ADDRESS, T0 + SECOND), undefined);
      assert.equal(await media.revoke(untouched.token), 'seen', 'what is gone may have been seen');
      const fetched = await linked();
      assert.ok(await media.take(fetched.token, ADDRESS, T0 + SECOND));
      assert.equal(await media.revoke(fetched.token), 'seen');
    });

    test('links that nobody took away go with a later one when their time is over', async () => {
      const { media } = world.records;
      const { token } = await linked();
      const { token: longer } = await linked({ expiresAt: T0 + 3 * MINUTE });
      const { fax, fence } = await linked();
      const link = { fax, fence, carrier: 'wire', firstPage: 1, format: 'tiff', sources: [] } as const;
      await media.add({ ...link, token: 'later', expiresAt: T0 + 4 * MINUTE }, T0 + 2 * MINUTE);
      assert.equal(await media.revoke(token), 'seen', 'it had gone');
      assert.equal(await media.revoke(longer), 'unseen', 'it was still there');
    });
  });
}
