import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RecordsError } from '../../../gateway/records/errors.ts';
import { gather } from '../../../gateway/records/gather.ts';

/** Batches that wait until they are let go. */
function gate() {
  const batches: { readonly calls: readonly number[]; readonly go: () => void }[] = [];
  const run = (calls: readonly number[]) =>
    new Promise<readonly number[]>((resolve) => {
      batches.push({ calls, go: () => resolve(calls.map((call) => call * 10)) });
    });
  return { batches, run };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('calls that come together share a statement', () => {
  test('a lone call goes at once; what comes meanwhile goes together, in order', async () => {
    const { batches, run } = gate();
    const call = gather(run, 64);
    const answers = [call(1), call(2), call(3)];
    assert.deepEqual(batches[0]?.calls, [1]);
    batches[0]?.go();
    await turn();
    assert.deepEqual(batches[1]?.calls, [2, 3]);
    batches[1]?.go();
    assert.deepEqual(await Promise.all(answers), [10, 20, 30]);
  });

  test('a batch holds no more than its bound', async () => {
    const seen: number[] = [];
    const call = gather(async (calls: readonly number[]) => {
      seen.push(calls.length);
      return calls;
    }, 3);
    await Promise.all(Array.from({ length: 8 }, (_, n) => call(n)));
    assert.deepEqual(seen, [1, 3, 3, 1]);
  });

  test('a batch that is refused is taken apart, and only the call at fault fails', async () => {
    const seen: (readonly number[])[] = [];
    const call = gather(async (calls: readonly number[]) => {
      seen.push(calls);
      if (calls.includes(3)) throw new Error('three is refused');
      return calls;
    }, 64);
    const settled = await Promise.allSettled([1, 2, 3, 4].map(call));
    assert.deepEqual(
      settled.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(seen, [[1], [2, 3, 4], [2], [3], [4]]);
  });

  test('a batch that the database has not answered is not tried again: nobody knows what was done', async () => {
    let runs = 0;
    const call = gather(async (calls: readonly number[]) => {
      runs++;
      if (runs > 1) throw new RecordsError('unavailable', 'the database does not answer');
      return calls;
    }, 64);
    const settled = await Promise.allSettled([1, 2, 3].map(call));
    assert.deepEqual(
      settled.map(({ status }) => status),
      ['fulfilled', 'rejected', 'rejected'],
    );
    assert.equal(runs, 2);
  });

  test('after a failure the next call goes on', async () => {
    let fail = true;
    const call = gather(async (calls: readonly number[]) => {
      if (fail) throw new Error('once');
      return calls;
    }, 64);
    await assert.rejects(call(1));
    fail = false;
    assert.equal(await call(2), 2);
  });
});
