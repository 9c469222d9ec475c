import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FaxId } from '../../../gateway/fax/ids.ts';
import type { CallStep, CarrierAdapter } from '../../../gateway/ports/carrier-adapter.ts';
import { type Bench, benches, type Worker } from './bench.ts';

const on = benches();
const ANSWERS = '+15550100001';

/** Runs `act` when the worker's call has reached `step` (the `nth` of its kind), before the journal of it is written. */
function atStep(worker: Worker, step: CallStep['type'], act: () => unknown, nth = 1): void {
  for (const carrier of worker.carriers as (CarrierAdapter & { place: CarrierAdapter['place'] })[]) {
    const { place } = carrier;
    carrier.place = async function* (call) {
      const steps = place(call);
      let seen = 0;
      for (let next = await steps.next(); ; next = await steps.next()) {
        if (next.done === true) return next.value;
        if (next.value.type === step && ++seen === nth) await act();
        yield next.value;
      }
    };
  }
}

const cancel = (bench: Bench, worker: Worker, fax: FaxId) =>
  bench.clock.holding(worker.dispatch.cancel(fax, bench.account.id));

describe('cancel', () => {
  test('before the call: ended at once, nothing rings, the image is wiped', () =>
    on({}, async (bench) => {
      const id = await bench.submit({ to: ANSWERS });
      const worker = bench.worker();
      assert.equal(await cancel(bench, worker, id), 'ended');
      const fax = await bench.finish(worker, id);
      assert.deepEqual([fax.state, fax.cause, fax.attempts], ['canceled', 'canceled', 0]);
      assert.ok(await bench.isWiped(id));
    }));

  for (const [step, nth, printed] of [
    ['ringing', 1, []],
    ['answered', 1, []],
    ['negotiated', 1, []],
    ['page_started', 1, []],
    ['page_confirmed', 1, ['1']],
    ['page_started', 2, ['1']],
    ['progress', 1, []],
  ] as const) {
    test(`at ${step} ${nth}: the call ends, no page follows, the fax is canceled and wiped`, () =>
      on({ speed: 14_400 }, async (bench) => {
        const id = await bench.submit({ to: ANSWERS, pages: 3 });
        const worker = bench.worker();
        atStep(worker, step, async () => assert.equal(await cancel(bench, worker, id), 'asked'), nth);
        const fax = await bench.finish(worker, id);
        assert.deepEqual([fax.state, fax.cause, fax.attempts], ['canceled', 'canceled', 1]);
        assert.deepEqual(bench.printed(id), printed);
        assert.ok(await bench.isWiped(id));
      }));
  }

  test('in another process: its worker hears of it with the next renewal of its lease', () =>
    on({ speed: 2_400 }, async (bench) => {
      const id = await bench.submit({ to: ANSWERS, pages: 3 });
      const [worker, other] = [bench.worker(), bench.worker()];
      atStep(worker, 'page_started', async () => assert.equal(await cancel(bench, other, id), 'asked'));
      const fax = await bench.finish(worker, id);
      assert.equal(fax.state, 'canceled');
      assert.deepEqual(bench.printed(id), []);
    }));

  test('after the last confirmation the fax stays delivered', () =>
    on({}, async (bench) => {
      const id = await bench.submit({ to: ANSWERS, pages: 2 });
      const worker = bench.worker();
      atStep(worker, 'page_confirmed', () => cancel(bench, worker, id), 2);
      assert.equal((await bench.finish(worker, id)).state, 'delivered');
      assert.equal(await cancel(bench, worker, id), 'final');
    }));
});

describe('drain and stop', () => {
  test('drain: the running call ends by itself, no new one begins, and the waiting fax stays queued', () =>
    on({ speed: 14_400 }, async (bench) => {
      const running = await bench.submit({ to: ANSWERS, pages: 2 });
      const waiting = await bench.submit({ to: '+15550100002' });
      const worker = bench.worker({ settings: { calls: 1 } });
      const drained = Promise.withResolvers<void>();
      atStep(worker, 'page_started', () => {
        worker.dispatch.drain().then(drained.resolve);
        void worker.dispatch.work();
      });
      void worker.dispatch.work();
      await bench.clock.until(drained.promise);
      assert.equal((await bench.fax(running)).state, 'delivered');
      assert.equal((await bench.fax(waiting)).state, 'queued');
      assert.equal(worker.dispatch.running, 0);
    }));

  test('stop: the running call is cut between pages, settled and queued again; the next worker sends the rest', () =>
    on({ speed: 14_400 }, async (bench) => {
      const id = await bench.submit({ to: ANSWERS, pages: 3 });
      const worker = bench.worker();
      const stopped = Promise.withResolvers<void>();
      atStep(worker, 'page_confirmed', () => void worker.dispatch.stop().then(stopped.resolve));
      void worker.dispatch.work();
      await bench.clock.until(stopped.promise);
      const cut = await bench.fax(id);
      assert.deepEqual([cut.state, cut.cause, cut.pagesConfirmed], ['queued', 'gateway_stopped', 1]);
      const fax = await bench.finish(bench.worker(), id);
      assert.equal(fax.state, 'delivered');
      assert.deepEqual(bench.printed(id), ['1', '2', '3']);
    }));

  test('stop in the middle of a page: the page may be on paper, so the fax is uncertain', () =>
    on({ speed: 14_400 }, async (bench) => {
      const id = await bench.submit({ to: ANSWERS, pages: 3 });
      const worker = bench.worker();
      const stopped = Promise.withResolvers<void>();
      atStep(worker, 'progress', () => void worker.dispatch.stop().then(stopped.resolve));
      void worker.dispatch.work();
      await bench.clock.until(stopped.promise);
      assert.equal((await bench.fax(id)).state, 'uncertain');
    }));
});

