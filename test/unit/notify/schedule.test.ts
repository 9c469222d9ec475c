import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ATTEMPT_DELAYS, nextAttemptAt, parseRetryAfter } from '../../../gateway/notify/schedule.ts';

const NOW = Date.UTC(2026, 0, 15, 12);

describe('the schedule of attempts', () => {
  test('is 0, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h', () => {
    assert.deepEqual(
      ATTEMPT_DELAYS.map((delay) => delay / 1_000),
      [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400],
    );
  });

  test('the pause before the attempt after n failures stands at n', () => {
    for (let n = 1; n < 10; n++) assert.equal(nextAttemptAt(n, NOW, null, 0), NOW + (ATTEMPT_DELAYS[n] ?? 0));
  });

  test('after the tenth attempt there is none', () => {
    assert.equal(nextAttemptAt(10, NOW, null, 0), null);
    assert.equal(nextAttemptAt(10, NOW, 60_000, 0), null);
  });

  test('jitter adds a fifth at most and never takes away', () => {
    assert.equal(nextAttemptAt(2, NOW, null, 1), NOW + 360_000);
    assert.equal(nextAttemptAt(2, NOW, null, 0.5), NOW + 330_000);
  });

  test('Retry-After lengthens a pause, never shortens it, and is cut at a day', () => {
    assert.equal(nextAttemptAt(1, NOW, 120_000, 0), NOW + 120_000);
    assert.equal(nextAttemptAt(3, NOW, 1_000, 0), NOW + 1_800_000);
    assert.equal(nextAttemptAt(1, NOW, 1e12, 0), NOW + 86_400_000);
  });
});

describe('Retry-After (RFC 9110 §10.2.3)', () => {
  const cases: readonly (readonly [string | undefined, number | null])[] = [
    [undefined, null],
    ['', null],
    ['120', 120_000],
    [' 7 ', 7_000],
    ['0', 0],
    ['-1', null],
    ['1.5', null],
    ['99999999999999', null],
    ['Thu, 15 Jan 2026 12:01:00 GMT', 60_000],
    ['Thu, 15 Jan 2026 11:59:00 GMT', null],
    ['tomorrow', null],
    ['2026-01-15T12:01:00Z', null],
  ];
  for (const [header, expected] of cases) {
    test(`${String(header)} means ${expected} ms`, () => assert.equal(parseRetryAfter(header, NOW), expected));
  }
});
