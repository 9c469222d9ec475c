import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { benches } from './bench.ts';

const on = benches();
const ANSWERS = '+15550100001';
const BUSY = '+15550110001';

describe('a number that may not be called any more', () => {
  test('is not dialled: the fax ends with its cause, the rule in words, no call, and its image is wiped', () =>
    on({}, async (bench) => {
      const id = await bench.submit({ to: ANSWERS });
      const worker = bench.worker({ guard: { recheck: async () => 'the gateway does not call this destination' } });
      const fax = await bench.finish(worker, id);
      assert.deepEqual(
        [fax.state, fax.cause, fax.detail, fax.attempts],
        ['failed', 'destination_denied', 'the gateway does not call this destination', 0],
      );
      assert.deepEqual(await bench.records.faxes.calls(id), []);
      assert.deepEqual(bench.printed(id), []);
      assert.ok(await bench.isWiped(id));
    }));

  test('is not dialled a second time', () =>
    on({}, async (bench) => {
      const id = await bench.submit({ to: BUSY });
      let asked = 0;
      const worker = bench.worker({ guard: { recheck: async () => (asked++ === 0 ? undefined : 'denied since') } });
      const fax = await bench.finish(worker, id);
      assert.deepEqual([fax.state, fax.cause, fax.attempts], ['failed', 'destination_denied', 1]);
      assert.equal(asked, 2, 'once before each call');
    }));

  test('while the rules cannot be read nobody is called, and the fax is not lost', () =>
    on({}, async (bench) => {
      const id = await bench.submit({ to: ANSWERS });
      let broken = true;
      const recheck = async (): Promise<undefined> => {
        if (broken) throw new Error('the records do not answer');
      };
      const worker = bench.worker({ guard: { recheck } });
      await bench.clock.until(worker.dispatch.work());
      assert.deepEqual(await bench.records.faxes.calls(id), []);
      broken = false;
      const fax = await bench.finish(worker, id);
      assert.deepEqual([fax.state, fax.attempts], ['delivered', 1]);
    }));
});