describe('the fence', () => {
  test('a fence lost between the answer and the image: a telephone rang, but no paper comes', () =>
    on({}, async (bench) => {
      const id = await bench.submit({ to: ANSWERS });
      const slow = bench.worker();
      atStep(slow, 'answered', async () => {
        const [call] = await bench.records.faxes.calls(id);
        assert.ok(call);
        await bench.clock.holding(bench.records.faxes.takeOver(id, call.fence, 'other', 90_000, bench.clock.now()));
      });
      await bench.clock.until(slow.dispatch.work());
      assert.deepEqual(bench.paper.begun, []);
      assert.equal((await bench.fax(id)).state, 'dialing');
      const fax = await bench.finish(bench.worker(), id);
      assert.equal(fax.state, 'delivered');
      assert.deepEqual(bench.printed(id), ['1', '2']);
    }));

  test('a worker that slept beyond its lease sends nothing more when it wakes, and the rest is sent once', () =>
    on({ speed: 14_400 }, async (bench) => {
      const id = await bench.submit({ to: ANSWERS, pages: 3 });
      const slow = bench.worker();
      // SIGSTOP: its timers do not fire, its line falls silent, the clock goes on for everyone else.
      atStep(
        slow,
        'page_started',
        async () => {
          slow.life.asleep = true;
          await new Promise<void>((resolve) => bench.clock.after(200_000, resolve));
          slow.life.wake();
        },
        2,
      );
      void slow.dispatch.work();
      const fax = await bench.finish(bench.worker(), id, (row) => row.state === 'delivered');
      await bench.clock.pass(300_000);
      assert.equal(fax.state, 'delivered');
      assert.deepEqual(bench.printed(id), ['1', '2', '3']);
    }));

  test('a worker whose lease cannot be renewed for 60 s ends its call itself', () =>
    on({ speed: 2_400 }, async (bench) => {
      const id = await bench.submit({ to: ANSWERS, pages: 1, size: 60_000 });
      const worker = bench.worker();
      worker.life.around = (name) => {
        if (name === 'renew') throw new Error('the database is away');
      };
      const began = bench.clock.monotonic();
      await bench.clock.until(worker.dispatch.work());
      // 60,000 bytes at 2,400 bit/s take 200 s; the fence falls at 60 s and W5 is not tried beyond it.
      const took = bench.clock.monotonic() - began;
      assert.ok(took >= 60_000 && took < 75_000, String(took));
      assert.deepEqual(bench.printed(id), []);
      const fax = await bench.finish(bench.worker(), id);
      assert.equal(fax.state, 'uncertain');
    }));

  test('an intent that was written too late is not dialled', () =>
    on({}, async (bench) => {
      const id = await bench.submit({ to: ANSWERS });
      const slow = bench.worker();
      slow.life.delay = { name: 'intend', ms: 46_000 };
      slow.life.around = (name) => {
        if (name === 'renew') throw new Error('the database is away');
      };
      let rang = 0;
      atStep(slow, 'ringing', () => rang++);
      await bench.clock.until(slow.dispatch.work());
      assert.equal(rang, 0);
      assert.deepEqual(
        [(await bench.fax(id)).state, (await bench.outcomes(id))[0]],
        ['queued', 'failed gateway_stopped 0'],
      );
    }));

  test('a journal that cannot be written ends the call before the next page', () =>
    on({ speed: 14_400 }, async (bench) => {
      const id = await bench.submit({ to: ANSWERS, pages: 3 });
      const worker = bench.worker();
      let full = true;
      worker.life.around = (name, when) => {
        if (name !== 'pageStarted' || when !== 'before' || bench.printed(id).length !== 1 || !full) return;
        full = false;
        throw new Error('disk full');
      };
      await bench.clock.until(worker.dispatch.work());
      assert.deepEqual(bench.printed(id), ['1']);
      const fax = await bench.finish(bench.worker(), id);
      assert.equal(fax.state, 'delivered');
      assert.deepEqual(bench.printed(id), ['1', '2', '3']);
    }));
});
