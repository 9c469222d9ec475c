import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { hex, newKey } from '../../crypto/index.ts';
import { createMemorySessions } from '../../gateway/access/index.ts';
import type { Clock } from '../../gateway/ports/clock.ts';
import { connectRedis, createRedisSessions, RedisError } from '../../gateway/redis/index.ts';
import { systemClock } from '../../ops/system-clock.ts';
import { silentLog } from '../postgres.ts';
import { redisMissing, startTestRedis, type TestRedis } from '../servers/redis.ts';
import { HandClock } from '../unit/vault/setting.ts';
import {
  addSession,
  assertEnded,
  newSession,
  sessionStoreConformance,
  T0,
  TEST_LIMITS,
  untilEnded,
} from './session-store.ts';

sessionStoreConformance('memory', async () => {
  const store = createMemorySessions(new HandClock(), TEST_LIMITS);
  return { store, another: store, end: async () => store.close() };
});

const skip = (await redisMissing()) ?? false;

describe('sessions in Redis', { skip }, () => {
  const rootKey = newKey();
  const ends: (() => Promise<void>)[] = [];
  let server: TestRedis;
  /** A gateway of its own connection; `clock` says when it looks after what it holds. */
  const gateway = (key = rootKey, clock: Clock = systemClock) => {
    const redis = connectRedis({ url: server.url, options: { keyPrefix: server.prefix }, log: silentLog });
    const store = createRedisSessions({ redis, rootKey: key, limits: TEST_LIMITS, clock, log: silentLog });
    ends.unshift(
      () => store.close(),
      () => redis.close(),
    );
    return { redis, store };
  };
  const end = async () => {
    for (const one of ends.splice(0)) await one();
  };
  before(async () => {
    server = await startTestRedis();
  });
  beforeEach(async () => {
    if (server.own) await server.command('FLUSHALL');
  });
  afterEach(end);
  after(() => server.stop());

  sessionStoreConformance('Redis, two gateways', async () => {
    return { store: gateway().store, another: gateway().store, end };
  });

  test('no key and no log-in stands in Redis in clear', async () => {
    const { redis, store } = gateway();
    const { c2s, s2c, th, sid } = await addSession(store, 'usr_secret');
    const fields = await redis.ask('HGETALL', redis.key('session', hex(sid)));
    const octets = Buffer.concat((Array.isArray(fields) ? fields : []).filter((field) => Buffer.isBuffer(field)));
    assert.ok(octets.length > 300);
    for (const secret of [c2s, s2c, th, Buffer.from('usr_secret')]) assert.equal(octets.indexOf(secret), -1);
  });

  test('what was sealed elsewhere, for another session or with other facts opens nothing', async () => {
    const { redis, store } = gateway();
    const [mine, other] = [await addSession(store, 'usr_a'), await addSession(store, 'usr_b')];
    const stranger = gateway(newKey()).store;
    assert.equal(await stranger.get(mine.sid, T0), undefined);
    const key = redis.key('session', hex(mine.sid));
    const [k, l] = (await redis.ask('HMGET', redis.key('session', hex(other.sid)), 'k', 'l')) as Buffer[];
    assert.ok(k && l);
    await redis.ask('HSET', key, 'l', l);
    const reader = gateway().store;
    assert.equal((await reader.get(mine.sid, T0))?.login, null, "another session's log-in");
    await redis.ask('HSET', key, 'f', `P521-HKDF512-A256GCM ${T0} ${T0 * 2}`);
    assert.equal(await gateway().store.get(mine.sid, T0), undefined, 'a longer life');
    await redis.ask('HSET', key, 'f', `P521-HKDF512-A256GCM ${T0} ${mine.expiresAt}`, 'k', k);
    assert.equal(await gateway().store.get(mine.sid, T0), undefined, "another session's keys");
  });

  test('a session that ended while no message came through is found by the next look', async () => {
    const clock = new HandClock();
    const one = await addSession(gateway(rootKey, clock).store, 'usr_a');
    const { redis } = gateway();
    await redis.ask('DEL', redis.key('session', hex(one.sid)));
    clock.forward(2_000);
    await untilEnded(one);
    assertEnded(one);
  });

  test('everything in Redis has an end', async () => {
    const { redis, store } = gateway();
    await addSession(store, 'usr_a');
    await addSession(store);
    const keys = (await redis.ask('KEYS', `${redis.prefix}:*`)) as Buffer[];
    assert.equal(keys.length, 5);
    for (const key of keys) assert.ok(Number(await redis.ask('PTTL', key)) > 0, String(key));
  });

  test('an absent Redis is an error in seconds, and sessions go on when it is back', async (t) => {
    if (!server.own) return t.skip('the server is not ours');
    const { store } = gateway();
    const one = await addSession(store, 'usr_a');
    await server.kill();
    await assert.rejects(store.get(one.sid, T0), { code: 'unavailable' });
    await assert.rejects(store.endWhere({ user: one.login?.user ?? assert.fail() }), { code: 'unavailable' });
    assertEnded(one);
    const lost = newSession();
    await assert.rejects(store.add(lost), { code: 'unavailable' });
    assert.ok(
      lost.c2s.every((octet) => octet === 0),
      'its keys have gone',
    );
    await server.restart();
    const fresh = await untilAnswered(() => addSession(store, 'usr_a'));
    assert.ok(await store.get(fresh.sid, T0));
  });

  test('a Redis that came back empty ends the sessions that were held', async (t) => {
    if (!server.own) return t.skip('the server is not ours');
    const one = await addSession(gateway(rootKey, new HandClock()).store, 'usr_a');
    await server.kill();
    await server.restart();
    await untilEnded(one);
    assertEnded(one);
  });
});

/** `ask` again until Redis answers. */
async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof RedisError)) throw error;
    }
  }
}
