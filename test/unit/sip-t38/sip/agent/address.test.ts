import assert from 'node:assert/strict';
import { BlockList, isIP } from 'node:net';
import { describe, test } from 'node:test';
import { canonicalAddress, Network, parseAddress } from '../../../../../carrier-adapters/sip-t38/sip/agent/address.ts';
import { seeded } from '../../../../scenarios/sip-t38/sip/world.ts';

describe('IP addresses', () => {
  for (const [text, octets] of [
    ['192.0.2.1', [192, 0, 2, 1]],
    ['0.0.0.0', [0, 0, 0, 0]],
    ['::ffff:192.0.2.1', [192, 0, 2, 1]],
    ['::FFFF:c000:0201', [192, 0, 2, 1]],
    ['::', new Array(16).fill(0)],
    ['::1', [...new Array(15).fill(0), 1]],
    ['2001:db8::1', [0x20, 1, 0xd, 0xb8, ...new Array(11).fill(0), 1]],
    ['1:2:3:4:5:6:7:8', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
    ['1:2:3:4:5:6:7::', [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0]],
    ['64:ff9b::192.0.2.33', [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 33]],
  ] as const) {
    test(`${text} is read`, () => assert.deepEqual([...(parseAddress(text) ?? [])], [...octets]));
  }

  for (const text of [
    ...[
      '',
      '1.2.3',
      '1.2.3.4.5',
      '256.1.1.1',
      '01.2.3.4',
      '1.2.3.4 ',
      'a.b.c.d',
      ':',
      ':::',
      '1::2::3',
      '::12345',
      '1:2:3',
    ],
    ...[
      '1:2:3:4:5:6:7:8:9',
      '1:2:3:4:5:6:7:8::',
      '1.2.3.4::',
      '::1.2.3.4:5',
      'fe80::1%eth0',
      '[::1]',
      '::g',
      '::1.2.3.256',
    ],
  ]) {
    test(`"${text}" is none`, () => assert.equal(parseAddress(text), null));
  }

  test('what is read is what Node reads, for 20,000 texts', () => {
    const chance = seeded(7);
    const parts = ['0', '1', 'ff', 'FFFF', '192.0.2.1', ':', ':', ':', '::', '.', '256', '12345'];
    for (let index = 0; index < 20_000; index++) {
      const pieces = 1 + Math.floor(chance() * 16);
      const text = Array.from({ length: pieces }, () => parts[Math.floor(chance() * parts.length)]).join('');
      assert.equal(parseAddress(text) !== null, isIP(text) !== 0, text);
    }
  });

  test('two spellings have one canonical form', () => {
    assert.equal(canonicalAddress('2001:DB8:0:0::1'), canonicalAddress('2001:db8::1'));
    assert.equal(canonicalAddress('::ffff:192.0.2.1'), canonicalAddress('192.0.2.1'));
    assert.notEqual(canonicalAddress('::192.0.2.1'), canonicalAddress('192.0.2.1'));
  });
});

describe('networks (RFC 4632)', () => {
  test('what is in a network is what Node says, for every prefix', () => {
    const chance = seeded(3);
    const v4 = () => Array.from({ length: 4 }, () => Math.floor(chance() * 256)).join('.');
    for (let prefix = 0; prefix <= 32; prefix++) {
      const base = v4();
      const network = Network.parse(`${base}/${prefix}`);
      const list = new BlockList();
      list.addSubnet(base, prefix, 'ipv4');
      for (const other of [base, v4(), base.replace(/\d+$/, '77'), base.replace(/\d+\.\d+$/, '1.2')]) {
        assert.equal(
          network?.contains(parseAddress(other) ?? assert.fail()),
          list.check(other),
          `${other} in /${prefix}`,
        );
      }
    }
  });

  test('IPv6, mapped IPv4 and bare addresses', () => {
    const within = (network: string, address: string) =>
      Network.parse(network)?.contains(parseAddress(address) ?? assert.fail());
    assert.equal(within('2001:db8::/33', '2001:db8:7fff::1'), true);
    assert.equal(within('2001:db8::/33', '2001:db8:8000::1'), false);
    assert.equal(within('::ffff:192.0.2.0/120', '192.0.2.77'), true);
    assert.equal(within('192.0.2.7', '192.0.2.7'), true);
    assert.equal(within('192.0.2.7', '192.0.2.6'), false);
    assert.equal(within('0.0.0.0/0', '::1'), false);
  });

  for (const text of [
    '192.0.2.0/33',
    '192.0.2.0/-1',
    '192.0.2.0/',
    '192.0.2.0/a',
    '::/129',
    '::ffff:1.2.3.4/95',
    'x/8',
  ]) {
    test(`"${text}" is none`, () => assert.equal(Network.parse(text), null));
  }
});
