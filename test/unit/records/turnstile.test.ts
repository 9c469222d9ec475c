import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createTurnstile } from '../../../gateway/records/turnstile.ts';

describe('a turnstile', () => {
  test('lets so many in at a time, and others in the order of their coming', async () => {
    const inTurn = createTurnstile(2);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const all = [0, 1, 2, 3].map((place) =>
      inTurn(() => {
        begun.push(place);
        return new Promise<void>((resolve) => ends.push(resolve));
      }),
    );
    const settle = () => new Promise((resolve) => setImmediate(resolve));
    await settle();
    assert.deepEqual(begun, [0, 1]);
    ends[1]?.();
    await settle();
    assert.deepEqual(begun, [0, 1, 2]);
    ends[0]?.();
    await settle();
    assert.deepEqual(begun, [0, 1, 2, 3]);
    for (const end of ends) end();
    await Promise.all(all);
  });

  test('keeps no place for work that failed', async () => {
    const inTurn = createTurnstile(1);
    const fault = new Error('no luck');
    const told = await Promise.allSettled([
      inTurn(() => Promise.reject(fault)),
      inTurn(async () => 'luck'),
      inTurn(() => Promise.reject(fault)),
      inTurn(async () => 'again'),
    ]);
    assert.deepEqual(
      told.map((one) => (one.status === 'fulfilled' ? one.value : one.reason)),
      [fault, 'luck', fault, 'again'],
    );
  });
});
