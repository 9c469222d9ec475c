import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TrainingCheck } from '../../../../../carrier-adapters/sip-t38/t30/negotiation/training-check.ts';

/** The run as one would count it by hand. */
function longestRun(octets: Uint8Array): number {
  const bits = Array.from(octets, (octet) => octet.toString(2).padStart(8, '0')).join('');
  return Math.max(0, ...bits.split('1').map(({ length }) => length));
}

function zerosIn(...parts: Uint8Array[]): number {
  const check = new TrainingCheck();
  for (const part of parts) check.add(part);
  return check.zeros;
}

describe('TCF as it is heard (T.30 §5.3.6.1.4)', () => {
  test('nothing is nothing', () => {
    const check = new TrainingCheck();
    assert.equal(check.zeros, 0);
    assert.equal(check.heard, false);
  });

  test('1.5 s of zeros at 14,400 bit/s are 21,600', () => {
    assert.equal(zerosIn(new Uint8Array(2_700)), 21_600);
    assert.equal(zerosIn(...Array.from({ length: 270 }, () => new Uint8Array(10))), 21_600);
  });

  test('what stands before and after the zeros does not count', () => {
    assert.equal(zerosIn(Uint8Array.of(0xff, 0xf0), new Uint8Array(10), Uint8Array.of(0x1f)), 4 + 80 + 3);
  });

  test('the longest run counts wherever it is', () => {
    let state = 7;
    for (let round = 0; round < 500; round++) {
      const octets = Uint8Array.from({ length: 12 }, () => {
        state = (state * 48_271) % 2_147_483_647;
        return state % 3 === 0 ? state & 0xff : 0;
      });
      const cut = round % 12;
      // Runs inside one octet are too short to count: all others must be found.
      const expected = longestRun(octets);
      if (expected >= 8) assert.equal(zerosIn(octets.subarray(0, cut), octets.subarray(cut)), expected);
    }
  });

  test('a gap ends the run', () => {
    const check = new TrainingCheck();
    check.add(new Uint8Array(100));
    check.add(new Uint8Array(60), true);
    assert.equal(check.zeros, 800);
  });
});
