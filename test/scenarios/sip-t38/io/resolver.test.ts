import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DnsCache } from '../../../../carrier-adapters/sip-t38/io/resolver.ts';
import type { Clock } from '../../../../gateway/ports/clock.ts';

const clock: Clock = { now: () => 0, monotonic: () => 0, after: () => () => {} };
const BOTH = { v4: true, v6: true };

describe('names', () => {
  test('an address is its own, in the families that our sockets have', async () => {
    const faults: string[] = [];
    const v4 = new DnsCache(clock, (fault) => faults.push(fault), { v4: true, v6: false });
    assert.deepEqual(await v4.addresses('192.0.2.1'), ['192.0.2.1']);
    assert.deepEqual(await v4.addresses('2001:db8::1'), []);
    assert.deepEqual(await new DnsCache(clock, () => {}, BOTH).addresses('2001:db8::1'), ['2001:db8::1']);
    assert.deepEqual(faults, []);
  });

  test('what the host knows itself is found without a server', async () => {
    const cache = new DnsCache(clock, () => {}, { v4: true, v6: false });
    assert.deepEqual(await cache.addresses('localhost'), ['127.0.0.1']);
  });

  test('a name that cannot be one has neither services nor addresses', async () => {
    const cache = new DnsCache(clock, () => {}, BOTH);
    const name = `${'x'.repeat(64)}.invalid`;
    assert.deepEqual([await cache.services(name), await cache.addresses(name)], [[], []]);
  });

  test('those who ask at once wait for one answer, and it is kept', async () => {
    const cache = new DnsCache(clock, () => {}, { v4: true, v6: false });
    const first = cache.addresses('localhost');
    const second = cache.addresses('localhost');
    assert.equal(await first, await second);
    assert.equal(await cache.addresses('localhost'), await first);
  });
});
