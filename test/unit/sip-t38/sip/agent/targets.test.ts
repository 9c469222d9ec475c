import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Alarms } from '../../../../../carrier-adapters/sip-t38/sip/agent/alarms.ts';
import type { Destination, NetworkOutput, SrvRecord } from '../../../../../carrier-adapters/sip-t38/sip/agent/io.ts';
import { Lookups } from '../../../../../carrier-adapters/sip-t38/sip/agent/lookups.ts';
import { Resting } from '../../../../../carrier-adapters/sip-t38/sip/agent/resting.ts';
import { findTargets, serviceOrder } from '../../../../../carrier-adapters/sip-t38/sip/agent/targets.ts';
import { seeded } from '../../../../scenarios/sip-t38/sip/world.ts';

const record = (target: string, priority: number, weight: number, port = 5060): SrvRecord => ({
  target,
  priority,
  weight,
  port,
});

/** What is asked of the network, and what is found. */
function bench() {
  const asked: Extract<NetworkOutput, { type: 'resolve' }>[] = [];
  const found: (readonly Destination[])[] = [];
  const alarms = new Alarms();
  const lookups = new Lookups(alarms, (output) => {
    if (output.type === 'resolve') asked.push(output);
  });
  const find = (host: string, port: number | null, transport: 'udp' | 'tcp' | 'tls' = 'udp') =>
    findTargets({ host, port }, transport, { lookups, chance: () => 0 }, 0, (targets) => found.push(targets));
  return { asked, found, alarms, lookups, find };
}

const places = (targets: readonly Destination[] | undefined) =>
  targets?.map(({ remote }) => `${remote.address} ${remote.port}`);

describe('where a host is (RFC 3263 §4)', () => {
  test('an address needs no look-up; its port is the default of the transport', () => {
    const { asked, found, find } = bench();
    find('192.0.2.1', null);
    find('192.0.2.1', null, 'tls');
    find('2001:db8::1', 5070);
    assert.deepEqual(found.map(places), [['192.0.2.1 5060'], ['192.0.2.1 5061'], ['2001:db8::1 5070']]);
    assert.equal(asked.length, 0);
  });

  test('a name with a port is looked up by address, without one by SRV of its transport first', () => {
    const { asked, find } = bench();
    find('a.example', 5070);
    find('a.example', null, 'udp');
    find('a.example', null, 'tcp');
    find('a.example', null, 'tls');
    assert.deepEqual(
      asked.map(({ kind, name }) => `${kind} ${name}`),
      ['address a.example', 'srv _sip._udp.a.example', 'srv _sip._tcp.a.example', 'srv _sips._tcp.a.example'],
    );
  });

  test('without SRV records the name itself is used; a record with target `.` says there is none (RFC 2782)', () => {
    const { asked, found, lookups, find } = bench();
    find('a.example', null);
    lookups.resolved(asked[0]?.query ?? 0, [], 0);
    lookups.resolved(asked[1]?.query ?? 0, ['192.0.2.9'], 0);
    find('b.example', null);
    lookups.resolved(asked[2]?.query ?? 0, [record('.', 0, 0)], 0);
    assert.deepEqual(found.map(places), [['192.0.2.9 5060'], []]);
  });

  test('names are looked up together and keep their order; the same target stands once; counts are bounded', () => {
    const { asked, found, lookups, find } = bench();
    find('a.example', null);
    lookups.resolved(1, [record('one', 1, 0, 5071), record('two', 2, 0, 5072), record('192.0.2.3', 3, 0, 5073)], 0);
    assert.equal(asked.length, 3);
    lookups.resolved(3, ['192.0.2.2', 'not an address', '192.0.2.2'], 0);
    assert.equal(found.length, 0);
    lookups.resolved(2, ['192.0.2.1', '2001:db8::1'], 0);
    assert.deepEqual(places(found[0]), ['192.0.2.1 5071', '2001:db8::1 5071', '192.0.2.2 5072', '192.0.2.3 5073']);
    const many = Array.from({ length: 100 }, (_, index) => record(`192.0.2.${index}`, index, 0));
    find('many.example', null);
    lookups.resolved(asked.at(-1)?.query ?? 0, many, 0);
    assert.equal(found.at(-1)?.length, 8);
  });

  test('the same question goes out once; no answer within ten seconds is none; a late one is ignored', () => {
    const { asked, found, alarms, lookups, find } = bench();
    find('a.example', 5060);
    find('A.example', 5060);
    assert.equal(asked.length, 1);
    alarms.ringDue(9_999);
    assert.equal(found.length, 0);
    alarms.ringDue(10_000);
    assert.deepEqual(found, [[], []]);
    lookups.resolved(1, ['192.0.2.1'], 0);
    assert.equal(found.length, 2);
  });

  test('RFC 2782: weights decide how often a record comes first among its equals', () => {
    const chance = seeded(5);
    const counts = new Map<string, number>();
    for (let index = 0; index < 10_000; index++) {
      const order = serviceOrder(
        [record('a', 1, 70), record('b', 1, 30), record('c', 1, 0), record('d', 0, 0)],
        chance,
      );
      assert.equal(order.length, 4);
      assert.equal(order[0]?.target, 'd');
      const second = order[1]?.target ?? '';
      counts.set(second, (counts.get(second) ?? 0) + 1);
    }
    assert.ok(Math.abs((counts.get('a') ?? 0) - 7_000) < 300, `${counts.get('a')}`);
    assert.ok((counts.get('c') ?? 0) > 0 && (counts.get('c') ?? 0) < 300, `${counts.get('c')}`);
  });
});

describe('targets that rest', () => {
  const target = (address: string): Destination => ({
    transport: 'udp',
    remote: { address, port: 5060 },
    connection: null,
    serverName: null,
  });

  test('they come last for 30 s, for what Retry-After says, and an hour at most; an answer wakes them', () => {
    const resting = new Resting();
    const [a, b] = [target('192.0.2.1'), target('192.0.2.2')];
    const first = (now: number) => resting.order([a, b], now)[0]?.remote.address;
    resting.rest(a, undefined, 0);
    resting.rest(target('192.0.2.3'), undefined, 0);
    assert.deepEqual([first(29_999), first(30_000)], ['192.0.2.2', '192.0.2.1']);
    resting.rest(a, 4294967295, 0);
    assert.deepEqual([first(3_599_999), first(3_600_000)], ['192.0.2.2', '192.0.2.1']);
    resting.rest(a, 60, 0);
    resting.wake(a);
    assert.equal(first(1), '192.0.2.1');
  });
});
