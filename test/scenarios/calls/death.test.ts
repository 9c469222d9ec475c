import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FaxId } from '../../../gateway/fax/ids.ts';
import { isFinal } from '../../../gateway/fax/states.ts';
import { type Bench, benches, OWN, type Worker, type WorkerOptions } from './bench.ts';

const on = benches();

/** What a worker writes while it sends or receives. */
const WRITES = new Set([
  'claimCall',
  'intend',
  'passGate2',
  'pageStarted',
  'pageConfirmed',
  'endCall',
  'storeReceipt',
  'insertKey',
  'ring',
  'receiving',
  'objectWriting',
  'objectStored',
  'pageReceived',
  'inboundEnded',
]);

/** Kills the worker at its `nth` write to the records, before or after it has taken effect. */
function killAt(worker: Worker, nth: number, when: 'before' | 'after'): { readonly died: Promise<string> } {
  const died = Promise.withResolvers<string>();
  let calls = 0;
  worker.life.around = (name, moment) => {
    if (!WRITES.has(name)) return;
    if (moment === 'before') calls++;
    if (calls !== nth || moment !== when || worker.life.dead) return;
    worker.kill();
    died.resolve(name);
  };
  return { died: died.promise };
}

/** One worker dies at its nth step; another one, on the same records, makes the best of it. */
async function dieAndRecover(bench: Bench, nth: number, when: 'before' | 'after', options: WorkerOptions = {}) {
  const id = await bench.submit({ to: '+15550100001', pages: 2 });
  const first = bench.worker(options);
  const { died } = killAt(first, nth, when);
  const work = first.dispatch.work(id).then(() => 'finished');
  const at = await bench.clock.until(Promise.race([died, work]));
  const second = bench.worker(options);
  await bench.clock.until(second.dispatch.reconcile(true));
  second.dispatch.start();
  const fax = await bench.clock.until(bench.watch(id, undefined, false));
  await bench.clock.until(second.dispatch.drain());
  return { id, at, fax, second };
}

function assertNothingTwice(bench: Bench, id: FaxId): void {
  const printed = bench.printed(id);
  assert.deepEqual(printed, [...new Set(printed)], 'a page was printed twice');
}

