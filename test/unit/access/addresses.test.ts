import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AccessError, allowed, canonicalAddress, parseRules, rateNetwork } from '../../../gateway/access/index.ts';

describe('an address', () => {
  test('has one spelling', () => {
    const cases: readonly [string, string | undefined][] = [
      ['192.0.2.1', '192.0.2.1'],
      ['::ffff:192.0.2.1', '192.0.2.1'],
      ['::FFFF:c000:0201', '192.0.2.1'],
      ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
      ['fe80::1%eth0', 'fe80::1'],
      ['::1', '::1'],
      ['192.0.2.01', undefined],
      ['192.0.2', undefined],
      ['example.com', undefined],
      ['', undefined],
    ];
    for (const [text, canonical] of cases) assert.equal(canonicalAddress(text), canonical, text);
  });

  test('counts as its /64 network under IPv6 and as itself under IPv4', () => {
    assert.equal(rateNetwork('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64');
    assert.equal(rateNetwork('2001:db8:1:2::1'), '2001:db8:1:2::/64');
    assert.equal(rateNetwork('2001:db8::1'), '2001:db8:0:0::/64');
    assert.equal(rateNetwork('::1'), '0:0:0:0::/64');
    assert.equal(rateNetwork('::ffff:192.0.2.1'), '192.0.2.1');
    assert.equal(rateNetwork('nonsense'), 'unknown');
  });
});

describe('CIDR rules', () => {
  test('are written in one form', () => {
    assert.deepEqual(parseRules(['192.0.2.0/24', '10.1.2.3', '2001:DB8::/32', '::1', '::ffff:10.0.0.0/104']), [
      '192.0.2.0/24',
      '10.1.2.3/32',
      '2001:db8::/32',
      '::1/128',
      '10.0.0.0/8',
    ]);
  });

  test('are refused with a pointer when they cannot be read', () => {
    const bad = [
      '',
      '10.0.0.0/33',
      '::/129',
      '10.0.0.0/',
      '10.0.0.0/8/8',
      '10.0.0/8',
      'a/8',
      '::ffff:10.0.0.0/8',
      '10.0.0.0/-1',
      'fe80::1%eth0',
    ];
    for (const rule of bad) {
      assert.throws(
        () => parseRules(['10.0.0.0/8', rule]),
        (error) => error instanceof AccessError && error.code === 'cidr_invalid' && error.pointer === '/cidrs/1',
        rule,
      );
    }
    assert.throws(() => parseRules(Array.from({ length: 257 }, () => '10.0.0.0/8')), { code: 'cidr_invalid' });
  });

  test('let in what lies inside of one of them, in either spelling, and nobody else', () => {
    const rules = ['192.0.2.0/24', '2001:db8::/32'];
    for (const inside of ['192.0.2.0', '192.0.2.255', '::ffff:192.0.2.9', '2001:db8:ffff::1']) {
      assert.ok(allowed(rules, inside), inside);
    }
    for (const outside of ['192.0.3.0', '2001:db9::1', '::1', 'unknown', ''])
      assert.ok(!allowed(rules, outside), outside);
  });

  test('let everyone in when there are none, and nobody when none can be read', () => {
    assert.ok(allowed([], 'unknown'));
    assert.ok(!allowed(['nonsense'], '192.0.2.1'));
  });
});
