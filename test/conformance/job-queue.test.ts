import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../../gateway/ports/log.ts';
import { createJobQueue } from '../../gateway/queue/index.ts';
import { silentLog, testDatabases } from '../postgres.ts';
import { redisMissing, startTestRedis, type TestRedis } from '../servers/redis.ts';
import { ear, jobQueueConformance } from './job-queue.ts';

for (const database of await testDatabases()) {
  jobQueueConformance(`BullMQ, ${database.name}`, async () => {
    const postgres = await database.start();
    const another = () => createJobQueue({ connection: { kind: 'postgres', config: postgres.config }, log: silentLog });
    const queue = another();
    return {
      queue,
      another,
      stop: async () => {
        await queue.stop();
        await queue.close();
        await postgres.stop();
      },
    };
  });
}

const skip = (await redisMissing()) ?? false;
const away = { kind: 'redis', url: 'unix:///nonexistent/redis.sock' } as const;

describe('on Redis', { skip }, () => {
  let redis: TestRedis;
  const connection = () => ({ kind: 'redis', url: redis.url, options: { keyPrefix: redis.prefix } }) as const;
  const open = (log = silentLog) => createJobQueue({ connection: connection(), log });
  before(async () => {
    redis = await startTestRedis();
  });
  after(() => redis.stop());

  jobQueueConformance('BullMQ, Redis', async () => {
    const queue = open();
    return {
      queue,
      another: open,
      stop: async () => {
        await queue.stop();
        await queue.close();
      },
    };
  });

  test('a server that was killed, came back empty and was flushed is heard again', { timeout: 60_000 }, async (t) => {
    if (!redis.own) return t.skip('the server is not ours');
    const queue = open();
    const heard = ear();
    /** Whatever rings are lost: in the end one is heard. */
    const again = async (id: string) => {
      while (!heard.ids.includes(id)) await Promise.all([queue.ring('dial', id), pause(20)]);
    };
    try {
      await queue.hear('dial', 1, heard.hear);
      await again('before');
      await redis.kill();
      await assert.rejects(queue.check());
      await queue.ring('dial', 'nobody');
      await redis.restart();
      await again('after');
      await redis.command('FLUSHALL');
      await again('flushed');
      assert.ok(!heard.ids.includes('nobody'), 'a ring into the void is not kept');
    } finally {
      await queue.stop();
      await queue.close();
    }
  });
  test('a server that hangs does not hold up a ring', { timeout: 30_000 }, async (t) => {
    if (!redis.own) return t.skip('the server is not ours');
    const warnings: string[] = [];
    const queue = open({ ...silentLog, warn: (_, text) => void warnings.push(text) });
    await queue.ring('render', 'one');
    redis.pause();
    await queue.ring('render', 'two');
    redis.resume();
    assert.deepEqual(warnings, ['the bell was not rung; the poller finds the work']);
    await queue.close();
  });
});

describe('a queue whose server is away', () => {
  const postgres = { kind: 'postgres', config: { host: '/nonexistent', user: 'x', database: 'x' } } as const;
  for (const connection of [postgres, away])
    test(`ring logs and returns; check throws (${connection.kind})`, async () => {
      const warnings: string[] = [];
      const log: Log = { ...silentLog, warn: (_, text) => void warnings.push(text) };
      const queue = createJobQueue({ connection, log });
      await queue.ring('dial', 'fax_1');
      assert.deepEqual(warnings, ['the bell was not rung; the poller finds the work']);
      await assert.rejects(queue.check());
      await queue.stop();
      await queue.close();
    });
  test('works again when the server is back', async () => {
    const [database] = await testDatabases();
    assert.ok(database);
    const postgres = await database.start();
    const pid = postgres.embedded?.pid ?? 0;
    const queue = createJobQueue({ connection: { kind: 'postgres', config: postgres.config }, log: silentLog });
    try {
      const heard = ear();
      await queue.hear('dial', 1, heard.hear);
      await queue.ring('dial', 'before');
      await heard.until(1);
      process.kill(pid, 'SIGKILL');
      // Whatever rings are lost: in the end one is heard.
      while (heard.ids.length < 2) await Promise.all([queue.ring('dial', 'after'), pause(20)]);
      assert.equal(heard.ids[1], 'after');
    } finally {
      await queue.stop();
      await queue.close();
      await postgres.stop();
    }
  });
});
