import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Clock } from '../../gateway/ports/clock.ts';
import type { EventLedger } from '../../gateway/ports/event-ledger.ts';
import type { Records } from '../../gateway/records/index.ts';
import type { Backend } from './fax-records.ts';
import { createWorld, T0, type World } from './fax-records-world.ts';

/** A backend that a second process's records can be opened on. */
export interface SharedBackend extends Backend {
  another(clock?: Pick<Clock, 'monotonic' | 'after'>): Records;
}

/** A clock that stands still: what waits by it is woken by an event or never. */
const STILL: Pick<Clock, 'monotonic' | 'after'> = { monotonic: () => 0, after: () => () => undefined };

/** Longer than any wake-up takes; a test that needs it all has failed. */
const LONG = 30_000;

/** The contract of EventLedger; every backend passes it. */
export function eventLedgerConformance(name: string, makeRecords: () => Promise<SharedBackend>): void {
  describe(`EventLedger on ${name}`, () => {
    let backend: SharedBackend;
    let events: EventLedger;
    let world: World;
    before(async () => {
      backend = await makeRecords();
      events = backend.records.events;
      world = createWorld(backend.records);
    });
    after(() => backend.stop());

    test('is empty at first', async () => {
      const { id } = await world.account();
      assert.equal(await events.head(id), 0);
      assert.deepEqual(await events.read(id, 0, 10), []);
    });
    test('numbers entries 1, 2, 3 … within each account, under concurrency of several writers', async () => {
      const accounts = [await world.account(), await world.account()];
      const other = backend.another();
      const writers = Array.from({ length: 60 }, (_, index) =>
        (index % 2 === 0 ? events : other.events).append(
          accounts[index % 3 === 0 ? 0 : 1]?.id ?? ('' as never),
          'webhook.test',
          null,
          { index },
          T0,
        ),
      );
      await Promise.all(writers);
      await other.close();
      for (const [account, count] of [
        [accounts[0], 20],
        [accounts[1], 40],
      ] as const) {
        assert.ok(account);
        const seqs = (await events.read(account.id, 0, 100)).map(({ seq }) => seq);
        assert.deepEqual(
          seqs,
          Array.from({ length: count }, (_, index) => index + 1),
        );
        assert.equal(await events.head(account.id), count);
      }
    });
    test('leaves no gap when a transaction that appended is rolled back', async () => {
      const { id } = await world.account({ maxQueued: 1 });
      await world.accepted(id);
      await assert.rejects(world.accepted(id));
      await events.append(id, 'webhook.test', null, {}, T0);
      assert.deepEqual(
        (await events.read(id, 0, 9)).map(({ seq }) => seq),
        [1, 2],
      );
    });
    test('reads after a cursor, oldest first, up to a limit', async () => {
      const { id } = await world.account();
      const made = [];
      for (let count = 0; count < 4; count++)
        made.push(await events.append(id, 'webhook.test', null, { count }, T0 + count));
      assert.deepEqual(await events.read(id, 1, 2), made.slice(1, 3));
      assert.deepEqual(await events.read(id, 4, 2), []);
    });
    test('wait answers at once when there is something', async () => {
      const { id } = await world.account();
      const event = await events.append(id, 'webhook.test', null, {}, T0);
      assert.deepEqual(await events.wait(id, 0, 5, LONG), [event]);
    });
    test('wait wakes at the next event of its account', async () => {
      const [a, b] = [await world.account(), await world.account()];
      const waiting = events.wait(a.id, 0, 5, LONG);
      await events.append(b.id, 'webhook.test', null, {}, T0);
      const event = await events.append(a.id, 'webhook.test', null, {}, T0);
      assert.deepEqual(await waiting, [event]);
    });
    test('wait wakes at an event of another process, without looking again by the clock', async () => {
      const { id } = await world.account();
      const [waiter, writer] = [backend.another(STILL), backend.another()];
      for (let count = 0; count < 5; count++) {
        const waiting = waiter.events.wait(id, count, 5, LONG);
        const event = await writer.events.append(id, 'webhook.test', null, { count }, T0);
        assert.deepEqual(await waiting, [event]);
      }
      await waiter.close();
      await writer.close();
    });
    test('until looks again after each event of its account, or of any, until it finds something', async () => {
      const [own, foreign] = [await world.account(), await world.account()];
      for (const whose of [own.id, null]) {
        let looks = 0;
        const looked = Promise.withResolvers<void>();
        const from = (await events.head(own.id)) + 2;
        const look = async () => {
          const found = (await events.head(own.id)) >= from ? 'found' : undefined;
          looks++;
          looked.resolve();
          return found;
        };
        const waiting = events.until(whose, look, LONG);
        await looked.promise;
        await events.append(own.id, 'webhook.test', null, {}, T0);
        if (whose === null) await events.append(foreign.id, 'webhook.test', null, {}, T0);
        await events.append(own.id, 'webhook.test', null, {}, T0);
        assert.equal(await waiting, 'found');
        assert.ok(looks >= 2, String(looks));
      }
    });
    test('until answers nothing after its time, and when it is aborted', async () => {
      const { id } = await world.account();
      const nothing = async () => undefined;
      assert.equal(await events.until(id, nothing, 1), undefined);
      assert.equal(await events.until(null, nothing, 1), undefined);
      const gone = new AbortController();
      const waiting = events.until(null, nothing, LONG, gone.signal);
      gone.abort();
      assert.equal(await waiting, undefined);
      assert.equal(await events.until(id, async () => 'at once', 0), 'at once');
    });

    test('wait ends empty after its time, and early when it is aborted', async () => {
      const { id } = await world.account();
      assert.deepEqual(await events.wait(id, 0, 5, 20), []);
      const abort = new AbortController();
      const waiting = events.wait(id, 0, 5, LONG, abort.signal);
      abort.abort();
      assert.deepEqual(await waiting, []);
      assert.deepEqual(await events.wait(id, 0, 5, LONG, AbortSignal.abort()), []);
    });
  });
}
