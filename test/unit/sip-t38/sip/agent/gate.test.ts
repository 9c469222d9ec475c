import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Buckets } from '../../../../../carrier-adapters/sip-t38/sip/agent/bucket.ts';
import { Gate } from '../../../../../carrier-adapters/sip-t38/sip/agent/gate.ts';
import { trunk } from '../../../../scenarios/sip-t38/sip/world.ts';

describe('the gate', () => {
  const peers = trunk({
    name: 'peers',
    server: { host: 'a.example', port: null },
    peers: ['192.0.2.0/24', 'nonsense'],
  });
  const named = trunk({ name: 'named', server: { host: 'b.example', port: null } });

  test('networks and resolved addresses are let in, in whatever spelling; all else is not', () => {
    const gate = new Gate([peers, named]);
    gate.setResolved(named, ['198.51.100.1', '2001:db8::1', 'no address']);
    for (const [address, names] of [
      ['192.0.2.77', ['peers']],
      ['::ffff:192.0.2.77', ['peers']],
      ['198.51.100.1', ['named']],
      ['2001:DB8:0::1', ['named']],
      ['203.0.113.1', []],
      ['', []],
    ] as const) {
      assert.deepEqual(
        gate.trunksOf(address).map(({ name }) => name),
        names,
        address,
      );
      assert.equal(gate.admits(address, 0), names.length > 0, address);
    }
    gate.setResolved(named, ['198.51.100.2']);
    assert.equal(gate.admits('198.51.100.1', 0), false, 'an address that is no longer one of the host');
  });

  test('an address that we send to is heard for as long as we do, and may begin nothing', () => {
    const gate = new Gate([peers]);
    const once = gate.learn('203.0.113.9');
    const twice = gate.learn('::ffff:203.0.113.9');
    assert.equal(gate.admits('203.0.113.9', 0), true);
    assert.equal(gate.admitsNew('203.0.113.9', 0), false);
    once();
    once();
    assert.equal(gate.admits('203.0.113.9', 0), true);
    twice();
    assert.equal(gate.admits('203.0.113.9', 0), false);
    gate.learn('no address')();
  });

  test('a source is cut at its rate and let in again as time goes on', () => {
    const gate = new Gate([peers]);
    let admitted = 0;
    for (let index = 0; index < 5_000; index++) if (gate.admits('192.0.2.1', 0)) admitted++;
    assert.equal(admitted, 2_000);
    assert.equal(gate.admits('192.0.2.2', 0), true, 'each source has its own');
    assert.equal(gate.admits('192.0.2.1', 1), false);
    assert.equal(gate.admits('192.0.2.1', 10), true);
  });

  test('strangers by the million leave nothing behind', () => {
    const buckets = new Buckets({ burst: 1, perSecond: 0 }, 3);
    assert.deepEqual(
      ['a', 'b', 'a', 'c', 'd', 'b', 'a'].map((key) => buckets.take(key, 0)),
      [true, true, false, true, true, true, true],
      'the one unused longest is forgotten',
    );
  });
});
