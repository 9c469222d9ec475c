import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { newKey } from '../../../crypto/index.ts';
import { createJobQueue } from '../../../gateway/queue/index.ts';
import {
  connectRedis,
  createRedisBlobs,
  createRedisEpochs,
  createRedisSessions,
  type Redis,
  redisFindings,
} from '../../../gateway/redis/index.ts';
import { systemClock } from '../../../ops/system-clock.ts';
import { ear } from '../../conformance/job-queue.ts';
import { addSession, newSession, T0, TEST_LIMITS, untilEnded } from '../../conformance/session-store.ts';
import { silentLog } from '../../postgres.ts';
import { redisMissing, startTestRedis, type TestRedis } from '../../servers/redis.ts';
import { MemoryVaultRecords } from '../vault/memory-records.ts';
import { collect, newFax } from '../vault/setting.ts';

// A node of a Redis Cluster refuses commands and scripts whose keys do not share a hash slot, even when it owns them all.

describe('a Redis Cluster', { skip: (await redisMissing({ own: true })) ?? false, timeout: 30_000 }, () => {
  let server: TestRedis;
  let redis: Redis;
  let url: string;
  const options = { cluster: true };
  before(async () => {
    const [port, bus] = [await freePort(), await freePort()];
    url = `redis://127.0.0.1:${port}`;
    const settings = { 'cluster-enabled': 'yes', bind: '127.0.0.1', port, 'cluster-port': bus };
    const all = Object.entries({ ...settings, 'cluster-announce-ip': '127.0.0.1' });
    const words = all.flatMap(([name, value]) => [`--${name}`, `${value}`]);
    server = await startTestRedis(words, { own: true });
    await server.command('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    while (!(await server.command('CLUSTER', 'INFO')).includes('cluster_state:ok')) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    redis = connectRedis({ url, options, log: silentLog });
  });
  after(async () => {
    await redis.close();
    await server.stop();
  });

  test('carries sessions', async (t) => {
    const shared = { rootKey: newKey(), limits: TEST_LIMITS, clock: systemClock, log: silentLog };
    const other = connectRedis({ url, options, log: silentLog });
    const [here, there] = [createRedisSessions({ ...shared, redis }), createRedisSessions({ ...shared, redis: other })];
    t.after(async () => {
      await Promise.all([here.close(), there.close()]);
      await other.close();
    });
    const one = await addSession(here, 'usr_a');
    const same = (await there.get(one.sid, T0)) ?? assert.fail();
    assert.equal(await there.mark(one.sid, 1), true);
    // One more than there is room for: which of those of the same moment has to go is nobody's business here.
    for (let at = 0; at <= TEST_LIMITS.pending; at++) await here.add(newSession());
    assert.equal(await here.endWhere({ user: one.login?.user ?? assert.fail() }), 1);
    await untilEnded(same);
  });

  test('carries key epochs', async (t) => {
    const records = new MemoryVaultRecords();
    const store = await createRedisEpochs({ redis, rootKey: newKey(), records, clock: systemClock, log: silentLog });
    t.after(() => store.close());
    await store.create(1, 1);
    await store.destroy(1);
    assert.equal(await store.get(1), undefined);
  });

  test('carries sealed objects', async () => {
    const blobs = createRedisBlobs({ redis });
    const faxes = [newFax(), newFax()];
    const chunks = async function* () {
      yield new Uint8Array(600_000);
    };
    for (const fax of faxes) {
      await blobs.write(fax, 'page/1', chunks());
      await blobs.write(fax, 'page/1', chunks());
      assert.equal((await collect(blobs.read(fax, 'page/1', new AbortController().signal))).length, 600_000);
      assert.equal(await blobs.removeFax(fax), true);
    }
  });

  test('carries the bell', async (t) => {
    const queue = createJobQueue({ connection: { kind: 'redis', url, options }, log: silentLog });
    t.after(() => queue.stop().then(() => queue.close()));
    const heard = ear();
    await queue.ring('dial', 'one', { priority: 4 });
    await queue.hear('dial', 1, heard.hear);
    await heard.until(1);
  });

  test('is looked at by the host report', async () => {
    assert.deepEqual(
      (await redisFindings(redis)).map(({ level }) => level),
      ['green', 'green', 'green', 'green'],
    );
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject()));
    });
  });
}
