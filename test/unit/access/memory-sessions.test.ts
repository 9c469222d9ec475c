import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemorySessions, SESSION_LIMITS } from '../../../gateway/access/index.ts';
import { addSession, assertEnded, T0 } from '../../conformance/session-store.ts';
import { HandClock } from '../vault/setting.ts';

describe('sessions in memory', () => {
  test('are found and zeroed by the sweep when nobody asks for them', async () => {
    const clock = new HandClock();
    const store = createMemorySessions(clock, SESSION_LIMITS);
    const one = await addSession(store);
    assert.equal(clock.now(), T0);
    clock.forward(29_999);
    assert.ok(!one.ended.aborted);
    clock.forward(10_001);
    assertEnded(one);
    assert.equal(store.count(), 0);
    assert.equal(clock.timers, 0, 'nothing is left to sweep');
  });

  test('all end when the store is closed', async () => {
    const clock = new HandClock();
    const store = createMemorySessions(clock, SESSION_LIMITS);
    const all = [await addSession(store, 'usr_a'), await addSession(store)];
    store.close();
    for (const one of all) assertEnded(one);
    assert.equal(clock.timers, 0);
  });
});
