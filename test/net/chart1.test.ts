import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CALL_TIME_LIMIT, timeCall } from '../../ops/bench/t38-call.ts';
import { nominalSignals } from '../../ops/bench/t38-nominal.ts';
import { chart, NO_CHARTS } from '../vectors/itu/charts.ts';

describe('the time of a call', () => {
  test('the nominal time is that of the Recommendations', () => {
    const one = { DIS: [23, 12], DCS: [23, 10], CFR: [3], 'PPS-EOP': [7], MCF: [3], DCN: [3] };
    const signals = nominalSignals({ control: one, page: 256, frameSize: 256 });
    const times = Object.fromEntries(signals.map(({ name, time }) => [name, Math.round(time)]));
    assert.deepEqual(times, {
      CED: 3000,
      DIS: 75 + 1000 + Math.round((8000 * 41) / 300),
      DCS: 75 + 1000 + Math.round((8000 * 39) / 300),
      TCF: 75 + 1393 + 1500,
      CFR: 75 + 1000 + 160,
      page: 75 + 142 + 200 + Math.round((8000 * 281) / 14_400),
      'PPS-EOP': 75 + 1000 + Math.round((8000 * 10) / 300),
      MCF: 75 + 1000 + 160,
      DCN: 75 + 1000 + 160,
    });
  });

  test('chart 1 takes what it has to take, and not 5 % more', { skip: NO_CHARTS }, async () => {
    const { taken, nominal } = await timeCall(chart(1));
    assert.ok(taken <= CALL_TIME_LIMIT * nominal, `${taken} ms, nominal ${nominal} ms`);
    assert.ok(taken > 0.95 * nominal, 'nothing that the far machine needs has been left out');
  });
});
