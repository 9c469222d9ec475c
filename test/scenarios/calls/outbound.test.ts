import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { routesSchema } from '../../../gateway/routing/config.ts';
import { type Bench, benches, type FaxOrder, type Worker, type WorkerOptions } from './bench.ts';

const on = benches();

/** Submits, lets one worker finish, and answers what there is to say about it. */
async function run(bench: Bench, order: FaxOrder, options: WorkerOptions = {}) {
  const id = await bench.submit(order);
  const worker = bench.worker(options);
  const fax = await bench.finish(worker, id);
  assert.deepEqual(worker.errors, []);
  return { id, worker, fax, printed: bench.printed(id), outcomes: await bench.outcomes(id) };
}

/** Times at which the calls of a fax were dialled, in seconds after its acceptance. */
async function dialled(bench: Bench, id: Awaited<ReturnType<Bench['submit']>>): Promise<number[]> {
  const { createdAt } = await bench.fax(id);
  return (await bench.records.faxes.calls(id))
    .map((call) => Math.round((call.intendedAt - createdAt) / 1_000))
    .sort((a, b) => a - b);
}

describe('scripted numbers', () => {
  test('a machine that answers prints each page once; the fax is delivered and wiped', () =>
    on({}, async (bench) => {
      const { id, fax, printed, outcomes } = await run(bench, { to: '+15550100001', pages: 3 });
      assert.equal(fax.state, 'delivered');
      assert.deepEqual(printed, ['1', '2', '3']);
      assert.deepEqual(outcomes, ['ok ok 3']);
      assert.ok(await bench.isWiped(id));
    }));

  for (const [to, cause] of [
    ['+15550110001', 'busy'],
    ['+15550120001', 'no_answer'],
    ['+15550130001', 'no_fax'],
    ['+15550140001', 'out_of_service'],
    ['+15550170001', 'training_failed'],
  ] as const) {
    test(`${to} is called again as often as the fax allows, fails as ${cause} and is wiped`, () =>
      on({}, async (bench) => {
        const { id, fax, outcomes } = await run(bench, { to, retries: 2, retryInterval: 60 });
        assert.deepEqual([fax.state, fax.cause, fax.attempts], ['failed', cause, 3]);
        assert.deepEqual(outcomes, Array(3).fill(`failed ${cause} 0`));
        const times = await dialled(bench, id);
        assert.ok(times[1] !== undefined && times[1] >= 60 && times[1] < 65, String(times));
        assert.ok(await bench.isWiped(id));
      }));
  }

  test('a line that is busy twice gets its fax with the third call', () =>
    on({}, async (bench) => {
      const { fax, outcomes } = await run(bench, { to: '+15550190001', pages: 1 });
      assert.equal(fax.state, 'delivered');
      assert.deepEqual(outcomes, ['failed busy 0', 'failed busy 0', 'ok ok 1']);
    }));

  test('RTN costs a retrain, not a call, and the page is on paper once', () =>
    on({}, async (bench) => {
      const { fax, printed, outcomes } = await run(bench, { to: '+15550162001', pages: 3 });
      assert.equal(fax.state, 'delivered');
      assert.deepEqual(printed, ['1', '2', '3']);
      assert.deepEqual(outcomes, ['ok ok 3']);
    }));

  test('a machine that hangs up in page 2 of the first call gets the rest, never page 1 again', () =>
    on({}, async (bench) => {
      const { fax, printed, outcomes } = await run(bench, { to: '+15550191001', pages: 3 });
      assert.equal(fax.state, 'delivered');
      assert.deepEqual(printed, ['1', '2', '3']);
      assert.deepEqual(outcomes, ['partial hung_up 1', 'ok ok 2']);
    }));

  test('a machine that hangs up in the first page of every call leaves the fax failed', () =>
    on({}, async (bench) => {
      const { fax, printed } = await run(bench, { to: '+15550151001', retries: 1 });
      assert.deepEqual([fax.state, fax.cause, fax.attempts], ['failed', 'hung_up', 2]);
      assert.deepEqual(printed, []);
    }));

  test('what is left of a fax after its last call makes it partial', () =>
    on({}, async (bench) => {
      const { id, fax, printed } = await run(bench, { to: '+15550152001', pages: 2, retries: 0 });
      assert.deepEqual([fax.state, fax.cause, fax.pagesConfirmed], ['partial', 'hung_up', 1]);
      assert.deepEqual(printed, ['1']);
      assert.ok(await bench.isWiped(id));
    }));
});

