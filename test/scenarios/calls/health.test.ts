import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FaxId } from '../../../gateway/fax/ids.ts';
import { BREAKER_SETTINGS } from '../../../gateway/routing/breaker.ts';
import { type Bench, benches, type Worker } from './bench.ts';

const on = benches();
const { rest: REST } = BREAKER_SETTINGS;
const ADMIN = { who: 'usr_admin', address: null };
const OPERATOR = { reason: 'a cable was pulled', actor: ADMIN };

/** A number that answers and that no other fax of its test is for. */
const machine = (index: number) => `+155501${String(index).padStart(5, '0')}`;

/** Submits one fax after the other, each when the one before has ended; answers the carriers of their calls. */
async function oneByOne(bench: Bench, worker: Worker, indices: readonly number[]): Promise<string[]> {
  const all: string[] = [];
  for (const index of indices) {
    const id = await bench.submit({ to: machine(index), pages: 1 });
    const fax = await bench.finish(worker, id);
    assert.equal(fax.state, 'delivered');
    all.push(await carriersOf(bench, id));
  }
  return all;
}

/** Carriers of the calls of a fax, oldest first. */
async function carriersOf(bench: Bench, id: FaxId): Promise<string> {
  const { items } = await bench.records.faxes.cdrs({ fax: id, limit: 100 });
  return items
    .toSorted((a, b) => a.attempt - b.attempt)
    .map(({ carrier }) => carrier)
    .join(' ');
}

async function phaseOf(worker: Worker, carrier: string): Promise<string | undefined> {
  return (await worker.health.list()).find(({ breaker }) => breaker.carrier === carrier)?.breaker.phase;
}

describe('a carrier that fails', () => {
  test('is left out after five faxes, is tried with one call after its rest, and comes back', () =>
    on({}, async (bench) => {
      let down = true;
      const worker = bench.worker({ carriers: ['alpha', 'beta'], isDown: (name) => down && name === 'alpha' });
      assert.deepEqual(await oneByOne(bench, worker, [1, 2, 3, 4, 5]), Array(5).fill('alpha beta'));
      assert.equal(await phaseOf(worker, 'alpha'), 'open');
      assert.deepEqual(await oneByOne(bench, worker, [6]), ['beta']);

      await bench.clock.pass(REST);
      assert.equal(await phaseOf(worker, 'alpha'), 'trial');
      assert.deepEqual(await oneByOne(bench, worker, [8, 9]), ['alpha beta', 'beta']);
      assert.equal(await phaseOf(worker, 'alpha'), 'open');
      await bench.clock.pass(REST);
      assert.deepEqual(await oneByOne(bench, worker, [10]), ['beta']);

      down = false;
      await bench.clock.pass(REST);
      assert.deepEqual(await oneByOne(bench, worker, [11, 12]), ['alpha', 'alpha']);
      assert.equal(await phaseOf(worker, 'alpha'), 'closed');
      const history = (await worker.health.changes('alpha')) ?? [];
      assert.deepEqual(
        history.map(({ phase, by }) => `${phase} ${by}`),
        ['closed gateway', 'open gateway', 'open gateway'],
      );
      assert.match(
        history.at(-1)?.reason ?? '',
        /^5 faxes in a row failed by its fault: carrier_unavailable, SIP 503$/,
      );
      assert.equal(history.at(-1)?.figures?.faults, 5);
      assert.equal(worker.warnings.filter((text) => text.includes('"alert":"carrier_open"')).length, 2);
      assert.deepEqual(worker.errors, []);
    }));

  test('keeps the faxes that only it can carry in line, and their retries', () =>
    on({}, async (bench) => {
      let down = true;
      const worker = bench.worker({ carriers: ['alpha'], isDown: () => down });
      const ids: FaxId[] = [];
      for (let index = 1; index <= 8; index++) {
        ids.push(await bench.submit({ to: machine(index), pages: 1, retries: 3, retryInterval: 5 }));
      }
      worker.dispatch.start();
      void worker.dispatch.work();
      await bench.clock.pass(10 * REST);
      const calls = async () => (await Promise.all(ids.map((id) => bench.records.faxes.calls(id)))).flat().length;
      const before = await calls();
      assert.ok(before <= 16, `${before} calls over a carrier that is down`);
      for (const id of ids) assert.notEqual((await bench.fax(id)).state, 'failed');
      down = false;
      for (const id of ids) assert.equal((await bench.finish(worker, id)).state, 'delivered');
      assert.equal(await phaseOf(worker, 'alpha'), 'closed');
    }));

  test('gets one trial call, whoever of two workers is first, and all others when it went through', () =>
    on({ speed: 1 }, async (bench) => {
      let down = true;
      const options = { carriers: ['alpha'], isDown: () => down };
      const workers = [bench.worker(options), bench.worker(options)] as const;
      const ids: FaxId[] = [];
      for (let index = 1; index <= 12; index++) {
        ids.push(await bench.submit({ to: machine(index), pages: 1, retryInterval: 5 }));
      }
      for (const worker of workers) worker.dispatch.start();
      await bench.clock.pass(REST / 2);
      assert.equal(await phaseOf(workers[0], 'alpha'), 'open');
      down = false;
      for (const id of ids) await bench.finish(workers[0], id);
      const calls = (await Promise.all(ids.map((id) => bench.records.faxes.calls(id)))).flat();
      const [change] = (await workers[0].health.changes('alpha')) ?? [];
      assert.equal(change?.phase, 'closed');
      const opened = (await workers[0].health.changes('alpha'))?.at(1);
      const trials = calls.filter(({ intendedAt }) => intendedAt >= (opened?.until ?? 0) && intendedAt < change.at);
      assert.equal(trials.length, 1);
      assert.deepEqual([...workers[0].errors, ...workers[1].errors], []);
    }));

  test('is trusted again at once when an operator says so', () =>
    on({}, async (bench) => {
      let down = true;
      const worker = bench.worker({ carriers: ['alpha', 'beta'], isDown: (name) => down && name === 'alpha' });
      await oneByOne(bench, worker, [1, 2, 3, 4, 5]);
      down = false;
      assert.equal(await worker.health.reset('gamma', OPERATOR.reason, OPERATOR.actor), false);
      assert.equal(await worker.health.reset('alpha', OPERATOR.reason, OPERATOR.actor), true);
      assert.deepEqual(await oneByOne(bench, worker, [6]), ['alpha']);
      const [newest] = (await worker.health.changes('alpha')) ?? [];
      assert.deepEqual([newest?.phase, newest?.by, newest?.reason], ['closed', 'usr_admin', OPERATOR.reason]);
    }));
});

