import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { letsIn, networkOf } from '../../../api/console/cidr.ts';
import { allowed, parseRules } from '../../../gateway/access/cidr.ts';

const ADDRESSES = [
  ...['192.0.2.1', '192.0.2.255', '192.0.3.0', '0.0.0.0', '255.255.255.255'],
  ...['2001:db8::1', '2001:db8:8000::', '2001:db7:ffff::', '::', '::1', '::ffff:192.0.2.1', 'fe80::1'],
];
const RULES = [
  ...['192.0.2.0/24', '192.0.2.1', '192.0.2.255/31', '0.0.0.0/0', '255.255.255.255/32'],
  ...['2001:db8::/32', '2001:db8::/33', '2001:db8::1', '::/0', '::1/128', '::ffff:192.0.2.0/120', '::ffff:192.0.2.1'],
];
const BROKEN = [
  ...['', ' ', '192.0.2', '192.0.2.256', '192.0.2.0/33', '192.0.2.0/', '192.0.2.0/-1', '1.2.3.4.5', '01.2.3.4'],
  ...['2001:db8::/129', ':::', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '12345::', '::ffff:192.0.2.0/95'],
  ...['1.2.3.4::', '::1.2.3', 'example.org', '1:2:3:4:5:6:7:8::'],
];

describe('CIDR rules in the console', () => {
  test('let in whom the gateway lets in', () => {
    for (const rule of RULES)
      for (const address of ADDRESSES)
        assert.equal(letsIn([rule], address), allowed(parseRules([rule]), address), `${address} under ${rule}`);
  });

  test('let everybody in when there are none, and whoever one of several lets in', () => {
    assert.equal(letsIn([], '192.0.2.1'), true);
    assert.equal(letsIn(['2001:db8::/32', '192.0.2.0/24'], '192.0.2.1'), true);
    assert.equal(letsIn(['2001:db8::/32', '198.51.100.0/24'], '192.0.2.1'), false);
  });

  test('that the gateway refuses are not read, and nothing is said under them', () => {
    for (const rule of BROKEN) {
      assert.throws(() => parseRules([rule]), { code: 'cidr_invalid' }, rule);
      assert.equal(networkOf(rule), undefined, rule);
      assert.equal(letsIn([rule], '192.0.2.1'), undefined, rule);
    }
    assert.equal(letsIn(['192.0.2.0/24'], 'unknown'), undefined);
  });
});
