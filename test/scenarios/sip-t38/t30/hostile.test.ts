import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hostileCall } from '../../../fuzz/sip-t38/t30.ts';

const SHORT_CALLS = 3_000;
const ENDLESS_CALLS = 200;

describe('a T.30 machine with a far station that says whatever it likes', () => {
  test(`${SHORT_CALLS} calls: no throw, no page before its time, no confirmation out of order, and an end`, () => {
    const outcomes = new Set<string>();
    let pages = 0;
    for (let seed = 1; seed <= SHORT_CALLS; seed++) {
      const call = hostileCall(seed, 150);
      outcomes.add(call.outcome);
      pages += call.pages;
    }
    // The attack is worth something only if it gets into all phases.
    assert.ok(pages > SHORT_CALLS / 2, `${pages} pages`);
    assert.ok(outcomes.size >= 15, [...outcomes].join(', '));
  });

  test(`${ENDLESS_CALLS} far stations that never stop: the call ends all the same`, () => {
    for (let seed = 10_001; seed <= 10_000 + ENDLESS_CALLS; seed++) {
      const { length } = hostileCall(seed, null);
      assert.ok(length < 6 * 3_600_000 + 60_000, `seed ${seed}: ${length} ms`);
    }
  });
});
