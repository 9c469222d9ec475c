import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { routesSchema } from '../../../gateway/routing/config.ts';
import { type Bench, benches, type FaxOrder, type WorkerOptions } from './bench.ts';

const on = benches();
const THREE = ['first', 'second', 'third'];

interface Call {
  /** Carrier and cause, as in `first carrier_unavailable`. */
  readonly what: string;
  /** Seconds after the first call. */
  readonly after: number;
}

/** Submits, lets one worker finish, and tells what the calls were. */
async function run(bench: Bench, order: FaxOrder, options: WorkerOptions = {}) {
  const id = await bench.submit(order);
  const worker = bench.worker({ carriers: THREE, ...options });
  const fax = await bench.finish(worker, id);
  assert.deepEqual(worker.errors, []);
  const { items } = await bench.records.faxes.cdrs({ fax: id, limit: 100 });
  const cdrs = items.toSorted((a, b) => a.attempt - b.attempt);
  const start = cdrs[0]?.startedAt ?? 0;
  const calls = cdrs.map(
    ({ carrier, cause, startedAt }): Call => ({
      what: `${carrier} ${cause}`,
      after: Math.round((startedAt - start) / 1_000),
    }),
  );
  return { id, fax, cdrs, calls };
}

const what = (calls: readonly Call[]) => calls.map((call) => call.what);

describe('failover inside one fax', () => {
  test('one down, one without circuits, one that works: three calls at once, three CDRs, one delivery', () =>
    on({}, async (bench) => {
      const { fax, calls, cdrs } = await run(bench, { to: '+15550100001' }, { isDown: (name) => name !== 'third' });
      assert.equal(fax.state, 'delivered');
      assert.deepEqual(what(calls), ['first carrier_unavailable', 'second carrier_unavailable', 'third ok']);
      assert.ok(
        calls.every(({ after }) => after < 10),
        'nobody waits for the retry interval',
      );
      assert.deepEqual(
        cdrs.map(({ route }) => [route?.place, route?.leftOut.map(({ carrier, why }) => `${carrier} ${why}`).join()]),
        [
          [1, ''],
          [2, 'first failed_before'],
          [3, 'first failed_before,second failed_before'],
        ],
      );
      assert.deepEqual([fax.line.spared, fax.attempts], [2, 3]);
    }));

  test('a busy line is not the carrier’s fault: the same carrier calls again after the interval', () =>
    on({}, async (bench) => {
      const isDown = (name: string) => name === 'first';
      const { fax, calls } = await run(bench, { to: '+15550190001', retryInterval: 60 }, { isDown });
      assert.equal(fax.state, 'delivered');
      assert.deepEqual(what(calls), ['first carrier_unavailable', 'second busy', 'second busy', 'second ok']);
      assert.ok((calls[1]?.after ?? 99) < 10);
      assert.ok((calls[2]?.after ?? 0) >= 60);
    }));

  test('a carrier that is down takes none of the calls that the receiver has', () =>
    on({}, async (bench) => {
      const isDown = (name: string) => name === 'first';
      const { fax, calls } = await run(bench, { to: '+15550110001', retries: 1, retryInterval: 60 }, { isDown });
      assert.deepEqual([fax.state, fax.cause], ['failed', 'busy']);
      assert.deepEqual(what(calls), ['first carrier_unavailable', 'second busy', 'second busy']);
    }));

  test('when all are down the round begins anew after the interval, once for each retry', () =>
    on({}, async (bench) => {
      const { fax, calls } = await run(
        bench,
        { to: '+15550100001', retries: 1, retryInterval: 60 },
        { carriers: ['first', 'second'], isDown: () => true },
      );
      assert.deepEqual([fax.state, fax.cause, fax.attempts], ['failed', 'carrier_unavailable', 4]);
      assert.deepEqual(
        what(calls),
        ['first', 'second', 'first', 'second'].map((name) => `${name} carrier_unavailable`),
      );
      assert.ok((calls[1]?.after ?? 99) < 10 && (calls[2]?.after ?? 0) >= 60 && (calls[3]?.after ?? 0) < 75);
      assert.ok(await bench.isWiped(fax.id));
    }));

  test('what the ladder has set is kept over every carrier', () =>
    on({}, async (bench) => {
      const id = await bench.submit({ to: '+15550170001', retries: 3, retryInterval: 10 });
      let tried = 0;
      const worker = bench.worker({ carriers: ['first', 'second'], isDown: (name) => name === 'first' && tried >= 3 });
      const seen: string[] = [];
      for (const carrier of worker.carriers) {
        const { place } = carrier;
        carrier.place = (call) => {
          const { t38, maxRate, ecm } = call.settings;
          seen.push(`${carrier.name} ${t38} ${maxRate} ${ecm}`);
          tried++;
          return place(call);
        };
      }
      await bench.finish(worker, id);
      // The third call is refused: the second carrier makes it with the same settings, and the ladder goes on from there.
      assert.deepEqual(seen.slice(2, 5), [
        'first false 33600 true',
        'second false 33600 true',
        'second false 9600 true',
      ]);
    }));

  test('a paused carrier is passed over, and the CDR says why', () =>
    on({}, async (bench) => {
      const actor = { who: 'local', address: null };
      await bench.records.carriers.pauseCarrier('first', 'maintenance', actor, bench.clock.now());
      const { calls, cdrs } = await run(bench, { to: '+15550100001' });
      assert.deepEqual(what(calls), ['second ok']);
      const [cdr] = cdrs;
      assert.deepEqual(cdr?.route, {
        ...{ rule: null, place: 2, of: 3, trial: false },
        leftOut: [{ carrier: 'first', why: 'paused' }],
      });
    }));

  test('faxes of an account with a tag that no carrier has fail with a sentence, and nothing rings', () =>
    on({ policy: { carrierTags: ['hipaa'] } }, async (bench) => {
      const { fax, cdrs } = await run(bench, { to: '+15550100001' }, { carriers: ['first'] });
      assert.deepEqual([fax.state, fax.cause, fax.attempts], ['failed', 'carrier_refused', 0]);
      assert.equal(fax.detail, 'no carrier may carry this fax: first has not the tag hipaa');
      assert.deepEqual(
        cdrs.map(({ call, route }) => [call, route]),
        [[null, null]],
      );
    }));

  test('when a window closes, faxes that wait are planned anew', () =>
    on({}, async (bench) => {
      const zone = 'UTC';
      const at = new Date(bench.clock.now() + 90_000).toISOString().slice(11, 16);
      const routes = routesSchema.parse([
        {
          name: 'until then',
          carriers: ['first'],
          windows: [{ from: at === '00:00' ? '00:01' : '00:00', to: at, zone }],
        },
        { carriers: ['second'] },
      ]);
      const actor = { who: 'local', address: null };
      await bench.records.carriers.pauseCarrier('first', 'maintenance', actor, bench.clock.now());
      const { calls } = await run(bench, { to: '+15550100001' }, { routes });
      assert.deepEqual(what(calls), ['second ok'], 'it waited for the first one while the window was open');
    }));
});
