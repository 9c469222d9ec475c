import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { AccountId, CallId, FaxId } from '../../gateway/fax/ids.ts';
import type { AfterCall } from '../../gateway/ports/fax-records.ts';
import { PURGE_PATIENCE, type PurgeOrder } from '../../gateway/ports/purge-records.ts';
import { createRecords, type Records } from '../../gateway/records/index.ts';
import { settleCopy } from '../../ops/backup/settle.ts';
import { silentLog, testDatabases } from '../postgres.ts';
import type { Backend } from './fax-records.ts';
import { startRecords } from './fax-records-backend.ts';
import {
  busy,
  createWorld,
  EPOCH,
  freshNumber,
  LEASE,
  LINE,
  make,
  ok,
  page,
  SECOND,
  T0,
  type World,
} from './fax-records-world.ts';

const MINUTE = 60 * SECOND;
const ADMIN = { who: 'local', address: null };

for (const database of await testDatabases()) {
  describe(`PurgeRecords on ${database.name}`, () => {
    let backend: Backend;
    let records: Records;
    let world: World;
    let account: AccountId;
    /** Carriers of one test each, so that tests do not find each other's orders. */
    let carriers = 0;
    before(async () => {
      backend = await startRecords(database);
      records = backend.records;
      world = createWorld(records);
      account = (await world.account()).id;
    });
    after(() => backend.stop());

    const freshCarrier = () => `carrier-${++carriers}`;
    const claim = (carrier: string, now = T0 + MINUTE, limit = 10) =>
      records.purges.claimPurges([carrier], LEASE, limit, now);
    const shown = async (call: CallId) => (await records.faxes.callRecord(call))?.cdr;
    const events = async () => (await records.events.read(account, 0, 10_000)).map(({ type }) => type);

    /** An outbound call over a carrier that keeps what it is given. */
    async function dialing(carrier: string, fax?: FaxId, stored = true) {
      const id = fax ?? (await world.queued(account));
      const { fence, fax: claimed } = await world.claimed(id, T0);
      const call = make.call();
      const intent = { id: call, carrier, reference: `ref-${call}`, firstPage: claimed.pagesConfirmed + 1, stored };
      assert.ok(await records.faxes.intend(id, fence, intent, T0));
      return { fax: id, call, fence };
    }

    async function ended(carrier: string, after: AfterCall = { state: 'failed' }, stored = true) {
      const live = await dialing(carrier, undefined, stored);
      assert.ok(await records.faxes.passGate2(live.call, live.fence, T0));
      assert.ok(await records.faxes.endCall(live.call, live.fence, busy, after, T0));
      return live;
    }

    async function order(carrier: string, now = T0 + MINUTE): Promise<PurgeOrder> {
      const [only, ...others] = await claim(carrier, now);
      assert.ok(only);
      assert.equal(others.length, 0);
      return only;
    }

    /** A received fax that the carrier keeps. */
    async function offered(carrier: string, reference: string) {
      const [fax, call] = [make.fax(), make.call()];
      await records.vault.openEpoch(EPOCH, T0);
      const key = { fax, account, dek: 'dek', epoch: EPOCH, wrapped: new Uint8Array(60).fill(7) };
      assert.ok(await records.vault.insertKey({ ...key, state: 'uploading', expiresAt: T0 + 600 * SECOND }));
      const policy = { imageLife: 'fax', uncertain: 'hold', uncertainHold: 900, inboundHold: 3_600 } as const;
      const inbound = {
        id: fax,
        call,
        account,
        from: null,
        to: freshNumber(),
        carrier,
        reference,
        stored: true,
        policy,
      };
      const { fence } = await records.faxes.ring(inbound, 'w', LEASE, T0);
      return { fax, call, fence };
    }

    async function received(carrier: string, reference: string) {
      const live = await offered(carrier, reference);
      assert.ok(await records.faxes.receiving(live.call, live.fence, null, T0));
      for (const number of [1, 2]) {
        assert.ok(await records.faxes.pageReceived(live.call, live.fence, page(number), LINE, T0));
      }
      return live;
    }

    describe('an order', () => {
      test('comes to be with the end of a call that passed gate 2, over a carrier that keeps something', async () => {
        const carrier = freshCarrier();
        const { call, fax } = await ended(carrier);
        assert.equal((await shown(call))?.purge, 'pending');
        assert.partialDeepStrictEqual(await order(carrier), {
          call,
          fax,
          account,
          carrier,
          reference: `ref-${call}`,
          carrierId: null,
          tries: 1,
          giveUpAt: T0 + PURGE_PATIENCE,
        });
      });
      test('does not come for a call that was never answered, nor over a carrier that keeps nothing', async () => {
        const carrier = freshCarrier();
        const never = await dialing(carrier);
        assert.ok(await records.faxes.endCall(never.call, never.fence, busy, { state: 'failed' }, T0));
        const { call } = await ended(carrier, { state: 'failed' }, false);
        assert.deepEqual(await claim(carrier), []);
        assert.deepEqual([(await shown(call))?.purge, (await shown(never.call))?.purge], [null, null]);
      });
      test('names the id under which the carrier took the fax', async () => {
        const carrier = freshCarrier();
        const { call, fence, fax } = await dialing(carrier);
        assert.ok(await records.faxes.passGate2(call, fence, T0));
        assert.ok(await records.faxes.taken(call, fence, 'its-own-id'));
        assert.equal(await records.faxes.taken(call, fence + 1, 'of another worker'), false);
        assert.equal((await records.faxes.calls(fax))[0]?.carrierId, 'its-own-id');
        assert.ok(await records.faxes.endCall(call, fence, busy, { state: 'failed' }, T0));
        assert.equal((await order(carrier)).carrierId, 'its-own-id');
        await assert.rejects(records.faxes.taken(call, fence, ''), /no id of a carrier/);
        await assert.rejects(records.faxes.taken(call, fence, 'x'.repeat(201)), /no id of a carrier/);
      });
      test('is carried out by one of many, and by another when its lease is over', async () => {
        const carrier = freshCarrier();
        await ended(carrier);
        await ended(carrier);
        const claims = await Promise.all(Array.from({ length: 8 }, () => claim(carrier)));
        assert.equal(new Set(claims.flat().map(({ call }) => call)).size, 2);
        assert.equal(claims.flat().length, 2);
        assert.deepEqual(await claim(carrier, T0 + MINUTE + LEASE - 1), []);
        const again = await claim(carrier, T0 + MINUTE + LEASE);
        assert.deepEqual(
          again.map(({ tries }) => tries),
          [2, 2],
        );
        const [stale] = claims.flat();
        assert.ok(stale);
        const gone = { outcome: 'purged', detail: '' } as const;
        assert.equal(await records.purges.purgeAnswered(stale, gone, null, T0), false);
      });
      test('that was postponed has not been tried, and comes at its time', async () => {
        const carrier = freshCarrier();
        await ended(carrier);
        const first = await order(carrier);
        assert.equal(first.since, T0);
        assert.ok(await records.purges.postponePurge(first, T0 + 5 * MINUTE));
        assert.equal(await records.purges.postponePurge(first, T0 + 9 * MINUTE), false);
        assert.deepEqual(await claim(carrier, T0 + 5 * MINUTE - 1), []);
        assert.equal((await order(carrier, T0 + 5 * MINUTE)).tries, 1);
      });
      test('of another carrier is left alone', async () => {
        await ended(freshCarrier());
        assert.deepEqual(await claim(freshCarrier()), []);
      });
      test('keeps the CDR of its call for as long as it is open', async () => {
        const carrier = freshCarrier();
        const { call } = await ended(carrier);
        const late = T0 + 400 * 86_400 * SECOND;
        const found = await order(carrier);
        await records.vault.storeReceipt(found.fax, 999_999, 'jws', T0);
        await records.cdrs.prepareMonths(T0);
        const retire = async () => {
          while ((await records.cdrs.retire(late, 1, 10_000)).more);
        };
        await retire();
        assert.ok(await shown(call));
        assert.ok(await records.purges.purgeAnswered(found, { outcome: 'none', detail: '' }, null, T0));
        await retire();
        assert.equal(await shown(call), undefined);
      });
    });

    describe('an answer', () => {
      test('ends the order and stands in the CDR', async () => {
        for (const outcome of ['purged', 'none'] as const) {
          const carrier = freshCarrier();
          const { call, fax } = await ended(carrier);
          const found = await order(carrier);
          assert.ok(await records.purges.purgeAnswered(found, { outcome, detail: 'words' }, null, T0 + MINUTE));
          assert.equal((await shown(call))?.purge, outcome);
          assert.deepEqual(await claim(carrier, T0 + 30 * 86_400 * SECOND), []);
          const expected = { call, outcome, detail: 'words', answeredAt: T0 + MINUTE, nextAt: null };
          assert.partialDeepStrictEqual((await records.purges.purgesOf(fax))[0], expected);
        }
      });
      test('that the copy is kept is told once to the account, and once more when it is given up', async () => {
        const carrier = freshCarrier();
        const { call } = await ended(carrier);
        const failures = async () => (await events()).filter((type) => type === 'fax.carrier_purge_failed').length;
        const before = await failures();
        const kept = { outcome: 'kept', detail: 'HTTP 500' } as const;
        for (const [at, nextAt, told] of [
          [T0 + MINUTE, T0 + 2 * MINUTE, 1],
          [T0 + 2 * MINUTE, T0 + 4 * MINUTE, 1],
          [T0 + 4 * MINUTE, null, 2],
        ] as const) {
          assert.ok(await records.purges.purgeAnswered(await order(carrier, at), kept, nextAt, at));
          assert.equal((await failures()) - before, told);
          assert.equal((await shown(call))?.purge, 'kept');
        }
        const outstanding = await records.purges.outstandingPurges();
        assert.deepEqual(
          outstanding.find((entry) => entry.carrier === carrier),
          { carrier, pending: 0, givenUp: 1 },
        );
      });
      test('that never came, because no process has the carrier any more, is given up after its time', async () => {
        const carrier = freshCarrier();
        const { call } = await ended(carrier);
        assert.deepEqual(await records.purges.abandonPurges(T0 + PURGE_PATIENCE, 100), []);
        const given = await records.purges.abandonPurges(T0 + PURGE_PATIENCE + 1, 1_000);
        assert.ok(given.some((purge) => purge.call === call && purge.outcome === 'kept' && purge.nextAt === null));
        assert.match(given.find((purge) => purge.call === call)?.detail ?? '', /not configured/);
      });
      test('a long one of the carrier is cut', async () => {
        const carrier = freshCarrier();
        const { fax } = await ended(carrier);
        const words = { outcome: 'purged', detail: 'x'.repeat(5_000) } as const;
        assert.ok(await records.purges.purgeAnswered(await order(carrier), words, null, T0));
        assert.equal((await records.purges.purgesOf(fax))[0]?.detail?.length, 300);
      });
    });

    describe('receipts', () => {
      const unattested = async (fax: FaxId) =>
        (await records.purges.unattestedPurges(10_000)).filter((purge) => purge.fax === fax);

      test('the first one shows what was known, and what it told the end of needs no further one', async () => {
        const carrier = freshCarrier();
        const { fax, call } = await ended(carrier);
        assert.partialDeepStrictEqual(await records.vault.copies(fax), [{ call, outcome: 'pending', open: true }]);
        const gone = { outcome: 'purged', detail: 'gone' } as const;
        assert.ok(await records.purges.purgeAnswered(await order(carrier), gone, null, T0 + 1));
        const copies = await records.vault.copies(fax);
        assert.partialDeepStrictEqual(copies, [{ call, carrier, outcome: 'purged', answeredAt: T0 + 1, open: false }]);
        assert.deepEqual(await unattested(fax), [], 'nothing before the wipe');
        await records.vault.storeReceipt(fax, EPOCH, 'first', T0, [call]);
        assert.deepEqual(await unattested(fax), []);
      });
      test('an end that came after the wipe, or between its look and its end, gets a further one, once', async () => {
        const carrier = freshCarrier();
        const { fax, call } = await ended(carrier);
        const found = await order(carrier);
        // The wipe has looked: open.
        assert.ok(await records.purges.purgeAnswered(found, { outcome: 'none', detail: '' }, null, T0 + 1));
        await records.vault.storeReceipt(fax, EPOCH, 'first', T0, []);
        const [purge] = await unattested(fax);
        assert.ok(purge);
        assert.ok(await records.purges.attestPurge(purge, 'further'));
        assert.equal(await records.purges.attestPurge(purge, 'of another process'), false);
        assert.partialDeepStrictEqual(await shown(call), { receipt: 'first', purgeReceipt: 'further', purge: 'none' });
        assert.deepEqual(await unattested(fax), []);
      });
      test('what is still tried is not attested', async () => {
        const carrier = freshCarrier();
        const { fax } = await ended(carrier);
        const kept = { outcome: 'kept', detail: '' } as const;
        assert.ok(await records.purges.purgeAnswered(await order(carrier), kept, T0 + 2 * MINUTE, T0 + MINUTE));
        await records.vault.storeReceipt(fax, EPOCH, 'first', T0, []);
        assert.deepEqual(await unattested(fax), []);
      });
    });

    describe('by hand', () => {
      test('a copy that was given up is tried again, and its new end is attested beside the old one', async () => {
        const carrier = freshCarrier();
        const { fax, call } = await ended(carrier);
        await records.vault.storeReceipt(fax, EPOCH, 'first', T0, []);
        assert.ok(
          await records.purges.purgeAnswered(await order(carrier), { outcome: 'kept', detail: '' }, null, T0 + 1),
        );
        const [kept] = await records.purges.purgesOf(fax);
        assert.ok(kept && (await records.purges.attestPurge(kept, 'kept')));
        const later = T0 + 30 * 86_400 * SECOND;
        assert.equal(await records.purges.retryPurge(call, later + PURGE_PATIENCE, ADMIN, later), 'queued');
        const found = await order(carrier, later);
        assert.deepEqual([found.tries, found.giveUpAt], [1, later + PURGE_PATIENCE]);
        assert.ok(await records.purges.purgeAnswered(found, { outcome: 'purged', detail: '' }, null, later));
        const [purged] = await records.purges.purgesOf(fax);
        assert.ok(purged && (await records.purges.attestPurge(purged, 'purged')));
        assert.deepEqual((await records.purges.purgesOf(fax))[0]?.receipts, ['kept', 'purged']);
        assert.equal((await shown(call))?.purgeReceipt, 'purged');
        assert.equal(await records.purges.retryPurge(call, later, ADMIN, later), 'gone');
        assert.equal(await records.purges.retryPurge(make.call(), later, ADMIN, later), 'unknown');
        const audit = await records.accounts.auditLog({ account, limit: 20 });
        assert.ok(audit.some(({ action, object }) => action === 'carrier.purge_retry' && object === call));
      });
      test('the list has the newest first, page by page, and can be had without what is gone', async () => {
        const carrier = freshCarrier();
        const calls = [await ended(carrier), await ended(carrier), await ended(carrier)].map(({ call }) => call);
        const [gone] = await claim(carrier, T0 + MINUTE, 1);
        assert.ok(gone && (await records.purges.purgeAnswered(gone, { outcome: 'none', detail: '' }, null, T0)));
        const walked: CallId[] = [];
        for (let cursor: string | undefined, left = 5; left > 0; left--) {
          const query = { carrier, limit: 2, ...(cursor === undefined ? {} : { cursor }) };
          const { items, next } = await records.purges.purges(query);
          walked.push(...items.map(({ call }) => call));
          if (next === null) break;
          cursor = next;
        }
        assert.deepEqual(walked, calls.toSorted().toReversed());
        const { items } = await records.purges.purges({ carrier, outstanding: true, limit: 10 });
        assert.deepEqual(
          items.map(({ call }) => call),
          walked.filter((call) => call !== gone.call),
        );
      });
    });

    describe('a fax that was received and that the carrier keeps', () => {
      test('is known while it is taken and when it is here, and its copy is ordered to go', async () => {
        const carrier = freshCarrier();
        assert.equal(await records.faxes.knownFax(carrier, 'a'), undefined);
        const { call, fence } = await received(carrier, 'a');
        assert.equal(await records.faxes.knownFax(carrier, 'a'), 'receiving');
        assert.equal(await records.faxes.knownFax(freshCarrier(), 'a'), undefined);
        assert.ok(await records.faxes.inboundEnded(call, fence, ok(2), null, T0, 'purge'));
        assert.equal(await records.faxes.knownFax(carrier, 'a'), 'received');
        assert.partialDeepStrictEqual(await order(carrier), { call, reference: 'a', carrierId: null });
      });
      test('is taken by one of two that take it at the same moment', async () => {
        const carrier = freshCarrier();
        const both = await Promise.allSettled([offered(carrier, 'a'), offered(carrier, 'a')]);
        assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
      });
      test('that is to be taken again has failed here, without its pages, and may be offered again', async () => {
        const carrier = freshCarrier();
        const { fax, call, fence } = await received(carrier, 'a');
        const lost = { ...busy, cause: 'storage_full' } as const;
        assert.ok(await records.faxes.inboundEnded(call, fence, lost, 'sealed', T0, 'take_again'));
        assert.partialDeepStrictEqual(await world.get(fax), { state: 'failed', pages: 0, sealedKey: null });
        assert.deepEqual(await records.faxes.pages(fax), []);
        assert.ok((await records.vault.intents(T0, 10_000)).some((intent) => intent.fax === fax));
        assert.partialDeepStrictEqual(await shown(call), { pages: 0, pagesSent: 0, result: 'failed', purge: null });
        assert.equal(await records.faxes.knownFax(carrier, 'a'), undefined);
        assert.deepEqual(await claim(carrier), []);
        const again = await received(carrier, 'a');
        assert.ok(await records.faxes.inboundEnded(again.call, again.fence, ok(2), null, T0, 'purge'));
        assert.equal((await world.get(again.fax)).pages, 2);
      });
      test('that cannot be read is not taken again, and nothing of it is erased', async () => {
        const carrier = freshCarrier();
        const { call, fence } = await offered(carrier, 'a');
        const broken = { ...busy, cause: 'page_rejected' } as const;
        assert.ok(await records.faxes.inboundEnded(call, fence, broken, null, T0, 'leave'));
        assert.equal(await records.faxes.knownFax(carrier, 'a'), 'rejected');
        assert.deepEqual(await claim(carrier), []);
      });
    });

    describe('after a restore', () => {
      test('what was being sent is ordered to go, and what was being received may be taken again', async () => {
        const postgres = await database.start();
        const own = createRecords({ pool: postgres.pool(), log: silentLog });
        try {
          await own.migrate();
          const lost = createWorld(own);
          const { id } = await lost.account();
          const fax = await lost.queued(id);
          const { fence } = await lost.claimed(fax);
          const sending = make.call();
          const intent = { id: sending, carrier: 'telnyx', reference: 'ref', firstPage: 1, stored: true };
          assert.ok(await own.faxes.intend(fax, fence, intent, T0));
          assert.ok(await own.faxes.passGate2(sending, fence, T0));
          const [incoming, taking] = [make.fax(), make.call()];
          const policy = { imageLife: 'fax', uncertain: 'hold', uncertainHold: 900, inboundHold: 3_600 } as const;
          const inbound = { id: incoming, call: taking, account: id, from: null, to: freshNumber(), policy };
          await own.faxes.ring({ ...inbound, carrier: 'telnyx', reference: 'a', stored: true }, 'w', LEASE, T0);
          const times = { takenAt: T0, lostAt: T0 + MINUTE, now: T0 + 2 * MINUTE };
          await settleCopy(postgres.pool(), times, silentLog);
          assert.equal(await own.faxes.knownFax('telnyx', 'a'), undefined);
          const orders = await own.purges.claimPurges(['telnyx'], LEASE, 10, times.now);
          assert.deepEqual(
            orders.map(({ call }) => call),
            [sending],
          );
        } finally {
          await own.close();
          await postgres.stop();
        }
      });
    });
  });
}
