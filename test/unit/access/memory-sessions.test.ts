import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { createMemorySessions, SESSION_LIMITS } from '../../../gateway/access/index.ts';
import type { AccountId, UserId } from '../../../gateway/fax/ids.ts';
import type { Clock } from '../../../gateway/ports/clock.ts';
import type { Session } from '../../../gateway/ports/session-store.ts';

/** A clock that a test turns. */
class HandClock implements Clock {
  time = 1_000_000;
  timers: { at: number; run: () => void }[] = [];
  now = () => this.time;
  monotonic = () => this.time;
  after(ms: number, run: () => void): () => void {
    const timer = { at: this.time + ms, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((one) => one !== timer);
    };
  }
  pass(ms: number): void {
    this.time += ms;
    const due = this.timers.filter((timer) => timer.at <= this.time);
    this.timers = this.timers.filter((timer) => timer.at > this.time);
    for (const timer of due) timer.run();
  }
}

const MINUTE = 60_000;
let clock: HandClock;
let sids = 0;

function session(user?: string, account = 'acc_a'): Session {
  const sid = new Uint8Array(16).fill(++sids);
  const key = () => new Uint8Array(64).fill(9);
  const login = {
    realm: 'api' as const,
    account: account as AccountId,
    user: user as UserId,
    device: '',
    tlsIntercepted: 'unknown' as const,
    at: clock.now(),
    stamp: '',
  };
  return {
    sid,
    c2s: key(),
    s2c: key(),
    th: key(),
    suite: 'P521-HKDF512-A256GCM',
    createdAt: clock.now(),
    lastUsedAt: clock.now(),
    expiresAt: clock.now() + 60 * MINUTE,
    login: user === undefined ? null : login,
    loginTried: user !== undefined,
    ended: new AbortController(),
  };
}

function assertEnded(one: Session): void {
  assert.ok(one.ended.signal.aborted);
  for (const key of [one.c2s, one.s2c, one.th]) assert.ok(key.every((byte) => byte === 0));
}

describe('sessions in memory', () => {
  beforeEach(() => {
    clock = new HandClock();
  });

  test('end 30 s after their handshake when nobody logged in', async () => {
    const store = createMemorySessions(clock);
    const one = session();
    await store.add(one);
    assert.equal(await store.get(one.sid, clock.now() + 29_999), one);
    assert.equal(await store.get(one.sid, clock.now() + 30_000), undefined);
    assertEnded(one);
    assert.equal(store.count(), 0);
  });

  test('end after 15 idle minutes and in any case after 60', async () => {
    const store = createMemorySessions(clock);
    const idle = session('usr_a');
    const busy = session('usr_b');
    await store.add(idle);
    await store.add(busy);
    for (let minute = 0; minute < 60; minute += 10) {
      clock.time += 10 * MINUTE;
      if ((await store.get(busy.sid, clock.now())) !== undefined) busy.lastUsedAt = clock.now();
    }
    assert.equal(await store.get(idle.sid, clock.now()), undefined);
    assert.equal(await store.get(busy.sid, clock.now()), undefined);
    assertEnded(idle);
    assertEnded(busy);
  });

  test('are found and zeroed by the sweep when nobody asks for them', async () => {
    const store = createMemorySessions(clock);
    const one = session();
    await store.add(one);
    clock.pass(10_000);
    assert.ok(!one.ended.signal.aborted);
    for (let turn = 0; turn < 3; turn++) clock.pass(10_000);
    assertEnded(one);
    assert.equal(clock.timers.length, 0);
  });

  test('take each sequence number once', async () => {
    const store = createMemorySessions(clock);
    const one = session('usr_a');
    await store.add(one);
    assert.equal(await store.seen(one.sid, 5), false);
    assert.equal(await store.mark(one.sid, 5), true);
    assert.equal(await store.seen(one.sid, 5), true);
    assert.equal(await store.mark(one.sid, 5), false);
    assert.equal(await store.mark(one.sid, 4), true);
    assert.equal(await store.mark(one.sid, 5_000), true);
    assert.equal(await store.mark(one.sid, 3), false);
  });

  test('end after as many messages as the limit says', async () => {
    const store = createMemorySessions(clock, { ...SESSION_LIMITS, messages: 3 });
    const one = session('usr_a');
    await store.add(one);
    for (let seq = 0; seq < 3; seq++) assert.equal(await store.mark(one.sid, seq), true);
    assert.equal(await store.get(one.sid, clock.now()), undefined);
    assertEnded(one);
  });

  test('end by user and by account, and an empty condition ends none', async () => {
    const store = createMemorySessions(clock);
    const [a, b, c, open] = [session('usr_a'), session('usr_b'), session('usr_c', 'acc_b'), session()];
    for (const one of [a, b, c, open]) await store.add(one);
    assert.equal(await store.endWhere({}), 0);
    assert.equal(await store.endWhere({ user: 'usr_a' as UserId }), 1);
    assertEnded(a);
    assert.equal((await store.list({ account: 'acc_a' as AccountId })).length, 1);
    assert.equal(await store.endWhere({ account: 'acc_a' as AccountId }), 1);
    assertEnded(b);
    assert.ok(!c.ended.signal.aborted && !open.ended.signal.aborted);
    store.close();
    assertEnded(c);
    assertEnded(open);
  });

  test('without a log-in push out their oldest, never one that is logged in', async () => {
    const store = createMemorySessions(clock, { ...SESSION_LIMITS, pending: 2 });
    const kept = session('usr_a');
    const pending = [session(), session(), session()];
    for (const one of [kept, ...pending]) await store.add(one);
    assert.ok(!kept.ended.signal.aborted);
    assert.deepEqual(
      pending.map((one) => one.ended.signal.aborted),
      [true, false, false],
    );
  });
});