describe('a page that may be on paper', () => {
  const vanishes = '+15550182001';

  test('hold: the fax is uncertain, its image waits, and it is not called again', () =>
    on({}, async (bench) => {
      const { id, fax, printed } = await run(bench, { to: vanishes, pages: 3 });
      assert.deepEqual([fax.state, fax.cause, fax.attempts, fax.pagesConfirmed], ['uncertain', 'uncertain', 1, 1]);
      assert.ok(fax.imageExists);
      assert.deepEqual(printed, ['1', '2']);
      await bench.clock.until(new Promise<void>((resolve) => bench.clock.after(600_000, resolve)));
      assert.equal((await bench.fax(id)).attempts, 1);
    }));

  test('resend_rest: the next call begins with the page in doubt', () =>
    on({ rules: [{ number: '+15550100*', behaviour: { does: 'vanish', page: 2 }, calls: 1 }] }, async (bench) => {
      const { fax, printed, outcomes } = await run(bench, {
        to: '+15550100001',
        pages: 3,
        policy: { uncertain: 'resend_rest' },
      });
      assert.equal(fax.state, 'delivered');
      assert.deepEqual(printed, ['1', '2', '2', '3']);
      assert.deepEqual(outcomes, ['uncertain uncertain 1', 'ok ok 2']);
    }));

  test('resend_all: the next call begins with page 1', () =>
    on({ rules: [{ number: '+15550100*', behaviour: { does: 'vanish', page: 2 }, calls: 1 }] }, async (bench) => {
      const { fax, printed, outcomes } = await run(bench, {
        to: '+15550100001',
        pages: 2,
        policy: { uncertain: 'resend_all' },
      });
      assert.equal(fax.state, 'delivered');
      assert.deepEqual(printed, ['1', '2', '1', '2']);
      assert.deepEqual(outcomes, ['uncertain uncertain 1', 'ok ok 2']);
    }));

  test('without calls left even resend_all ends as uncertain', () =>
    on({}, async (bench) => {
      const { fax } = await run(bench, { to: vanishes, retries: 0, policy: { uncertain: 'resend_all' } });
      assert.deepEqual([fax.state, fax.attempts], ['uncertain', 1]);
    }));
});

describe('the retry ladder', () => {
  test('a poor line is tried without T.38, slower, without ECM and over the next carrier, and each setting is kept', () =>
    on({}, async (bench) => {
      const id = await bench.submit({ to: '+15550170001', retries: 5, retryInterval: 10 });
      const worker = bench.worker({ carriers: ['first', 'second'] });
      const seen: string[] = [];
      for (const carrier of worker.carriers) {
        const { place } = carrier;
        carrier.place = (call) => {
          const { t38, maxRate, ecm } = call.settings;
          seen.push(`${carrier.name} ${t38 ? 't38' : 'g711'} ${maxRate} ${ecm ? 'ecm' : 'no ecm'}`);
          return place(call);
        };
      }
      await bench.finish(worker, id);
      assert.deepEqual(seen, [
        'first t38 33600 ecm',
        'first t38 33600 ecm',
        'first g711 33600 ecm',
        'first g711 9600 ecm',
        'first g711 9600 no ecm',
        'second g711 9600 no ecm',
      ]);
    }));

  test('the route of the longest prefix decides the carrier', () =>
    on({}, async (bench) => {
      const routes = routesSchema.parse([
        { prefix: '+1', carriers: ['first'] },
        { prefix: '+1555', carriers: ['second'] },
      ]);
      const { id } = await run(bench, { to: '+15550100001' }, { carriers: ['first', 'second'], routes });
      assert.deepEqual(
        (await bench.records.faxes.calls(id)).map((call) => call.carrier),
        ['second'],
      );
    }));

  test('no retry is planned beyond the deadline', () =>
    on({}, async (bench) => {
      const deadline = bench.clock.now() + 100_000;
      const { fax } = await run(bench, { to: '+15550110001', retryInterval: 60, deadline });
      assert.deepEqual([fax.state, fax.cause, fax.attempts], ['failed', 'busy', 2]);
    }));

  test('a fax that was not called before its deadline ends as deadline_passed and is wiped', () =>
    on({}, async (bench) => {
      const id = await bench.submit({ to: '+15550100001', deadline: bench.clock.now() + 1_000 });
      await bench.clock.pass(2_000);
      const fax = await bench.finish(bench.worker(), id);
      assert.deepEqual([fax.state, fax.cause, fax.attempts], ['failed', 'deadline_passed', 0]);
      assert.ok(await bench.isWiped(id));
      assert.deepEqual(bench.paper.begun, []);
    }));

  test('with image_life “call” the image dies with the call, and the fax is not tried again', () =>
    on({}, async (bench) => {
      const { id, fax } = await run(bench, { to: '+15550110001', policy: { imageLife: 'call' } });
      assert.deepEqual([fax.state, fax.attempts], ['failed', 1]);
      assert.ok(await bench.isWiped(id));
    }));

  test('a fax whose key is gone fails as image_lost without a call', () =>
    on({}, async (bench) => {
      const id = await bench.submit({ to: '+15550100001' });
      for (const epoch of await bench.store.load()) await bench.store.destroy(epoch.number);
      const worker = bench.worker();
      worker.dispatch.start();
      void worker.dispatch.work();
      await bench.clock.pass(5_000);
      const fax = await bench.fax(id);
      assert.deepEqual([fax.state, fax.cause, fax.attempts], ['failed', 'image_lost', 0]);
    }));
});

