import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createHelloGate } from '../../../api/transport/hello-gate.ts';

const clockAt = (clock: { time: number }) => ({
  now: () => clock.time,
  monotonic: () => clock.time,
  after: () => () => undefined,
});

describe('the gate before the handshake', () => {
  test('lets a burst through, then as many as the rate allows, and says how long to wait', () => {
    const clock = { time: 0 };
    const gate = createHelloGate(clockAt(clock), { burst: 30, perMinute: 10 });
    for (let hello = 0; hello < 30; hello++) gate.enter('192.0.2.1');
    assert.throws(() => gate.enter('192.0.2.1'), { code: 'rate_limited', retryAfter: 6 });
    gate.enter('192.0.2.2');
    clock.time += 6_000;
    gate.enter('192.0.2.1');
    assert.throws(() => gate.enter('192.0.2.1'), { code: 'rate_limited' });
    clock.time += 3_600_000;
    for (let hello = 0; hello < 30; hello++) gate.enter('192.0.2.1');
    assert.throws(() => gate.enter('192.0.2.1'), { code: 'rate_limited' });
  });

  test('counts a whole IPv6 /64 as one caller', () => {
    const gate = createHelloGate(clockAt({ time: 0 }), { burst: 1, perMinute: 1 });
    gate.enter('2001:db8::1');
    assert.throws(() => gate.enter('2001:db8::ffff:1'), { code: 'rate_limited' });
    gate.enter('2001:db8:0:1::1');
  });

  test('remembers for 24 hours who logged in', () => {
    const clock = { time: 0 };
    const gate = createHelloGate(clockAt(clock), { burst: 1, perMinute: 1 });
    assert.ok(!gate.isKnown('192.0.2.1'));
    gate.know('192.0.2.1');
    clock.time += 24 * 3_600_000 - 1;
    assert.ok(gate.isKnown('192.0.2.1'));
    clock.time += 1;
    assert.ok(!gate.isKnown('192.0.2.1'));
  });
});