describe('what calls to a number have taught', () => {
  test('a machine that takes no error correction is called without it from the first call of the next fax on', () =>
    on({}, async (bench) => {
      const worker = bench.worker();
      const to = machine(1);
      const now = bench.clock.now();
      await bench.records.learned.learn(
        to,
        () => ({ noEcm: { since: now, confirmedAt: now }, slow: { rate: 7_200, since: now, confirmedAt: now } }),
        { known: false, account: bench.account.id, days: 0 },
        now,
      );
      const fax = await bench.finish(worker, await bench.submit({ to, pages: 1 }));
      assert.deepEqual([fax.line.ecm, fax.line.maxRate, fax.line.t38], [false, 7_200, true]);
      const other = await bench.finish(worker, await bench.submit({ to: machine(2), pages: 1 }));
      assert.deepEqual([other.line.ecm, other.line.maxRate], [true, 33_600]);
    }));

  test('a line that is busy at an hour is called again in the next one', () =>
    on({}, async (bench) => {
      await bench.clock.pass(50 * 60_000);
      const worker = bench.worker();
      const to = '+15550110001';
      await bench.finish(worker, await bench.submit({ to, retries: 2, retryInterval: 60 }));
      const id = await bench.submit({ to, retries: 1, retryInterval: 60 });
      await bench.finish(worker, id);
      const [first, second] = (await bench.records.faxes.calls(id)).map(({ intendedAt }) => intendedAt).toSorted();
      const HOUR = 3_600_000;
      assert.ok(first !== undefined && second !== undefined);
      assert.equal(Math.floor(second / HOUR), Math.floor(first / HOUR) + 1);
      assert.ok(second % HOUR < 10_000, `${second % HOUR} ms after the hour`);
    }));

  test('a fax whose deadline comes before is called again all the same', () =>
    on({}, async (bench) => {
      const worker = bench.worker();
      const to = '+15550110001';
      await bench.finish(worker, await bench.submit({ to, retries: 2, retryInterval: 60 }));
      const deadline = bench.clock.now() + 600_000;
      const id = await bench.submit({ to, retries: 1, retryInterval: 60, deadline });
      const fax = await bench.finish(worker, id);
      assert.deepEqual([fax.cause, fax.attempts], ['busy', 2]);
    }));
});
