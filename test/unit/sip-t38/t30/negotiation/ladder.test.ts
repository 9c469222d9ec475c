import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Modulation } from '../../../../../carrier-adapters/sip-t38/t30/line.ts';
import { ladderOf, modemSetOf } from '../../../../../carrier-adapters/sip-t38/t30/negotiation/ladder.ts';

const ALL: readonly Modulation[] = ['V.27ter', 'V.29', 'V.17'];

const rungs = (
  far: readonly Modulation[],
  own: readonly Modulation[] = ALL,
  { slow = false, maxRate = 14_400 }: { slow?: boolean; maxRate?: number } = {},
) =>
  ladderOf({ modulations: far, slow }, { modulations: own, maxRate }).map(
    ({ modulation, rate }) => `${modulation} ${rate}`,
  );

describe('the ladder of rates', () => {
  test('two stations with V.17 fall back within it, then to V.27 ter', () => {
    assert.deepEqual(rungs(ALL), [
      'V.17 14400',
      'V.17 12000',
      'V.17 9600',
      'V.17 7200',
      'V.27ter 4800',
      'V.27ter 2400',
    ]);
  });

  test('without V.17 it begins with V.29', () => {
    const without = ['V.29 9600', 'V.29 7200', 'V.27ter 4800', 'V.27ter 2400'];
    assert.deepEqual(rungs(['V.27ter', 'V.29']), without);
    assert.deepEqual(rungs(ALL, ['V.27ter', 'V.29']), without);
  });

  test('a station that has V.29 alone has no more than that', () => {
    assert.deepEqual(rungs(['V.29']), ['V.29 9600', 'V.29 7200']);
  });

  test('the fall-back mode of V.27 ter is 2400 bit/s alone', () => {
    assert.deepEqual(rungs(['V.27ter'], ALL, { slow: true }), ['V.27ter 2400']);
  });

  test('no rung is above the fastest rate', () => {
    assert.deepEqual(rungs(ALL, ALL, { maxRate: 9_600 }), ['V.17 9600', 'V.17 7200', 'V.27ter 4800', 'V.27ter 2400']);
    assert.deepEqual(rungs(ALL, ALL, { maxRate: 4_800 }), ['V.27ter 4800', 'V.27ter 2400']);
  });

  test('stations without a common modulation have no rung', () => {
    assert.deepEqual(rungs(['V.29'], ['V.17']), []);
    assert.deepEqual(rungs(ALL, ALL, { maxRate: 1_200 }), []);
  });

  test('an answerer announces what its rate lets its modems do', () => {
    assert.deepEqual(modemSetOf({ modulations: ALL, maxRate: 14_400 }), {
      modulations: ['V.17', 'V.29', 'V.27ter'],
      slow: false,
    });
    assert.deepEqual(modemSetOf({ modulations: ALL, maxRate: 4_800 }), { modulations: ['V.27ter'], slow: false });
    assert.deepEqual(modemSetOf({ modulations: ALL, maxRate: 2_400 }), { modulations: ['V.27ter'], slow: true });
  });
});
