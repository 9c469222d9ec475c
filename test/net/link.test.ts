import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FAIR, LossyLink, randomOf, type Weather } from './link.ts';

/** Numbers of 20,000 datagrams in the order in which they arrive, one sent every 20 ms. */
function journey(weather: Weather, seed = 1): { numbers: number[]; delays: number[] } {
  const link = new LossyLink(weather, randomOf(seed));
  const numbers: number[] = [];
  const delays: number[] = [];
  const drain = (until: number) => {
    for (let at = link.deadline; at !== null && at <= until; at = link.deadline) {
      for (const datagram of link.arrived(at)) {
        const number = new DataView(datagram.buffer).getUint32(0);
        numbers.push(number);
        delays.push(at - 20 * number);
      }
    }
  };
  for (let number = 0; number < 20_000; number++) {
    drain(20 * number);
    const datagram = new Uint8Array(4);
    new DataView(datagram.buffer).setUint32(0, number);
    link.send(datagram, 20 * number);
  }
  drain(Number.POSITIVE_INFINITY);
  return { numbers, delays };
}

describe('the lossy network', () => {
  test('loses nothing in fair weather', () => {
    const { numbers, delays } = journey(FAIR);
    assert.deepEqual(
      numbers,
      Array.from({ length: 20_000 }, (_, n) => n),
    );
    assert.ok(delays.every((delay) => delay === 20));
  });

  test('loses the share that it should, one by one or in bursts', () => {
    for (const burst of [1, 4]) {
      const { numbers } = journey({ ...FAIR, loss: 0.05, burst });
      const share = 1 - numbers.length / 20_000;
      assert.ok(share > 0.04 && share < 0.06, `${share}`);
      const gaps = numbers.filter((number, i) => i > 0 && number !== (numbers[i - 1] ?? 0) + 1).length;
      const mean = (20_000 - numbers.length) / gaps;
      assert.ok(Math.abs(mean - burst) < 0.25 * burst, `bursts of ${mean}`);
    }
  });

  test('repeats, reorders and delays', () => {
    const doubled = journey({ ...FAIR, duplicate: 0.1 }).numbers;
    assert.ok(doubled.length > 21_500 && doubled.length < 22_500);
    const mixed = journey({ ...FAIR, reorder: 0.1 }).numbers;
    assert.equal(mixed.length, 20_000);
    const late = mixed.filter((number, i) => i > 0 && number < (mixed[i - 1] ?? 0)).length;
    assert.ok(late > 500, `${late}`);
    const { delays } = journey({ ...FAIR, jitter: 200 });
    assert.ok(Math.max(...delays) <= 220 && Math.max(...delays) > 200 && Math.min(...delays) < 25);
  });

  test('is out for a while', () => {
    const { numbers } = journey({ ...FAIR, outages: [{ from: 1000, to: 2000 }] });
    assert.equal(numbers.length, 19_950);
    assert.ok(numbers.every((number) => number < 50 || number >= 100));
  });

  test('does the same again with the same seed', () => {
    const weather: Weather = { loss: 0.05, burst: 3, duplicate: 0.02, reorder: 0.05, delay: 40, jitter: 150 };
    assert.deepEqual(journey(weather, 7), journey(weather, 7));
    assert.notDeepEqual(journey(weather, 7).numbers, journey(weather, 8).numbers);
  });
});
