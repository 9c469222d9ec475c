import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sipT38ConfigSchema, trunkOf } from '../../../carrier-adapters/sip-t38/config.ts';

const TRUNK = { name: 'telco', server: 'sip.example.net' };
const parse = (change: Record<string, unknown> = {}, trunk: Record<string, unknown> = {}) =>
  sipT38ConfigSchema.safeParse({ kind: 'sip-t38', name: 'sip', trunks: [{ ...TRUNK, ...trunk }], ...change });

describe('settings of a SIP carrier', () => {
  test('one trunk with a name and a server is enough', () => {
    const { data } = parse();
    assert.deepEqual(data?.listen, [{ transport: 'udp', address: '0.0.0.0', port: 5_060 }]);
    assert.deepEqual(data?.media, { address: '0.0.0.0', ports: [40_000, 40_999], latch: false });
    assert.deepEqual(data?.t38.wait, 5);
  });

  for (const [server, host, port] of [
    ['sip.example.net', 'sip.example.net', null],
    ['192.0.2.1:5070', '192.0.2.1', 5_070],
    ['[2001:db8::1]:5061', '2001:db8::1', 5_061],
    ['[2001:db8::1]', '2001:db8::1', null],
  ] as const) {
    test(`a server may be written ${server}`, () =>
      assert.deepEqual(parse({}, { server }).data?.trunks[0]?.server, { host, port }));
  }

  test('a registered trunk says who we are there', () => {
    const config = parse({}, { register: true, username: 'gw', password: 'secret' }).data?.trunks[0];
    assert.ok(config !== undefined);
    const trunk = trunkOf(config);
    assert.deepEqual(trunk.register, { expires: 300, contactUser: 'gw', keepAlive: 25 });
    assert.deepEqual(trunk.credentials, { username: 'gw', password: 'secret' });
    assert.equal(trunk.user, 'gw');
  });

  test('a static trunk has peers and no credentials', () => {
    const config = parse({}, { peers: ['192.0.2.0/24', '2001:db8::/32', '198.51.100.7'] }).data?.trunks[0];
    assert.ok(config !== undefined);
    const trunk = trunkOf(config);
    assert.deepEqual([trunk.register, trunk.credentials], [null, null]);
    assert.deepEqual(trunk.peers, ['192.0.2.0/24', '2001:db8::/32', '198.51.100.7']);
  });

  for (const [what, change, trunk, path] of [
    ['no trunk', { trunks: [] }, {}, 'trunks'],
    ['two trunks of one name', { trunks: [TRUNK, TRUNK] }, {}, 'trunks'],
    ['a user name without a password', {}, { username: 'gw' }, 'trunks.0.password'],
    ['registration without a user name', {}, { register: true }, 'trunks.0.username'],
    ['a server with a path', {}, { server: 'sip.example.net/x' }, 'trunks.0.server'],
    ['a port out of range', {}, { server: 'sip.example.net:70000' }, 'trunks.0.server'],
    ['a peer that is no address', {}, { peers: ['sip.example.net'] }, 'trunks.0.peers.0'],
    ['a range of one port', { media: { ports: [40_000, 40_000] } }, {}, 'media.ports'],
    ['a wait of none', { t38: { wait: 0 } }, {}, 't38.wait'],
    ['a rate that no modem has', { t38: { maxBitRate: 28_800 } }, {}, 't38.maxBitRate'],
    ['a station id with letters', { stationId: 'Sealfax' }, {}, 'stationId'],
    ['a misspelt field', { sationId: '' }, {}, ''],
  ] as const) {
    test(`${what} is refused with its place`, () => {
      const issue = parse(change, trunk).error?.issues[0];
      assert.equal(issue?.path.join('.'), path);
      assert.ok(issue.message !== '');
    });
  }
});