describe('a worker dies between two steps of a call', () => {
  for (const when of ['before', 'after'] as const) {
    test(`${when} any write: nothing is printed twice, nothing is lost, and the fax ends and is wiped`, () =>
      on({}, async (bench) => {
        const places: string[] = [];
        for (let nth = 1; nth < 60; nth++) {
          const { id, at, fax, second } = await dieAndRecover(bench, nth, when);
          assertNothingTwice(bench, id);
          assert.ok(isFinal(fax.state), `${at}: ${fax.state}`);
          if (fax.state === 'delivered') assert.deepEqual(bench.printed(id), ['1', '2'], at);
          else assert.equal(fax.state, 'uncertain', at);
          assert.deepEqual(second.errors, [], at);
          await sweep(bench);
          assert.ok(fax.state === 'uncertain' || (await bench.isWiped(id)), at);
          places.push(`${at} ${fax.state}`);
          if (at === 'finished') break;
        }
        for (const step of ['claimCall', 'intend', 'passGate2', 'pageStarted', 'pageConfirmed', 'endCall']) {
          assert.ok(
            places.some((place) => place.startsWith(step)),
            `never died at ${step}`,
          );
        }
        // The exchange remembers what it confirmed, so that no death between two pages leaves a doubt.
        assert.deepEqual(
          places.filter((place) => place.endsWith('uncertain')),
          [],
        );
      }));
  }

  test('without a carrier that can be asked, only a page in flight makes the fax uncertain', () =>
    on({}, async (bench) => {
      const doubts = new Set<string>();
      for (let nth = 1; nth < 60; nth++) {
        const { id, at, fax } = await dieAndRecover(bench, nth, 'after', { capabilities: { lookupByRef: false } });
        assertNothingTwice(bench, id);
        if (fax.state === 'uncertain') doubts.add(at);
        else assert.equal(fax.state, 'delivered', at);
        if (at === 'finished') break;
      }
      assert.deepEqual([...doubts], ['pageStarted']);
    }));

  test('in the middle of a page: uncertain by the carrier’s record too, and never printed again', () =>
    on({ speed: 14_400 }, async (bench) => {
      const id = await bench.submit({ to: '+15550100001', pages: 3, size: 60_000 });
      const worker = bench.worker();
      void worker.dispatch.work(id);
      await bench.clock.pass(25_000);
      assert.equal(bench.paper.begun.length, 1);
      worker.kill();
      const second = bench.worker();
      await bench.clock.until(second.dispatch.reconcile(true));
      const fax = await bench.fax(id);
      assert.deepEqual([fax.state, fax.pagesConfirmed], ['uncertain', 0]);
      assert.deepEqual(bench.printed(id), []);
    }));

  test('who settles the call dies as well: the third one settles it', () =>
    on({}, async (bench) => {
      const id = await bench.submit({ to: '+15550100001', pages: 2 });
      const first = bench.worker();
      first.life.around = (name, when) => {
        if (name === 'pageConfirmed' && when === 'after') first.kill();
      };
      void first.dispatch.work(id);
      await bench.clock.pass(1_000);
      for (let generation = 0; generation < 3; generation++) {
        const next = bench.worker();
        next.life.around = (name, when) => {
          if (name === 'takeOver' && when === 'after') next.kill();
        };
        void next.dispatch.reconcile(true);
        await bench.clock.pass(1_000);
      }
      const last = bench.worker();
      await bench.clock.until(last.dispatch.reconcile(true));
      last.dispatch.start();
      const fax = await bench.clock.until(bench.watch(id));
      assert.equal(fax.state, 'delivered');
      assert.deepEqual(bench.printed(id), ['1', '2']);
    }));

  test('while others live: the call is taken over only after lease and grace', () =>
    on({}, async (bench) => {
      const id = await bench.submit({ to: '+15550100001', pages: 2 });
      const first = bench.worker();
      first.life.around = (name, when) => {
        if (name === 'intend' && when === 'after') first.kill();
      };
      const began = bench.clock.now();
      void first.dispatch.work(id);
      const second = bench.worker();
      second.dispatch.start();
      const fax = await bench.clock.until(bench.watch(id));
      assert.equal(fax.state, 'delivered');
      const again = (await bench.records.faxes.calls(id)).map((call) => call.intendedAt - began);
      assert.ok(Math.max(...again) >= 120_000, String(again));
    }));
});

describe('a worker dies while it receives', () => {
  for (const when of ['before', 'after'] as const) {
    test(`${when} any write: no confirmed page is missing and no page is received twice`, () =>
      on({}, async (bench) => {
        for (let nth = 1; nth < 60; nth++) {
          const id = await bench.submit({ to: OWN, pages: 2 });
          const sender = bench.worker();
          const receiver = bench.worker();
          // Calls ring at the first subscriber that takes them: the sender's own reception is full.
          await sender.reception.drain();
          const { died } = killAt(receiver, nth, when);
          const work = sender.dispatch.work(id).then(() => 'finished');
          const at = await bench.clock.until(Promise.race([died, work]));
          await bench.clock.until(work);
          sender.kill();
          const sent = await bench.fax(id);
          const next = bench.worker();
          await bench.clock.until(next.dispatch.reconcile(true));
          const { items } = await bench.records.faxes.faxes({
            account: bench.account.id,
            direction: 'inbound',
            limit: 100,
          });
          assert.deepEqual(
            items.filter((fax) => !isFinal(fax.state)),
            [],
            at,
          );
          const newest = items.toSorted((a, b) => (a.id < b.id ? 1 : -1))[0];
          assert.ok((newest?.pages ?? 0) >= sent.pagesConfirmed, `${at}: a confirmed page is missing`);
          next.kill();
          await bench.records.faxes.cancel(id, bench.account.id, bench.clock.now());
          if (at === 'finished') break;
        }
      }));
  }
});

/** What the retention stage does with the wipe intents that a dead worker left. */
async function sweep(bench: Bench): Promise<void> {
  for (const { fax, reason } of await bench.records.vault.intents(bench.clock.now(), 100)) {
    await bench.vault.wipe(fax, reason);
  }
}
