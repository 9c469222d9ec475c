import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { connectRedis, createRedisBlobs } from '../../gateway/redis/index.ts';
import { createBlobDirectory } from '../../gateway/vault/index.ts';
import { silentLog } from '../postgres.ts';
import { redisMissing, startTestRedis, type TestRedis } from '../servers/redis.ts';
import { newFax } from '../unit/vault/setting.ts';
import { blobStoreConformance, octets } from './blob-store.ts';

blobStoreConformance('a shared directory', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'blobs-'));
  const path = join(directory, 'vault');
  const end = async () => {
    const left = await readdir(directory, { recursive: true });
    assert.ok(!left.some((name) => name.endsWith('.part')));
    await rm(directory, { recursive: true });
  };
  return { store: createBlobDirectory(path), another: createBlobDirectory(path), end };
});

describe('sealed objects in Redis', { skip: (await redisMissing()) ?? false }, () => {
  let server: TestRedis;
  let made = 0;
  const ends: (() => Promise<void>)[] = [];
  const connect = (url: string, keyPrefix: string) => {
    const redis = connectRedis({ url, options: { keyPrefix }, log: silentLog });
    ends.push(() => redis.close());
    return redis;
  };
  before(async () => {
    server = await startTestRedis();
  });
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });
  after(() => server.stop());

  blobStoreConformance('Redis', async () => {
    const prefix = `${server.prefix}-${made++}`;
    const [one, two] = [connect(server.url, prefix), connect(server.url, prefix)];
    const end = async () => {
      // No chunk outlives the object that it belongs to.
      for (const fax of await faxesIn(one)) await createRedisBlobs({ redis: one }).removeFax(fax);
      assert.deepEqual(await one.ask('KEYS', `${prefix}:{fax_*`), []);
      for (const close of ends.splice(0)) await close();
    };
    return { store: createRedisBlobs({ redis: one }), another: createRedisBlobs({ redis: two }), end };
  });

  test('everything ends by itself', async () => {
    const prefix = `${server.prefix}-${made++}`;
    const redis = connect(server.url, prefix);
    const fax = newFax();
    const chunks = async function* () {
      yield octets(600_000);
    };
    await createRedisBlobs({ redis, life: 5_000 }).write(fax, 'page/1', chunks());
    const keys = await redis.ask('KEYS', `${prefix}:{fax_*`);
    assert.ok(Array.isArray(keys) && keys.length === 4);
    for (const key of [...keys, redis.key('vault')]) {
      const left = Number(await redis.ask('PTTL', String(key)));
      assert.ok(left > 0 && left <= 5_000, String(key));
    }
  });
});

describe('a Redis that is full', { skip: (await redisMissing({ own: true })) ?? false }, () => {
  test('answers storage_full, keeps nothing of the attempt, and can still be wiped', async () => {
    const server = await startTestRedis(['--maxmemory', '8mb']);
    const redis = connectRedis({ url: server.url, log: silentLog });
    try {
      const store = createRedisBlobs({ redis });
      const [fax, other] = [newFax(), newFax()];
      const chunks = async function* (count: number) {
        for (let number = 0; number < count; number++) yield octets(262_144);
      };
      await store.write(fax, 'page/1', chunks(4));
      await assert.rejects(store.write(other, 'page/1', chunks(64)), { code: 'storage_full' });
      assert.equal(await store.absent(other), true);
      assert.equal(await store.length(fax, 'page/1'), 4 * 262_144);
      await redis.ask('CONFIG', 'SET', 'maxmemory', '1mb');
      await assert.rejects(store.write(other, 'page/1', chunks(1)), { code: 'storage_full' });
      assert.equal(await store.removeFax(fax), true);
      assert.equal(await store.absent(fax), true);
    } finally {
      await redis.close();
      await server.stop();
    }
  });
});

async function faxesIn(redis: ReturnType<typeof connectRedis>) {
  const found = [];
  for await (const fax of createRedisBlobs({ redis }).faxes()) found.push(fax);
  return found;
}
