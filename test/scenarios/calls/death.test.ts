import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Fax } from '../../../gateway/fax/fax.ts';
import type { FaxId } from '../../../gateway/fax/ids.ts';
import { isFinal } from '../../../gateway/fax/states.ts';
import { type Bench, benches, OWN, type Worker, type WorkerOptions } from './bench.ts';

const on = benches();

/** What a worker writes while it sends or receives. */
const WRITES = new Set([
  'claimCalls',
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
  const work = first.dispatch.work().then(() => 'finished');
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
        for (const step of ['claimCalls', 'intend', 'passGate2', 'pageStarted', 'pageConfirmed', 'endCall']) {
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

  test('a carrier that took the whole file has the later pages, too: between two of them there is a doubt', () =>
    on({}, async (bench) => {
      const doubts = new Set<string>();
      const capabilities = { lookupByRef: false, mediaDelivery: 'push' } as const;
      for (let nth = 1; nth < 60; nth++) {
        const { at, fax } = await dieAndRecover(bench, nth, 'after', { capabilities });
        if (fax.state === 'uncertain') doubts.add(at);
        else assert.equal(fax.state, 'delivered', at);
        if (at === 'finished') break;
      }
      assert.deepEqual([...doubts], ['pageStarted', 'pageConfirmed']);
    }));

  test('in the middle of a page: uncertain by the carrier’s record too, and never printed again', () =>
    on({ speed: 14_400 }, async (bench) => {
      const id = await bench.submit({ to: '+15550100001', pages: 3, size: 60_000 });
      const worker = bench.worker();
      void worker.dispatch.work();
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
      void first.dispatch.work();
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
      void first.dispatch.work();
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
    test(`${when} any write: every confirmed page is received, once, and nothing else is left`, () =>
      on({ policy: { retries: 0 } }, async (bench) => {
        const places: string[] = [];
        for (let nth = 1; nth < 60 && places.at(-1) !== 'finished'; nth++)
          places.push(await dieReceiving(bench, nth, when));
        for (const step of ['insertKey', 'ring', 'receiving', 'objectStored', 'pageReceived', 'inboundEnded']) {
          assert.ok(places.includes(step), `never died at ${step}`);
        }
      }));
  }
});

async function dieReceiving(bench: Bench, nth: number, when: 'before' | 'after'): Promise<string> {
  const known = new Set((await inbound(bench)).map((fax) => fax.id));
  const id = await bench.submit({ to: OWN, pages: 2, retries: 0 });
  const sender = bench.worker({ receives: false });
  const receiver = bench.worker();
  const { died } = killAt(receiver, nth, when);
  void sender.dispatch.work();
  // A receiver that is dead answers nothing; its line is cut with it, or the sender falls silent with it (T1).
  const ended = bench.watch(id, (fax) => fax.state !== 'queued' && isFinal(fax.state), false).then(() => 'finished');
  const at = await bench.clock.until(Promise.race([died, ended]));
  if (at === 'finished') await bench.clock.until(receiver.reception.drain());
  else for (const leg of sender.life.legs) leg.hangUp('hung_up', 'the receiver vanished');
  const sent = await bench.clock.until(bench.watch(id, undefined, false));
  await bench.clock.until(sender.dispatch.drain());
  const next = bench.worker();
  await bench.clock.until(next.dispatch.reconcile(true));
  next.kill();
  receiver.kill();
  sender.kill();
  const fresh = (await inbound(bench)).filter((fax) => !known.has(fax.id));
  assert.ok(fresh.length <= 1, `${at}: received twice`);
  const [fax] = fresh;
  assert.ok(fax === undefined || isFinal(fax.state), `${at}: ${fax?.state}`);
  assert.ok((fax?.pages ?? 0) >= sent.pagesConfirmed, `${at}: a confirmed page is missing`);
  const kept = fax === undefined || fax.state === 'failed' ? [] : await bench.vault.objects(fax.id);
  assert.equal(kept.length, fax?.state === 'failed' ? 0 : (fax?.pages ?? 0), `${at}: an unrecorded page is left`);
  return at;
}

async function inbound(bench: Bench): Promise<readonly Fax[]> {
  return (await bench.records.faxes.faxes({ account: bench.account.id, direction: 'inbound', limit: 200 })).items;
}

/** What the retention stage does with the wipe intents that a dead worker left. */
async function sweep(bench: Bench): Promise<void> {
  for (const { fax, reason } of await bench.records.vault.intents(bench.clock.now(), 100)) {
    await bench.vault.wipe(fax, reason);
  }
}
