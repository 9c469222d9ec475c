import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../../gateway/ports/log.ts';
import { createJobQueue } from '../../gateway/queue/index.ts';
import { silentLog, testDatabases } from '../postgres.ts';
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

describe('a queue whose server is away', () => {
  test('ring logs and returns; check throws', async () => {
    const warnings: string[] = [];
    const log: Log = { ...silentLog, warn: (_, text) => void warnings.push(text) };
    const connection = { kind: 'postgres', config: { host: '/nonexistent', user: 'x', database: 'x' } } as const;
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
