import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SeqWindow, WINDOW_SIZE } from '../../../crypto/index.ts';

describe('sequence window', () => {
  test('each number is marked once, in any order within the window', () => {
    const window = new SeqWindow();
    for (const seq of [0, 5, 3, 1023, 4, 1000]) {
      assert.equal(window.seen(seq), false);
      assert.equal(window.mark(seq), true);
      assert.equal(window.seen(seq), true);
      assert.equal(window.mark(seq), false);
    }
    assert.equal(window.mark(1), true);
  });

  test('what lies below the window counts as used', () => {
    const window = new SeqWindow();
    window.mark(WINDOW_SIZE);
    assert.equal(window.mark(0), false);
    assert.equal(window.mark(1), true);
    window.mark(1_000_000);
    assert.equal(window.seen(1_000_000 - WINDOW_SIZE), true);
    assert.equal(window.seen(1_000_000 - WINDOW_SIZE + 1), false);
  });

  test('stored numbers may be bigint', () => {
    const window = new SeqWindow();
    assert.ok(window.mark(7n) && window.seen(7) && !window.mark(7));
  });

  test('it agrees with a plain set over a random walk', () => {
    const window = new SeqWindow();
    const used = new Set<number>();
    let highest = -1;
    let state = 12_345;
    for (let step = 0; step < 50_000; step++) {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      const seq = Math.max(0, highest - 1_100 + (state % 1_130));
      const free = seq > highest || (seq > highest - WINDOW_SIZE && !used.has(seq));
      assert.equal(window.mark(seq), free, `step ${step}, number ${seq}`);
      used.add(seq);
      highest = Math.max(highest, seq);
    }
  });
});
