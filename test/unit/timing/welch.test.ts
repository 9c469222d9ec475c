import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compare, worst } from '../../timing/welch.ts';

/** Times around `mean` by a generator that is the same in each run (Park and Miller, CACM 31, 1988). */
function times(mean: number, count: number, seed: number): number[] {
  let state = seed;
  const next = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return Array.from({ length: count }, () => mean + next() + next() + next());
}

describe("Welch's t", () => {
  test('is what another program makes of the same values, of unequal number and spread', () => {
    // Python's statistics module: (mean(a) - mean(b)) / sqrt(variance(a) / 10 + variance(b) / 20) = -1.56543.
    const one = [17.2, 20.9, 22.6, 18.1, 21.7, 21.4, 23.5, 24.2, 14.7, 21.8];
    const other = [
      ...[21.5, 22.8, 21.0, 23.0, 21.6, 23.6, 22.5, 20.7, 23.4, 21.8],
      ...[20.7, 21.7, 21.5, 22.5, 23.6, 21.5, 22.5, 23.5, 21.5, 21.8],
    ];
    const { t, left } = compare(one, other, 1);
    assert.equal(left, 30);
    assert.equal(t.toFixed(5), '-1.56543');
  });

  test('finds a difference that is there, and none in times of one kind', () => {
    assert.ok(Math.abs(worst(times(5, 5_000, 1), times(5, 5_000, 2)).t) < 4.5);
    assert.ok(Math.abs(worst(times(5, 5_000, 1), times(5.1, 5_000, 2)).t) > 4.5);
  });

  test('crops what hides a difference', () => {
    const interrupted = (list: number[]) => list.map((time, at) => (at % 100 === 7 ? time + 1_000 : time));
    const [one, other] = [interrupted(times(5, 5_000, 3)), interrupted(times(5.1, 5_000, 4))];
    assert.ok(Math.abs(compare(one, other, 1).t) < 4.5);
    assert.ok(Math.abs(worst(one, other).t) > 4.5);
  });

  test('refuses to judge one time', () => {
    assert.throws(() => compare([1], [2], 1), RangeError);
  });
});
