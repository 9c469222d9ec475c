import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { evenTime } from '../../../api/transport/even-time.ts';

describe('even time', () => {
  /** A clock that goes on by `turn` at each look, and whose timers come late by up to 1.5 ms. */
  const clockAt = (start: number, late: number, turn = 0.01) => {
    let time = start;
    const now = () => (time += turn);
    return {
      now,
      clock: {
        monotonic: now,
        after: (ms: number, run: () => void) => {
          time += ms + late;
          run();
          return () => undefined;
        },
      },
    };
  };

  test('is told at the same moment, however long the work before it took', async () => {
    for (const late of [0, 0.4, 1.5]) {
      for (const took of [0.2, 1, 5, 5.05, 12.3, 46.9, 47.5, 48.7, 49.9]) {
        const { clock, now } = clockAt(1_000 + took, late);
        await evenTime(clock, 1_000, 50);
        const told = now() - 1_000;
        assert.ok(told >= 50 && told < 50.05, `${took} ms, ${late} ms late: ${told}`);
      }
    }
  });

  test('is that of the next step when the work took longer than one', async () => {
    const { clock, now } = clockAt(1_130, 0);
    await evenTime(clock, 1_000, 50);
    assert.ok(Math.abs(now() - 1_150) < 0.05);
  });
});