describe('the bell and the poller', () => {
  test('a bell that nobody hears costs a poll, not a fax', () =>
    on({}, async (bench) => {
      const id = await bench.submit({ to: '+15550190001', retryInterval: 30 });
      const worker = bench.worker({ deaf: true });
      worker.dispatch.start();
      const fax = await bench.clock.until(bench.watch(id));
      assert.equal(fax.state, 'delivered');
      assert.equal((await dialled(bench, id)).length, 3);
    }));

  test('of two workers that are rung for one fax, one calls', () =>
    on({}, async (bench) => {
      const id = await bench.submit({ to: '+15550100001' });
      const [one, two] = [bench.worker(), bench.worker()];
      await bench.clock.until(Promise.all([one.dispatch.work(), two.dispatch.work(), one.dispatch.work()]));
      assert.equal((await bench.fax(id)).state, 'delivered');
      assert.equal((await bench.records.faxes.calls(id)).length, 1);
    }));

  test('one destination has one live call; the second fax follows when the first has ended', () =>
    on({ speed: 14_400 }, async (bench) => {
      const first = await bench.submit({ to: '+15550100001' });
      const second = await bench.submit({ to: '+15550100001' });
      const worker = bench.worker();
      worker.dispatch.start();
      let most = 0;
      const { place } = carrierOf(worker);
      let live = 0;
      carrierOf(worker).place = async function* (call) {
        most = Math.max(most, ++live);
        try {
          return yield* place(call);
        } finally {
          live--;
        }
      };
      await bench.clock.until(Promise.all([bench.watch(first), bench.watch(second)]));
      assert.equal(most, 1);
      assert.deepEqual(
        [bench.printed(first), bench.printed(second)],
        [
          ['1', '2'],
          ['1', '2'],
        ],
      );
    }));

  test('the place of a call that has ended is taken at once, without a bell and before the next poll', () =>
    on({ speed: 14_400 }, async (bench) => {
      const faxes = [];
      for (let index = 0; index < 3; index++) faxes.push(await bench.submit({ to: `+1555010000${index}`, pages: 1 }));
      const worker = bench.worker({ deaf: true, settings: { calls: 1, poll: 3_600_000 } });
      void worker.dispatch.work();
      await bench.clock.until(Promise.all(faxes.map((fax) => bench.watch(fax))));
      const calls = (await Promise.all(faxes.map((fax) => bench.records.faxes.calls(fax)))).flat();
      const times = calls.toSorted((a, b) => a.intendedAt - b.intendedAt);
      assert.equal(times.length, 3);
      const gaps = times.slice(1).map((call, index) => call.intendedAt - (times[index]?.endedAt ?? 0));
      assert.ok(
        gaps.every((gap) => gap >= 0 && gap < 1_000),
        String(gaps),
      );
    }));

  test('a retry whose bell is lost is called within a second of its time', () =>
    on({}, async (bench) => {
      const id = await bench.submit({ to: '+15550190001', retryInterval: 30, pages: 1 });
      const worker = bench.worker({ deaf: true });
      worker.dispatch.start();
      assert.equal((await bench.clock.until(bench.watch(id))).state, 'delivered');
      const calls = (await bench.records.faxes.calls(id)).toSorted((a, b) => a.fence - b.fence);
      const late = calls.slice(1).map((call, index) => call.intendedAt - (calls[index]?.endedAt ?? 0) - 30_000);
      assert.equal(late.length, 2);
      assert.ok(
        late.every((ms) => ms >= 0 && ms <= 1_000),
        String(late),
      );
    }));

  test('more faxes than calls are worked off with so many calls at once', () =>
    on({ speed: 14_400 }, async (bench) => {
      const faxes = await Promise.all(
        Array.from({ length: 7 }, (_, index) => bench.submit({ to: `+1555010000${index}`, pages: 1 })),
      );
      const worker = bench.worker({ settings: { calls: 2 } });
      worker.dispatch.start();
      let most = 0;
      const watch = bench.clock.after(0, function look() {
        most = Math.max(most, worker.dispatch.running);
        bench.clock.after(1_000, look);
      });
      await bench.clock.until(Promise.all(faxes.map((fax) => bench.watch(fax))));
      watch();
      assert.equal(most, 2);
      for (const fax of faxes) assert.deepEqual(bench.printed(fax), ['1']);
    }));
});

function carrierOf(worker: Worker) {
  const [carrier] = worker.carriers;
  assert.ok(carrier);
  return carrier;
}
