import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { connectRedis, type Redis, RedisError, redisFindings } from '../../../gateway/redis/index.ts';
import { silentLog } from '../../postgres.ts';
import { redisMissing, startTestRedis } from '../../servers/redis.ts';

const levels = async (redis: Pick<Redis, 'askEach'>) =>
  Object.fromEntries((await redisFindings(redis)).map(({ code, level }) => [code, level]));

describe('what the host report says of Redis', { skip: (await redisMissing({ own: true })) ?? false }, () => {
  const cases = [
    [
      'a server as it should be',
      [],
      { redis_persistence: 'green', redis_replicas: 'green', redis_eviction: 'green', redis_version: 'green' },
    ],
    ['snapshots', ['--save', '3600 1'], { redis_persistence: 'red' }],
    ['an append-only file', ['--appendonly', 'yes'], { redis_persistence: 'red' }],
    ['eviction', ['--maxmemory-policy', 'allkeys-lru'], { redis_eviction: 'red' }],
    [
      'CONFIG that is forbidden',
      ['--rename-command', 'CONFIG', ''],
      { redis_persistence: 'yellow', redis_eviction: 'green' },
    ],
    [
      'an append-only file behind a CONFIG that is forbidden',
      ['--rename-command', 'CONFIG', '', '--appendonly', 'yes'],
      { redis_persistence: 'red' },
    ],
  ] as const;
  for (const [name, settings, expected] of cases) {
    test(name, async () => {
      const server = await startTestRedis(settings, { own: true });
      const redis = connectRedis({ url: server.url, log: silentLog });
      try {
        assert.partialDeepStrictEqual(await levels(redis), expected);
      } finally {
        await redis.close();
        await server.stop();
      }
    });
  }

  test('one snapshot that was written by hand is enough', async () => {
    const server = await startTestRedis(['--rename-command', 'CONFIG', ''], { own: true });
    const redis = connectRedis({ url: server.url, log: silentLog });
    try {
      await redis.ask('BGSAVE');
      while ((await levels(redis)).redis_persistence !== 'red') await new Promise((resolve) => setImmediate(resolve));
    } finally {
      await redis.close();
      await server.stop();
    }
  });
});

describe('of several nodes', () => {
  /** Nodes that answer INFO and CONFIG GET as these fields say; null: CONFIG is forbidden. */
  const nodes = (...all: { info: string; config: Record<string, string> | null }[]): Pick<Redis, 'askEach'> => ({
    askEach: async (command, _get, name) =>
      all.map(({ info, config }) => {
        if (command === 'INFO') return Buffer.from(info);
        if (config === null) throw new RedisError('unavailable', 'no');
        const value = config[String(name)];
        return value === undefined ? [] : [Buffer.from(String(name)), Buffer.from(value)];
      }),
  });
  const good = { save: '', appendonly: 'no', 'maxmemory-policy': 'noeviction', 'repl-diskless-sync': 'yes' };
  const plain = { info: 'connected_slaves:0\r\n', config: good };

  test('one that is too old counts, and Valkey says what Redis it speaks like', async () => {
    const of = (...versions: string[]) =>
      nodes(...versions.map((one) => ({ ...plain, info: `${one}\r\nconnected_slaves:0\r\n` })));
    const [old, oldest, valkey] = [
      'redis_version:6.0.16',
      'redis_version:6.2.0',
      'redis_version:7.2.4\r\nserver_name:valkey',
    ];
    assert.equal((await levels(of(old))).redis_version, 'red');
    assert.equal((await levels(of(oldest, old))).redis_version, 'red');
    assert.equal((await levels(of('redis_version:10.0.1', oldest, valkey))).redis_version, 'green');
    assert.equal((await levels(of('redis_version:5.0.14'))).redis_version, 'red');
    assert.equal((await levels(of(oldest, 'redis_mode:standalone'))).redis_version, 'yellow');
  });

  test('the worst one counts', async () => {
    const saving = { ...plain, config: { ...good, save: '60 1' } };
    assert.equal((await levels(nodes(plain, plain))).redis_persistence, 'green');
    assert.equal((await levels(nodes(plain, saving))).redis_persistence, 'red');
  });
  test('replicas are a warning, and a red line when they are filled through a file', async () => {
    const followed = { info: '# Replication\r\nconnected_slaves:1\r\n', config: good };
    assert.equal((await levels(nodes(plain, followed))).redis_replicas, 'yellow');
    const diskful = { ...followed, config: { ...good, 'repl-diskless-sync': 'no' } };
    assert.equal((await levels(nodes(diskful))).redis_replicas, 'red');
  });
  test('a service that answers neither is yellow throughout', async () => {
    const closed = { info: 'connected_slaves:0\r\n', config: null };
    assert.deepEqual(await levels(nodes(closed)), {
      redis_persistence: 'yellow',
      redis_replicas: 'green',
      redis_eviction: 'yellow',
      redis_version: 'yellow',
    });
    const hidden = { info: 'connected_slaves:0\r\n', config: {} };
    assert.equal((await levels(nodes(hidden))).redis_persistence, 'yellow');
  });
});
