import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { costOf, estimateOf, type Rate, type RatedCall, rateOf } from '../../../gateway/routing/rates.ts';
import { budgetSchema, ratesSchema } from '../../../gateway/routing/tariff-config.ts';
import { createTariffs } from '../../../gateway/routing/tariffs.ts';

const BERLIN = '+49301234567';

/** As a price list is written in a setting. */
const rates = (...list: readonly object[]): readonly Rate[] => ratesSchema.parse(list);

const call = (change: Partial<RatedCall> = {}): RatedCall => ({
  direction: 'outbound',
  to: BERLIN,
  billable: true,
  duration: 61_000,
  pages: 2,
  ...change,
});

describe('the cost of a call', () => {
  // Worked by hand: seconds are charged by minimum and increment, then a sixtieth of the minute's price for each.
  for (const [about, rate, duration, pages, cost, seconds] of [
    ['whole minutes: 61 s are two', { perMinute: '0.012' }, 61_000, 2, 24_000, 120],
    ['whole minutes: 60 s are one', { perMinute: '0.012' }, 60_000, 2, 12_000, 60],
    ['60/6: 61 s are 66', { perMinute: '0.012', minimum: 60, increment: 6 }, 61_000, 2, 13_200, 66],
    ['60/6: 3 s are 60', { perMinute: '0.012', minimum: 60, increment: 6 }, 3_000, 2, 12_000, 60],
    ['30/6: 31 s are 36', { perMinute: '0.012', minimum: 30, increment: 6 }, 31_000, 2, 7_200, 36],
    ['1/1: a second that has begun counts', { perMinute: '0.06', increment: 1 }, 1_001, 1, 2_000, 2],
    ['a fraction of a millionth is rounded up', { perMinute: '0.000001', increment: 1 }, 1_000, 1, 1, 1],
    ['pages and a fee for the call', { perCall: '0.05', perPage: '0.07' }, 61_000, 2, 190_000, 120],
    ['pages that were not printed cost nothing', { perPage: '0.07' }, 61_000, 0, 0, 120],
    ['all three', { perCall: '0.01', perMinute: '0.006', perPage: '0.002', increment: 30 }, 61_000, 3, 25_000, 90],
    ['answered and gone in the same moment', { perCall: '0.01', perMinute: '0.006' }, 0, 0, 10_000, 0],
  ] as const) {
    test(about, () => assert.deepEqual(costOf(rates(rate), call({ duration, pages })), { cost, seconds }));
  }

  test('is not known, and not nothing, where no rate fits', () => {
    assert.equal(costOf([], call()), null);
    assert.equal(costOf(rates({ prefix: '+1', perMinute: 1 }), call()), null);
    assert.equal(costOf(rates({ perMinute: 1 }), call({ direction: 'inbound' })), null);
    assert.equal(costOf([], call({ billable: false })), null);
  });

  test('is nothing for a call that is not charged, where there is a rate', () => {
    const free = { cost: 0, seconds: 0 };
    assert.deepEqual(costOf(rates({ perCall: 1, minimum: 60 }), call({ billable: false })), free);
  });

  test('goes by the longest prefix, in whatever order the rates stand', () => {
    const list = [{ perCall: 1 }, { prefix: '+49', perCall: 2 }, { prefix: '+4930', perCall: 3 }];
    for (const order of [list, list.toReversed()]) {
      assert.equal(costOf(rates(...order), call())?.cost, 3_000_000);
      assert.equal(costOf(rates(...order), call({ to: '+49891' }))?.cost, 2_000_000);
      assert.equal(costOf(rates(...order), call({ to: '+1555' }))?.cost, 1_000_000);
    }
  });

  test('tells the directions apart', () => {
    const both = rates({ perCall: 1 }, { direction: 'inbound', prefix: '+49', perCall: 2 });
    assert.equal(rateOf(both, 'inbound', BERLIN)?.perCall, 2_000_000);
    assert.equal(rateOf(both, 'inbound', '+1555'), undefined);
    assert.equal(rateOf(both, 'outbound', BERLIN)?.perCall, 1_000_000);
  });
});

describe('rates of a setting', () => {
  for (const [about, list] of [
    ['a prefix without its plus', [{ prefix: '49' }]],
    ['two of the same prefix and direction', [{ prefix: '+49' }, { prefix: '+49' }]],
    ['a price below zero', [{ perMinute: '-1' }]],
    ['a price with seven decimals', [{ perMinute: '0.0000001' }]],
    ['a price that a number cannot hold', [{ perMinute: 1e-7 }]],
    ['an increment of nothing', [{ increment: 0 }]],
    ['a field that there is not', [{ perHour: 1 }]],
  ] as const) {
    test(`${about} is refused`, () => assert.equal(ratesSchema.safeParse(list).success, false));
  }

  test('the same prefix may stand once in each direction', () => {
    assert.equal(rates({ prefix: '+49' }, { prefix: '+49', direction: 'inbound' }).length, 2);
  });

  test('a budget of 0 is a budget, and none is null', () => {
    assert.deepEqual(budgetSchema.parse({ day: 0 }), { day: 0, month: null });
  });
});

describe('an estimate', () => {
  test('is made for 20 s and 40 s a page, so that carriers by the page and by the minute compare', () => {
    const [minutes, pages] = [rates({ perMinute: '0.03', increment: 1 }), rates({ perPage: '0.05' })];
    assert.deepEqual([estimateOf(minutes, BERLIN, 1), estimateOf(pages, BERLIN, 1)], [30_000, 50_000]);
    assert.deepEqual([estimateOf(minutes, BERLIN, 10), estimateOf(pages, BERLIN, 10)], [210_000, 500_000]);
  });

  test('of a carrier without a rate is not known', () => {
    const tariffs = createTariffs(
      'EUR',
      new Map([['a', { rates: rates({ perCall: 1 }), budget: budgetSchema.parse({}) }]]),
    );
    assert.equal(tariffs.price('a', BERLIN), 1_000_000);
    assert.equal(tariffs.price('b', BERLIN), null);
    assert.equal(tariffs.charge({ ...call(), carrier: 'b' }), null);
    assert.deepEqual([...tariffs.budgets], [], 'a budget without any limit is none');
  });
});
