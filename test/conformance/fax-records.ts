import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { FaxErrorCode } from '../../gateway/fax/errors.ts';
import type { Fax } from '../../gateway/fax/fax.ts';
import { parseE164 } from '../../gateway/fax/number.ts';
import { FIRST_LINE_SETTINGS } from '../../gateway/fax/policy.ts';
import { FINAL_OUTBOUND, mayStep, type OutboundState } from '../../gateway/fax/states.ts';
import type { AfterCall, Claim } from '../../gateway/ports/fax-records.ts';
import type { Records } from '../../gateway/records/index.ts';
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

/** What a suite needs of a backend: migrated records, and their end. */
export interface Backend {
  readonly records: Records;
  stop(): Promise<void>;
}

const refusedAs = (code: FaxErrorCode) => (error: unknown) => (error as { code?: unknown }).code === code;
const retry = (at: number): AfterCall => ({ state: 'queued', at, line: FIRST_LINE_SETTINGS, keepImage: true });

/** The contract of FaxRecords; every backend passes it. */
export function faxRecordsConformance(name: string, makeRecords: () => Promise<Backend>): void {
  describe(`FaxRecords on ${name}`, () => {
    let backend: Backend;
    let records: Records;
    let world: World;
    before(async () => {
      backend = await makeRecords();
      records = backend.records;
      world = createWorld(records);
    });
    after(() => backend.stop());

    describe('Idempotency-Key', () => {
      test('is new once, then running, then done with its answer', async () => {
        const { id } = await world.account();
        assert.deepEqual(await records.faxes.beginKey(id, 'k', T0), { state: 'new' });
        assert.deepEqual(await records.faxes.beginKey(id, 'k', T0), { state: 'running' });
        const fax = world.newFax(id);
        await world.upload([fax]);
        await records.faxes.accept([fax], { key: 'k', hash: 'h', answer: 'a' }, T0);
        assert.deepEqual(await records.faxes.beginKey(id, 'k', T0), { state: 'done', hash: 'h', answer: 'a' });
        await records.faxes.dropKey(id, 'k');
        assert.equal((await records.faxes.beginKey(id, 'k', T0 + 86_400 * SECOND)).state, 'done', 'kept 24 hours');
      });
      test('is free again after dropKey, and when its upload never ended', async () => {
        const { id } = await world.account();
        await records.faxes.beginKey(id, 'k', T0);
        await records.faxes.dropKey(id, 'k');
        assert.deepEqual(await records.faxes.beginKey(id, 'k', T0), { state: 'new' });
        assert.deepEqual(await records.faxes.beginKey(id, 'k', T0 + 59 * SECOND), { state: 'running' });
        await records.faxes.renewKey(id, 'k', T0 + 40 * SECOND);
        assert.deepEqual(await records.faxes.beginKey(id, 'k', T0 + 99 * SECOND), { state: 'running' }, 'renewed');
        assert.deepEqual(await records.faxes.beginKey(id, 'k', T0 + 100 * SECOND), { state: 'new' });
      });
      test('belongs to one account and, of 20 at once, to one request', async () => {
        const [a, b] = [await world.account(), await world.account()];
        const states = await Promise.all(Array.from({ length: 20 }, () => records.faxes.beginKey(a.id, 'k', T0)));
        assert.equal(states.filter(({ state }) => state === 'new').length, 1);
        assert.deepEqual(await records.faxes.beginKey(b.id, 'k', T0), { state: 'new' });
      });
    });

    describe('W0c accept', () => {
      test('stores what intake hands over', async () => {
        const { id } = await world.account();
        const fax = world.newFax(id, { tags: { a: 'ü"\'' }, pages: 4, deadline: T0 + 9, batch: null });
        await world.upload([fax]);
        await records.faxes.beginKey(id, 'k', T0);
        await records.faxes.accept([fax], { key: 'k', hash: 'h', answer: 'a' }, T0);
        const { id: faxId, ...wanted } = fax;
        assert.partialDeepStrictEqual(await world.get(faxId), {
          ...wanted,
          state: 'accepted',
          direction: 'outbound',
          pagesConfirmed: 0,
          attempts: 0,
          createdAt: T0,
          finishedAt: null,
          imageExists: true,
        });
        assert.equal((await records.vault.key(faxId))?.state, 'live');
        const events = await records.events.read(id, 0, 10);
        assert.deepEqual(
          events.map(({ seq, type, fax: of }) => ({ seq, type, of })),
          [{ seq: 1, type: 'fax.accepted', of: faxId }],
        );
        assert.equal((await records.accounts.auditLog({ account: id, limit: 1 }))[0]?.action, 'fax.accept');
      });
      test('accepts all faxes of a batch or none', async () => {
        const { id } = await world.account({ maxQueued: 2 });
        const batch = [world.newFax(id), world.newFax(id), world.newFax(id)];
        await world.upload(batch);
        await records.faxes.beginKey(id, 'k', T0);
        const answer = { key: 'k', hash: 'h', answer: 'a' };
        await assert.rejects(records.faxes.accept(batch, answer, T0), refusedAs('too_many_queued'));
        assert.equal((await records.faxes.faxes({ account: id, limit: 10 })).items.length, 0);
        assert.equal(await records.events.head(id), 0);
        assert.equal((await records.vault.key(batch[0]?.id ?? make.fax()))?.state, 'uploading');
        await records.faxes.accept(batch.slice(0, 2), answer, T0);
        assert.equal(await records.events.head(id), 2);
      });
      test('counts faxes as queued until they end', async () => {
        const { id } = await world.account({ maxQueued: 1 });
        const fax = await world.accepted(id);
        await assert.rejects(world.accepted(id), refusedAs('too_many_queued'));
        assert.equal(await records.faxes.cancel(fax, id, T0), 'ended');
        await world.accepted(id);
      });
      test('refuses an upload whose key has expired or is gone', async () => {
        const { id } = await world.account();
        const fax = world.newFax(id);
        await world.upload([fax]);
        await records.faxes.beginKey(id, 'k', T0);
        const answer = { key: 'k', hash: 'h', answer: 'a' };
        await assert.rejects(records.faxes.accept([fax], answer, T0 + 600 * SECOND), refusedAs('image_lost'));
        await records.vault.discard(fax.id);
        await assert.rejects(records.faxes.accept([fax], answer, T0), refusedAs('image_lost'));
      });
      test('refuses an answer for a key that another request has finished', async () => {
        const { id } = await world.account();
        const [a, b] = [world.newFax(id), world.newFax(id)];
        await world.upload([a, b]);
        await records.faxes.beginKey(id, 'k', T0);
        await records.faxes.accept([a], { key: 'k', hash: 'h', answer: 'a' }, T0);
        const again = records.faxes.accept([b], { key: 'k', hash: 'h', answer: 'b' }, T0);
        await assert.rejects(again, refusedAs('idempotency_running'));
      });
    });

    describe('rendering', () => {
      test('one of 20 parallel claimers wins', async () => {
        const fax = await world.accepted((await world.account()).id);
        const claims = await Promise.all(
          Array.from({ length: 20 }, (_, index) => records.faxes.claimRender(fax, `w${index}`, LEASE, T0)),
        );
        assert.equal(claims.filter((claim) => claim !== undefined).length, 1);
      });
      test('a claim whose lease has run out is taken over, and the old worker writes nothing', async () => {
        const { id } = await world.account();
        const fax = await world.accepted(id);
        const old = await records.faxes.claimRender(fax, 'a', LEASE, T0);
        assert.equal(await records.faxes.claimRender(fax, 'b', LEASE, T0 + LEASE - 1), undefined);
        const taken = await records.faxes.claimRender(fax, 'b', LEASE, T0 + LEASE);
        assert.ok(old && taken && taken.fence > old.fence);
        assert.equal(await records.faxes.rendered(fax, old.fence, [page(1)], T0), false);
        assert.deepEqual(await records.faxes.pages(fax), []);
        assert.ok(await records.faxes.rendered(fax, taken.fence, [page(1), page(2)], T0));
        assert.deepEqual(await records.faxes.pages(fax), [page(1), page(2)]);
      });
      test('a scheduled fax is queued for its time', async () => {
        const fax = await world.queued((await world.account()).id, 1, { notBefore: T0 + 50 });
        assert.equal((await world.get(fax)).nextCallAt, T0 + 50);
        assert.equal(await world.tryClaim(fax, T0 + 49), undefined);
        assert.ok(await world.tryClaim(fax, T0 + 50));
      });
      test('is refused for a fax that was canceled meanwhile', async () => {
        const { id } = await world.account();
        const fax = await world.accepted(id);
        const claim = await records.faxes.claimRender(fax, 'a', LEASE, T0);
        assert.equal(await records.faxes.cancel(fax, id, T0), 'ended');
        assert.equal(await records.faxes.rendered(fax, claim?.fence ?? 0, [page(1)], T0), false);
        assert.deepEqual(await records.faxes.renew(fax, claim?.fence ?? 0, LEASE, T0), { held: false, cancel: false });
        assert.equal((await world.get(fax)).state, 'canceled');
      });
    });

    describe('W1 claim', () => {
      test('one of 20 parallel claimers wins', async () => {
        const fax = await world.queued((await world.account()).id);
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, index) => world.tryClaim(fax, T0, `w${index}`)),
        );
        assert.equal(answers.filter((claim) => claim !== undefined).length, 1);
        assert.equal((await world.get(fax)).state, 'queued', 'queued until W2');
      });
      test('a claim that was not renewed is free, and its worker finds it gone', async () => {
        const fax = await world.queued((await world.account()).id);
        const { fence } = await world.claimed(fax);
        assert.equal(await world.tryClaim(fax, T0 + LEASE - 1), undefined);
        const again = await world.tryClaim(fax, T0 + LEASE);
        assert.ok(again !== undefined && again.fence > fence);
        const intent = { id: make.call(), carrier: 'loop', reference: 'late', firstPage: 1 };
        assert.equal(await records.faxes.intend(fax, fence, intent, T0 + LEASE), false);
      });
      test('one live call per destination, over all accounts', async () => {
        const to = freshNumber();
        const faxes = await Promise.all(
          Array.from({ length: 8 }, async () => world.queued((await world.account()).id, 1, { to })),
        );
        const answers = await Promise.all(faxes.map((fax) => world.tryClaim(fax)));
        assert.equal(answers.filter((claim) => claim !== undefined).length, 1);
      });
      test('the destination is free after release', async () => {
        const to = freshNumber();
        const { id } = await world.account();
        const [a, b] = [await world.queued(id, 1, { to }), await world.queued(id, 1, { to })];
        const { fence } = await world.claimed(a);
        assert.equal(await world.tryClaim(b), undefined);
        assert.ok(await records.faxes.release(a, fence, T0 + 5, T0));
        assert.equal(await records.faxes.release(a, fence, T0 + 5, T0), false, 'given back once');
        await world.claimed(b);
        assert.equal((await world.get(a)).nextCallAt, T0 + 5);
      });
      test('never more calls of an account than its channels, under concurrency', async () => {
        const { id } = await world.account({ channels: 3 });
        const faxes = await Promise.all(Array.from({ length: 10 }, () => world.queued(id, 1)));
        const answers = await Promise.all(faxes.map((fax) => world.tryClaim(fax)));
        assert.equal(answers.filter((claim) => claim !== undefined).length, 3);
      });
      test('a paused or disabled account makes no calls', async () => {
        const { id } = await world.account();
        const fax = await world.queued(id);
        const actor = { who: 'local', address: null };
        await records.accounts.updateAccount(id, { paused: true }, actor, T0);
        assert.equal(await world.tryClaim(fax), undefined);
        await records.accounts.updateAccount(id, { paused: false, disabled: true }, actor, T0);
        assert.equal(await world.tryClaim(fax), undefined);
        await records.accounts.updateAccount(id, { disabled: false }, actor, T0);
        await world.claimed(fax);
      });
      test('a fax that is not rendered, past its deadline or over is not called', async () => {
        const { id } = await world.account();
        assert.equal(await world.tryClaim(await world.accepted(id)), undefined);
        const late = await world.queued(id, 1, { deadline: T0 + 10 });
        assert.equal(await world.tryClaim(late, T0 + 10), undefined);
        const over = await world.queued(id);
        await records.faxes.cancel(over, id, T0);
        assert.equal(await world.tryClaim(over), undefined);
      });
      test('renew keeps the lease and tells of a wish to cancel', async () => {
        const { id } = await world.account();
        const fax = await world.queued(id);
        const { fence } = await world.dialing(fax);
        assert.deepEqual(await records.faxes.renew(fax, fence, LEASE, T0 + 50), { held: true, cancel: false });
        assert.equal(await records.faxes.cancel(fax, id, T0), 'asked');
        assert.deepEqual(await records.faxes.renew(fax, fence, LEASE, T0 + 60), { held: true, cancel: true });
        assert.deepEqual(await records.faxes.renew(fax, fence - 1, LEASE, T0 + 70), { held: false, cancel: false });
      });
    });

    describe('W2 to W4', () => {
      test('the journal holds what happened', async () => {
        const { id } = await world.account();
        const fax = await world.queued(id, 2);
        const { call, fence } = await world.sending(fax);
        assert.ok(await records.faxes.pageStarted(call, fence, 1, T0));
        assert.ok(await records.faxes.pageConfirmed(call, fence, 1, LINE, T0));
        assert.ok(await records.faxes.pageStarted(call, fence, 2, T0));
        assert.ok(await records.faxes.pageStarted(call, fence, 2, T0), 'again after a retrain');
        await records.faxes.negotiated(call, fence, 'CSI', LINE);
        const [row] = await records.faxes.calls(fax);
        assert.partialDeepStrictEqual(row, {
          id: call,
          fax,
          state: 'in_call',
          fence,
          reference: `ref-${call}`,
          firstPage: 1,
          pageStarted: 2,
          pagesConfirmed: 1,
          answeredAt: T0 + SECOND,
          endedAt: null,
        });
        assert.partialDeepStrictEqual(await world.get(fax), {
          state: 'sending',
          pagesConfirmed: 1,
          remoteId: 'CSI',
          attempts: 1,
        });
        const types = (await records.events.read(id, 0, 20)).map(({ type }) => type);
        assert.deepEqual(types, ['fax.accepted', 'fax.queued', 'fax.dialing', 'fax.sending', 'fax.page']);
      });
      test('a stale fence writes nothing in any of them', async () => {
        const { id } = await world.account();
        const fax = await world.queued(id, 2);
        const { call, fence } = await world.sending(fax);
        assert.ok(await records.faxes.pageStarted(call, fence, 1, T0));
        const newest = await records.faxes.takeOver(fax, fence, 'b', LEASE, T0);
        assert.equal(newest, fence + 1);
        const before = [await world.get(fax), await records.faxes.calls(fax), await records.events.head(id)];
        const intent = { id: make.call(), carrier: 'loop', reference: 'r', firstPage: 1 };
        assert.equal(await records.faxes.intend(fax, fence, intent, T0), false);
        assert.equal(await records.faxes.passGate2(call, fence, T0), false);
        assert.equal(await records.faxes.pageStarted(call, fence, 1, T0), false);
        assert.equal(await records.faxes.pageConfirmed(call, fence, 1, LINE, T0), false);
        await records.faxes.negotiated(call, fence, 'X', LINE);
        assert.equal(await records.faxes.endCall(call, fence, ok(2), { state: 'delivered' }, T0), false);
        assert.equal(await records.faxes.release(fax, fence, T0, T0), false);
        assert.equal(await records.faxes.endUncalled(fax, fence, 'failed', 'line_lost', '', T0), false);
        assert.equal(await records.faxes.takeOver(fax, fence, 'c', LEASE, T0), undefined);
        assert.deepEqual([await world.get(fax), await records.faxes.calls(fax), await records.events.head(id)], before);
      });
      test('gate 2 opens once, and not without an intent', async () => {
        const fax = await world.queued((await world.account()).id);
        const { call, fence } = await world.dialing(fax);
        assert.ok(await records.faxes.passGate2(call, fence, T0));
        assert.equal(await records.faxes.passGate2(call, fence, T0), false);
        assert.equal(await records.faxes.passGate2(make.call(), fence, T0), false);
      });
      test('pages start and are confirmed in order, after gate 2', async () => {
        const fax = await world.queued((await world.account()).id, 2);
        const { call, fence } = await world.dialing(fax);
        await assert.rejects(records.faxes.pageStarted(call, fence, 1, T0), /illegal step/);
        assert.ok(await records.faxes.passGate2(call, fence, T0));
        await assert.rejects(records.faxes.pageStarted(call, fence, 2, T0), /illegal step/);
        await assert.rejects(records.faxes.pageConfirmed(call, fence, 1, LINE, T0), /illegal step/);
        assert.ok(await records.faxes.pageStarted(call, fence, 1, T0));
        assert.ok(await records.faxes.pageConfirmed(call, fence, 1, LINE, T0));
        await assert.rejects(records.faxes.pageConfirmed(call, fence, 1, LINE, T0), /illegal step/);
      });
    });

    describe('W5 the end of a call', () => {
      const ends: readonly Extract<AfterCall['state'], OutboundState>[] = [...FINAL_OUTBOUND] as never;
      for (const state of ends) {
        for (const from of ['dialing', 'sending'] as const) {
          const legal = mayStep('outbound', from, state);
          test(`${from} → ${state} is ${legal ? 'written whole' : 'refused'}`, async () => {
            const { id } = await world.account();
            const fax = await world.queued(id, 2);
            const { call, fence } = await (from === 'dialing' ? world.dialing(fax) : world.sending(fax));
            const head = await records.events.head(id);
            const end = records.faxes.endCall(call, fence, busy, { state } as AfterCall, T0 + 9 * SECOND);
            if (!legal) {
              await assert.rejects(end, /illegal outbound step/);
              assert.equal((await world.get(fax)).state, from);
              assert.equal((await records.faxes.calls(fax))[0]?.state === 'ended', false);
              assert.equal((await records.faxes.cdrs({ fax, limit: 5 })).items.length, 0);
              assert.equal(await records.events.head(id), head);
              return;
            }
            assert.ok(await end);
            assert.partialDeepStrictEqual(await world.get(fax), { state, finishedAt: T0 + 9 * SECOND });
            const cdrs = (await records.faxes.cdrs({ fax, limit: 5 })).items;
            assert.equal(cdrs.length, 1);
            assert.partialDeepStrictEqual(cdrs[0], { call, attempt: 1, faxState: state, tags: { case: 'A-1' } });
            assert.equal((await records.events.read(id, head, 5))[0]?.type, `fax.${state}`);
            const intents = (await records.vault.intents(T0 + 9 * SECOND, 1_000)).filter((one) => one.fax === fax);
            assert.equal(intents.length, state === 'uncertain' ? 0 : 1, 'an uncertain image waits for a decision');
            assert.equal(await records.faxes.endCall(call, fence, busy, { state } as AfterCall, T0), false, 'once');
          });
        }
      }
      test('a call that has ended is found with its ladder, by its own account alone', async () => {
        const { id } = await world.account();
        const { call, fence } = await world.sending(await world.queued(id, 1));
        assert.equal(await records.faxes.callRecord(call), undefined, 'while it lasts');
        const steps = [{ at: 0, direction: 'sent', layer: 'sip', signal: 'INVITE', info: null }] as const;
        const ladder = { steps, left: 0, cut: 1 };
        await records.faxes.endCall(call, fence, { ...ok(1), ladder }, { state: 'delivered' }, T0);
        const found = await records.faxes.callRecord(call, id);
        assert.deepEqual(found?.ladder, ladder);
        assert.deepEqual(found?.cdr, (await records.faxes.cdrs({ account: id, limit: 1 })).items[0]);
        const stranger = await world.account();
        assert.equal(await records.faxes.callRecord(call, stranger.id), undefined);
      });

      test('a CDR tells the call from intent to end', async () => {
        const { id } = await world.account();
        const fax = await world.queued(id, 2);
        const { call, fence } = await world.sending(fax);
        for (const number of [1, 2]) {
          await records.faxes.pageStarted(call, fence, number, T0);
          await records.faxes.pageConfirmed(call, fence, number, LINE, T0);
        }
        await records.faxes.endCall(call, fence, ok(2), { state: 'delivered' }, T0 + 61 * SECOND);
        const [cdr] = (await records.faxes.cdrs({ account: id, limit: 5 })).items;
        assert.partialDeepStrictEqual(cdr, {
          call,
          fax,
          account: id,
          direction: 'outbound',
          startedAt: T0,
          answeredAt: T0 + SECOND,
          endedAt: T0 + 61 * SECOND,
          duration: 60 * SECOND,
          pages: 2,
          pagesSent: 2,
          result: 'ok',
          cause: 'ok',
          billable: true,
          line: LINE,
          remoteId: '+49 30 1',
          reference: `ref-${call}`,
          receipt: null,
          epochReceipt: null,
        });
      });
      test('a retry keeps the confirmed pages, frees the destination and waits for its time', async () => {
        const { id } = await world.account();
        const fax = await world.queued(id, 3);
        const { call, fence } = await world.sending(fax);
        await records.faxes.pageStarted(call, fence, 1, T0);
        await records.faxes.pageConfirmed(call, fence, 1, LINE, T0);
        const line = { ...FIRST_LINE_SETTINGS, t38: false };
        const after: AfterCall = { state: 'queued', at: T0 + 120 * SECOND, line, keepImage: true };
        assert.ok(await records.faxes.endCall(call, fence, { ...busy, cause: 'hung_up' }, after, T0));
        assert.partialDeepStrictEqual(await world.get(fax), {
          state: 'queued',
          pagesConfirmed: 1,
          nextCallAt: T0 + 120 * SECOND,
          line,
          finishedAt: null,
          cause: 'hung_up',
        });
        assert.ok(!(await records.vault.intents(T0, 1_000)).some((intent) => intent.fax === fax));
        assert.equal(await world.tryClaim(fax, T0 + 120 * SECOND - 1), undefined);
        const again = await world.dialing(fax, T0 + 120 * SECOND);
        assert.ok(again.fence > fence);
        assert.deepEqual(
          (await records.faxes.calls(fax)).map(({ firstPage }) => firstPage),
          [1, 2],
        );
      });
      test('an image that lives for one call has its wipe intent although the fax goes on', async () => {
        const fax = await world.queued((await world.account()).id);
        const { call, fence } = await world.dialing(fax);
        const after: AfterCall = { state: 'queued', at: T0, line: FIRST_LINE_SETTINGS, keepImage: false };
        assert.ok(await records.faxes.endCall(call, fence, busy, after, T0));
        assert.ok((await records.vault.intents(T0, 1_000)).some((intent) => intent.fax === fax));
      });
      test('a wish to cancel that came before the end beats a retry', async () => {
        const { id } = await world.account();
        const fax = await world.queued(id);
        const { call, fence } = await world.dialing(fax);
        assert.equal(await records.faxes.cancel(fax, id, T0), 'asked');
        assert.ok(await records.faxes.endCall(call, fence, busy, retry(T0), T0));
        assert.partialDeepStrictEqual(await world.get(fax), { state: 'canceled', cause: 'canceled' });
      });
    });

    describe('the end without a call', () => {
      test('writes a CDR without a call, a wipe intent and an event', async () => {
        const { id } = await world.account();
        const fax = await world.accepted(id);
        assert.ok(await records.faxes.endUncalled(fax, null, 'failed', 'document_rejected', 'encrypted', T0 + 1));
        assert.partialDeepStrictEqual(await world.get(fax), {
          state: 'failed',
          cause: 'document_rejected',
          detail: 'encrypted',
          finishedAt: T0 + 1,
        });
        const cdrs = (await records.faxes.cdrs({ fax, limit: 5 })).items;
        assert.equal(cdrs.length, 1);
        assert.partialDeepStrictEqual(cdrs[0], { call: null, result: 'failed', duration: 0, billable: false });
        assert.ok((await records.vault.intents(T0 + 1, 1_000)).some((intent) => intent.fax === fax));
        assert.equal((await records.events.read(id, 1, 5))[0]?.type, 'fax.failed');
      });
      test('without a fence only when nobody holds a lease; with one only when it is the newest', async () => {
        const fax = await world.accepted((await world.account()).id);
        const claim = await records.faxes.claimRender(fax, 'w', LEASE, T0);
        const fence = claim?.fence ?? 0;
        assert.equal(await records.faxes.endUncalled(fax, null, 'failed', 'deadline_passed', '', T0), false);
        assert.equal(await records.faxes.endUncalled(fax, fence - 1, 'failed', 'deadline_passed', '', T0), false);
        assert.ok(await records.faxes.endUncalled(fax, fence, 'failed', 'document_rejected', '', T0));
      });
      test('is refused while a call lives, after the end, and for a step that does not exist', async () => {
        const { id } = await world.account();
        const fax = await world.queued(id);
        const { fence } = await world.dialing(fax);
        assert.equal(await records.faxes.endUncalled(fax, fence, 'failed', 'line_lost', '', T0), false);
        const over = await world.accepted(id);
        assert.equal(await records.faxes.endUncalled(over, null, 'partial', 'line_lost', '', T0), false);
        await records.faxes.cancel(over, id, T0);
        assert.equal(await records.faxes.endUncalled(over, null, 'failed', 'line_lost', '', T0), false);
      });
    });

    describe('renderings in turn', () => {
      // The line is everybody's: what other tests left in it is taken first.
      const emptyLine = async () => {
        while ((await records.faxes.claimNextRender('before', LEASE, T0)) !== undefined);
      };
      const take = async (times: number, now = T0) => {
        const taken: string[] = [];
        for (let time = 0; time < times; time++) {
          taken.push((await records.faxes.claimNextRender('w', LEASE, now))?.fax.id ?? 'none');
        }
        return taken;
      };

      test('accounts take turns, whoever has fewer in work first', async () => {
        await emptyLine();
        const [many, few] = [await world.account(), await world.account()];
        const batch: string[] = [];
        for (let fax = 0; fax < 4; fax++) batch.push(await world.accepted(many.id));
        const single = await world.accepted(few.id);
        const order = await take(6);
        assert.ok(order.indexOf(single) <= 1, order.join());
        assert.deepEqual(order.slice(0, 5).toSorted(), [...batch, single].toSorted());
        assert.equal(order[5], 'none');
        const late = await world.accepted(few.id);
        await world.accepted(many.id);
        assert.deepEqual(await take(1), [late], 'one of theirs is in work, four of the others');
      });
      test('within an account the more urgent one is first, and ten minutes make up for a step', async () => {
        await emptyLine();
        const { id } = await world.account();
        const [low, high] = [await world.accepted(id, { priority: 1 }), await world.accepted(id, { priority: 9 })];
        const old = await world.accepted(id, { priority: 1 }, T0 - 90 * 60_000);
        assert.deepEqual(await take(3), [old, high, low]);
      });
      test('of many workers each gets another fax', async () => {
        await emptyLine();
        const { id } = await world.account();
        const faxes: string[] = [];
        for (let fax = 0; fax < 8; fax++) faxes.push(await world.accepted(id));
        const claims = await Promise.all(
          Array.from({ length: 8 }, (_, index) => records.faxes.claimNextRender(`w${index}`, LEASE, T0)),
        );
        assert.deepEqual(claims.map((claim) => claim?.fax.id).toSorted(), faxes.toSorted());
      });
      test('the work of a dead worker comes round again', async () => {
        await emptyLine();
        const { id } = await world.account();
        const fax = await world.accepted(id);
        const first = await records.faxes.claimNextRender('dead', LEASE, T0);
        assert.equal(first?.fax.id, fax);
        assert.deepEqual(await take(1), ['none']);
        const again: (Claim | undefined)[] = [];
        do again.push(await records.faxes.claimNextRender('w', LEASE, T0 + LEASE));
        while (again.at(-1) !== undefined);
        assert.equal(again.find((claim) => claim?.fax.id === fax)?.fence, first.fence + 1);
      });
    });

    describe('finding work', () => {
      const mine = (wanted: readonly string[], found: readonly { fax: string }[]) =>
        found.map(({ fax }) => fax).filter((fax) => wanted.includes(fax));

      test('due to render: accepted ones and those whose worker died, the most urgent first', async () => {
        const { id } = await world.account();
        const low = await world.accepted(id, { priority: 1 });
        const high = await world.accepted(id, { priority: 9 });
        const held = await world.accepted(id);
        await records.faxes.claimRender(held, 'w', LEASE, T0);
        const all = [low, high, held];
        assert.deepEqual(mine(all, await records.faxes.dueRenders(T0, 500)), [high, low]);
        assert.deepEqual(mine(all, await records.faxes.dueRenders(T0 + LEASE, 500)), [high, held, low]);
      });
      test('past their deadline: unfinished ones without a call', async () => {
        const { id } = await world.account();
        const change = { deadline: T0 + 100 };
        const waiting = await world.queued(id, 1, change);
        const live = await world.queued(id, 1, change);
        await world.dialing(live);
        assert.deepEqual(
          (await records.faxes.pastDeadline(T0 + 99, 500)).filter((fax) => fax === waiting),
          [],
        );
        const found = await records.faxes.pastDeadline(T0 + 100, 500);
        assert.ok(found.includes(waiting) && !found.includes(live));
      });
      test('orphans are open calls whose lease ran out, and one of many takes each over', async () => {
        const { id } = await world.account();
        const fax = await world.queued(id);
        const { call, fence } = await world.sending(fax);
        const find = async (before: number) =>
          (await records.faxes.orphanCalls(before, 500)).find((orphan) => orphan.call.id === call);
        assert.equal(await find(T0 + LEASE), undefined);
        const orphan = await find(T0 + LEASE + 1);
        assert.deepEqual(orphan?.fax, await world.get(fax));
        assert.deepEqual(orphan?.call, (await records.faxes.calls(fax))[0]);
        assert.equal(orphan?.leaseUntil, T0 + LEASE);
        assert.equal(orphan?.fence, fence);
        assert.ok(await find(Number.POSITIVE_INFINITY));
        const takers = Array.from({ length: 20 }, (_, index) =>
          records.faxes.takeOver(fax, fence, `w${index}`, LEASE, T0 + LEASE),
        );
        const won = (await Promise.all(takers)).filter((taken) => taken !== undefined);
        assert.deepEqual(won, [fence + 1]);
        assert.equal((await find(Number.POSITIVE_INFINITY))?.fence, fence + 1, 'for the next one who settles it');
        assert.equal(await records.faxes.endCall(call, fence, busy, retry(T0), T0), false);
        assert.ok(await records.faxes.endCall(call, fence + 1, busy, retry(T0), T0));
      });
      test('a call that its slow worker has ended meanwhile is taken over by nobody', async () => {
        const { id } = await world.account();
        const again = await world.queued(id);
        const first = await world.sending(again);
        assert.ok(await records.faxes.endCall(first.call, first.fence, busy, retry(T0), T0));
        assert.equal(await records.faxes.takeOver(again, first.fence, 'late', LEASE, T0 + LEASE), undefined);
        const over = await world.queued(id);
        const last = await world.sending(over);
        assert.ok(await records.faxes.endCall(last.call, last.fence, ok(1), { state: 'delivered' }, T0));
        assert.equal(await records.faxes.takeOver(over, last.fence, 'late', LEASE, T0 + LEASE), undefined);
        const inbound = await world.ringing(id);
        assert.ok(await records.faxes.inboundEnded(inbound.call, inbound.fence, busy, null, T0));
        assert.equal(await records.faxes.takeOver(inbound.fax, inbound.fence, 'late', LEASE, T0 + LEASE), undefined);
      });
      test('a start that owns everything ends the leases and uploads of others', async () => {
        const { id } = await world.account();
        const fax = await world.accepted(id);
        await records.faxes.claimRender(fax, 'dead', LEASE, T0);
        const own = await world.accepted(id);
        await records.faxes.claimRender(own, 'me', LEASE, T0);
        await records.faxes.beginKey(id, 'upload', T0);
        const upload = world.newFax(id);
        await world.upload([upload]);
        assert.ok(!(await records.vault.expiredUploads(T0, 500)).includes(upload.id));
        assert.ok((await records.faxes.breakLeases('me', T0)) >= 1);
        assert.ok((await records.vault.expiredUploads(T0, 500)).includes(upload.id), 'swept in this start');
        assert.equal((await records.vault.key(own))?.state, 'live');
        assert.ok(await records.faxes.claimRender(fax, 'me', LEASE, T0));
        assert.equal(await records.faxes.claimRender(own, 'other', LEASE, T0), undefined);
        assert.deepEqual(await records.faxes.beginKey(id, 'upload', T0), { state: 'new' });
      });
    });

    describe('wishes', () => {
      test('cancel: at once without a call, asked with one, too late after the end', async () => {
        const { id } = await world.account();
        const other = await world.account();
        for (const fax of [await world.accepted(id), await world.queued(id)]) {
          assert.equal(await records.faxes.cancel(fax, other.id, T0), 'unknown');
          assert.equal(await records.faxes.cancel(fax, id, T0), 'ended');
          assert.equal(await records.faxes.cancel(fax, id, T0), 'final');
          assert.equal((await records.faxes.cdrs({ fax, limit: 2 })).items[0]?.result, 'canceled');
        }
        const claimed = await world.queued(id);
        const { fence } = await world.claimed(claimed);
        assert.equal(await records.faxes.cancel(claimed, id, T0), 'ended');
        const intent = { id: make.call(), carrier: 'loop', reference: 'r', firstPage: 1 };
        assert.equal(await records.faxes.intend(claimed, fence, intent, T0), false, 'nothing rings any more');
        assert.equal(await records.faxes.cancel(make.fax(), id, T0), 'unknown');
        const live = await world.queued(id);
        const call = await world.sending(live);
        assert.equal(await records.faxes.cancel(live, id, T0), 'asked');
        assert.ok(await records.faxes.endCall(call.call, call.fence, busy, { state: 'canceled' }, T0));
      });
      test('of an administrator stand in the audit log under the name of that user', async () => {
        const { id } = await world.account();
        const actor = { who: 'usr_operator', address: '192.0.2.7' };
        const waiting = await world.queued(id);
        assert.equal(await records.faxes.cancel(waiting, id, T0, actor), 'ended');
        const live = await world.queued(id);
        const call = await world.sending(live);
        assert.equal(await records.faxes.cancel(live, id, T0, actor), 'asked');
        const lost = { ...busy, cause: 'uncertain', pageInFlight: true } as const;
        await records.faxes.endCall(call.call, call.fence, lost, { state: 'uncertain' }, T0);
        assert.equal(await records.faxes.resend(live, id, 'all', T0, actor), 'queued');
        const entries = await records.accounts.auditLog({ account: id, limit: 50 });
        const theirs = entries.filter(({ actor: who, address }) => who === actor.who && address === actor.address);
        assert.deepEqual(theirs.map(({ action }) => action).sort(), ['fax.cancel', 'fax.canceled', 'fax.resend']);
      });
      test('resend: an uncertain fax is queued from its first unconfirmed page, or from page 1', async () => {
        const { id } = await world.account();
        for (const mode of ['rest', 'all'] as const) {
          const fax = await world.queued(id, 3);
          const { call, fence } = await world.sending(fax);
          await records.faxes.pageStarted(call, fence, 1, T0);
          await records.faxes.pageConfirmed(call, fence, 1, LINE, T0);
          await records.faxes.pageStarted(call, fence, 2, T0);
          const lost = { ...busy, cause: 'uncertain', pagesConfirmed: 1, pageInFlight: true } as const;
          await records.faxes.endCall(call, fence, lost, { state: 'uncertain' }, T0);
          assert.equal(await records.faxes.resend(fax, (await world.account()).id, mode, T0), 'unknown');
          assert.equal(await records.faxes.resend(fax, id, mode, T0), 'queued');
          assert.equal(await records.faxes.resend(fax, id, mode, T0), 'state_conflict');
          assert.partialDeepStrictEqual(await world.get(fax), {
            state: 'queued',
            pagesConfirmed: mode === 'all' ? 0 : 1,
            finishedAt: null,
            cause: null,
          });
          await world.dialing(fax);
        }
      });
      test('resend: not when the image is gone or dying', async () => {
        const { id } = await world.account();
        const dying = await world.queued(id);
        await world.uncertain(dying);
        await records.vault.addIntent(dying, 'uncertain_expired', T0);
        assert.equal(await records.faxes.resend(dying, id, 'all', T0), 'image_wiped');
        const gone = await world.queued(id);
        await world.uncertain(gone);
        await records.vault.storeReceipt(gone, EPOCH, 'jws', T0);
        assert.equal(await records.faxes.resend(gone, id, 'all', T0), 'image_wiped');
      });
    });

    describe('receiving', () => {
      test('pages are recorded as they come, and the end makes them one received fax', async () => {
        const { id } = await world.account();
        const { fax, call, fence } = await world.ringing(id);
        assert.equal((await records.vault.key(fax))?.state, 'live', 'no upload that could expire');
        assert.ok(await records.faxes.receiving(call, fence, 'TSI', T0 + SECOND));
        assert.ok(await records.faxes.pageReceived(call, fence, page(1), LINE, T0));
        await assert.rejects(records.faxes.pageReceived(call, fence, page(3), LINE, T0), /illegal step/);
        assert.ok(await records.faxes.pageReceived(call, fence, page(2), LINE, T0));
        assert.ok(await records.faxes.inboundEnded(call, fence, ok(2), '{"epk":1}', T0 + 31 * SECOND));
        assert.equal(await records.faxes.inboundEnded(call, fence, ok(2), null, T0), false);
        assert.partialDeepStrictEqual(await world.get(fax), {
          state: 'received',
          direction: 'inbound',
          pages: 2,
          remoteId: '+49 30 1',
          sealedKey: '{"epk":1}',
          finishedAt: T0 + 31 * SECOND,
          imageExists: true,
        });
        const cdrs = (await records.faxes.cdrs({ fax, limit: 5 })).items;
        assert.equal(cdrs.length, 1);
        assert.partialDeepStrictEqual(cdrs[0], { result: 'ok', pagesSent: 2, duration: 30 * SECOND, carrier: 'loop' });
        const types = (await records.events.read(id, 0, 9)).map(({ type }) => type);
        assert.deepEqual(types, ['fax.receiving', 'fax.page', 'fax.page', 'fax.received']);
        assert.ok(!(await records.vault.intents(T0 + 31 * SECOND, 1_000)).some((intent) => intent.fax === fax));
      });
      test('without a whole page it has failed, and dies', async () => {
        const { id } = await world.account();
        const { fax, call, fence } = await world.ringing(id);
        assert.ok(await records.faxes.inboundEnded(call, fence, { ...busy, cause: 'hung_up' }, null, T0));
        assert.equal((await world.get(fax)).state, 'failed');
        assert.ok((await records.vault.intents(T0, 1_000)).some((intent) => intent.fax === fax));
        assert.equal((await records.events.read(id, 0, 9)).at(-1)?.type, 'fax.receive_failed');
      });
      test('with some whole pages it is received in part', async () => {
        const { id } = await world.account();
        const { fax, call, fence } = await world.ringing(id);
        await records.faxes.receiving(call, fence, null, T0);
        await records.faxes.pageReceived(call, fence, page(1), LINE, T0);
        await records.faxes.inboundEnded(call, fence, { ...busy, cause: 'line_lost' }, null, T0);
        assert.partialDeepStrictEqual(await world.get(fax), { state: 'received', cause: 'line_lost', pages: 1 });
        assert.equal((await records.faxes.cdrs({ fax, limit: 1 })).items[0]?.result, 'partial');
      });
      test('a stale fence writes nothing', async () => {
        const { fax, call, fence } = await world.ringing((await world.account()).id);
        assert.equal(await records.faxes.takeOver(fax, fence, 'b', LEASE, T0), fence + 1);
        assert.equal(await records.faxes.receiving(call, fence, null, T0), false);
        assert.equal(await records.faxes.pageReceived(call, fence, page(1), LINE, T0), false);
        assert.equal(await records.faxes.inboundEnded(call, fence, ok(1), null, T0), false);
        assert.equal((await world.get(fax)).state, 'ringing');
        assert.ok(await records.faxes.inboundEnded(call, fence + 1, busy, null, T0));
      });
      test('lease next: oldest first, each to one of many', async () => {
        const { id } = await world.account();
        const first = await world.received(id);
        const second = await world.received(id);
        const user = make.user();
        const leased = await Promise.all(
          Array.from({ length: 6 }, () => records.faxes.leaseNext(id, user, 300, T0 + SECOND)),
        );
        const ids = leased.flatMap((fax) => (fax === undefined ? [] : [fax.id]));
        assert.deepEqual(ids.sort(), [first, second].sort());
        assert.equal((await world.get(first)).leasedUntil, T0 + 301 * SECOND);
        const later = await records.faxes.leaseNext(id, user, 300, T0 + 301 * SECOND);
        assert.equal(later?.id, first);
        assert.equal(await records.faxes.leaseNext((await world.account()).id, user, 300, T0), undefined);
      });
      test('acknowledge: hands over once, for whoever holds the lease', async () => {
        const { id } = await world.account();
        const fax = await world.received(id);
        const [user, other] = [make.user(), make.user()];
        await records.faxes.leaseNext(id, user, 300, T0);
        assert.equal(await records.faxes.acknowledge(fax, id, other, T0), 'lease_held');
        assert.equal(await records.faxes.acknowledge(fax, (await world.account()).id, user, T0), 'unknown');
        assert.equal(await records.faxes.acknowledge(fax, id, user, T0), 'acknowledged');
        assert.equal(await records.faxes.acknowledge(fax, id, user, T0), 'acknowledged');
        assert.partialDeepStrictEqual(await world.get(fax), { state: 'handed_over', acknowledgedAt: T0 });
        assert.ok((await records.vault.intents(T0, 1_000)).some((intent) => intent.fax === fax));
        await records.vault.storeReceipt(fax, EPOCH, 'jws', T0);
        assert.partialDeepStrictEqual(await world.get(fax), { state: 'wiped', imageExists: false });
        assert.equal(await records.faxes.acknowledge(fax, id, user, T0), 'acknowledged');
        const { fax: ringing } = await world.ringing(id);
        assert.equal(await records.faxes.acknowledge(ringing, id, user, T0), 'state_conflict');
      });
    });

    describe('lists', () => {
      test('faxes: every filter, newest first, page by page without gaps or doubles', async () => {
        const { id } = await world.account();
        const to = freshNumber();
        for (let count = 0; count < 5; count++) await world.accepted(id);
        const marked = await world.accepted(id, { to, tags: { case: 'B' } });
        await records.faxes.cancel(marked, id, T0);
        const all = (await records.faxes.faxes({ account: id, limit: 100 })).items.map((fax) => fax.id);
        assert.equal(all.length, 6);
        const walked: string[] = [];
        for (let cursor: string | undefined; ; ) {
          const query = { account: id, limit: 2, ...(cursor === undefined ? {} : { cursor }) };
          const part = await records.faxes.faxes(query);
          walked.push(...part.items.map((fax) => fax.id));
          if (part.next === null) break;
          cursor = part.next;
        }
        assert.deepEqual(walked, all);
        const { user } = await world.get(marked);
        assert.ok(user !== null);
        const filters = [
          { number: to },
          { tag: { name: 'case', value: 'B' } },
          { states: ['canceled'] },
          { user },
        ] as const;
        for (const filter of filters) {
          const { items } = await records.faxes.faxes({ account: id, limit: 9, ...filter });
          assert.deepEqual(
            items.map((fax) => fax.id),
            [marked],
            JSON.stringify(filter),
          );
        }
        for (const empty of [{ since: T0 + 1 }, { until: T0 }, { direction: 'inbound' }] as const) {
          assert.deepEqual((await records.faxes.faxes({ account: id, limit: 9, ...empty })).items, []);
        }
      });
      test('CDRs: filters, cursors and the stream agree', async () => {
        const { id } = await world.account();
        const made: string[] = [];
        for (let count = 0; count < 5; count++) {
          const fax = await world.accepted(id);
          await records.faxes.endUncalled(fax, null, 'failed', 'deadline_passed', '', T0 + count);
          made.push(fax);
        }
        const streamed: string[] = [];
        for await (const cdr of records.faxes.streamCdrs({ account: id })) streamed.push(cdr.fax);
        assert.deepEqual(streamed, made, 'in order of time');
        const first = await records.faxes.cdrs({ account: id, limit: 3 });
        const rest = await records.faxes.cdrs({ account: id, limit: 3, cursor: first.next ?? '' });
        assert.deepEqual(
          [...first.items, ...rest.items].map(({ fax }) => fax),
          made.toReversed(),
        );
        assert.equal(rest.next, null);
        const between = await records.faxes.cdrs({ account: id, since: T0 + 1, until: T0 + 3, limit: 9 });
        assert.equal(between.items.length, 2);
        assert.equal((await records.faxes.cdrs({ account: id, result: 'ok', limit: 9 })).items.length, 0);
        assert.ok((await records.faxes.cdrs({ limit: 500 })).items.some(({ fax }) => fax === made[0]));
      });
      test('faxes of all accounts, newest first and page by page, as of one account', async () => {
        const accounts = [await world.account(), await world.account(), await world.account()];
        const mine = new Set<string>();
        for (let round = 0; round < 3; round++)
          for (const { id } of accounts) mine.add(await world.accepted(id, {}, T0 + 400 * SECOND + round));
        const query = { since: T0 + 400 * SECOND, until: T0 + 401 * SECOND };
        const seen: Fax[] = [];
        for (let cursor: string | undefined; ; ) {
          const page = await records.faxes.faxes({ ...query, limit: 2, ...(cursor === undefined ? {} : { cursor }) });
          seen.push(...page.items);
          if (page.next === null) break;
          cursor = page.next;
        }
        assert.deepEqual(new Set(seen.map(({ id }) => id)), mine);
        assert.equal(seen.length, mine.size, 'each of them once');
        const times = seen.map(({ createdAt }) => createdAt);
        assert.deepEqual(
          times,
          times.toSorted((a, b) => b - a),
        );
        const [first] = accounts;
        assert.ok(first);
        const own = await records.faxes.faxes({ ...query, account: first.id, limit: 10 });
        assert.deepEqual(
          own.items.map(({ id }) => id),
          seen.filter(({ account }) => account === first.id).map(({ id }) => id),
        );
      });
      test('what is live: calls page by page, the faxes that wait, of one account or of all', async () => {
        const { id } = await world.account();
        assert.deepEqual(await records.faxes.live(10, id), { calls: [], liveCalls: 0, faxes: {} });
        await world.accepted(id);
        const [early, late] = [await world.queued(id, 3), await world.queued(id, 2)];
        const { call, fence } = await world.sending(early);
        await records.faxes.pageStarted(call, fence, 1, T0);
        await records.faxes.pageConfirmed(call, fence, 1, LINE, T0 + SECOND);
        await records.faxes.pageStarted(call, fence, 2, T0 + SECOND);
        await world.sending(late);
        const { calls, liveCalls, faxes } = await records.faxes.live(1, id);
        assert.deepEqual(faxes, { accepted: 1, sending: 2 });
        assert.deepEqual([calls.length, liveCalls], [1, 2], 'the limit is one of the list');
        assert.partialDeepStrictEqual(calls[0], {
          ...{ id: call, fax: early, account: id, direction: 'outbound', state: 'sending', pages: 3, attempt: 1 },
          ...{ firstPage: 1, pageStarted: 2, pagesConfirmed: 1, line: LINE, cancelAsked: false },
        });
        await records.faxes.cancel(early, id, T0);
        assert.equal((await records.faxes.live(1, id)).calls[0]?.cancelAsked, true);
        const all = await records.faxes.live(500);
        assert.ok(all.liveCalls >= 2 && all.calls.filter(({ account }) => account === id).length === 2);
        await records.faxes.endCall(call, fence, busy, { state: 'canceled' }, T0);
        assert.deepEqual(
          (await records.faxes.live(10, id)).calls.map(({ fax }) => fax),
          [late],
        );
      });
      test('a cursor that this list did not make is refused', async () => {
        const { id } = await world.account();
        for (const cursor of ['', 'x', 'MS4', 'MS4nOyBkcm9w', 'A'.repeat(2_000)]) {
          const answer = records.faxes.faxes({ account: id, limit: 1, cursor });
          await assert.rejects(answer, refusedAs('option_invalid'));
        }
      });
      test('values are data, never SQL', async () => {
        const { id } = await world.account();
        const evil = `'); drop table faxes; --`;
        const fax = await world.accepted(id, { tags: { [evil]: evil } });
        const query = { account: id, limit: 1, tag: { name: evil, value: evil } };
        assert.equal((await records.faxes.faxes(query)).items[0]?.id, fax);
        assert.equal(
          (await records.faxes.faxes({ account: id, limit: 1, number: parseE164('+4930999') })).items.length,
          0,
        );
      });
      test('one account never sees the fax of another', async () => {
        const fax = await world.accepted((await world.account()).id);
        assert.equal(await records.faxes.fax(fax, (await world.account()).id), undefined);
      });
      test('counts name the live faxes by state', async () => {
        const counts = await records.faxes.counts();
        assert.ok((counts.accepted ?? 0) > 0 && (counts.queued ?? 0) > 0 && (counts.live_calls ?? 0) > 0);
      });
    });
  });
}
