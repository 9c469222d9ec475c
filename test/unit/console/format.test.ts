import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { count, counted, duration, money, share, words } from '../../../api/console/format.ts';

describe('what the console writes', () => {
  test('numbers, shares and money, and a dash where there is none', () => {
    assert.equal(count(1_234_567), '1,234,567');
    assert.equal(share(0.8571), '85.7%');
    assert.equal(share(1), '100%');
    assert.equal(money(1_250_000, 'EUR'), '€1.25');
    assert.equal(money(4_200, 'EUR'), '€0.0042');
    for (const none of [count(null), share(undefined), money(null, 'EUR'), duration(null)]) assert.equal(none, '–');
    assert.equal(counted(1, 'fax', 'faxes'), '1 fax');
    assert.equal(counted(2_000, 'fax', 'faxes'), '2,000 faxes');
    assert.equal(words('no_answer'), 'no answer');
  });

  test('lengths of time in the units in which people think of them', () => {
    const written = [850, 12_400, 59_949, 59_960, 185_000, 3_599_600, 7_800_000, 86_400_000, 273_600_000].map(duration);
    assert.deepEqual(written, [
      ...['850 ms', '12.4 s', '59.9 s', '60.0 s', '3 min 05 s', '1 h 00 min', '2 h 10 min', '1 d 0 h', '3 d 4 h'],
    ]);
  });
});
