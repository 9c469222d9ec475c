import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { JobQueue } from '../../gateway/ports/job-queue.ts';

/** A queue, another one on the same backend, and the end of both. */
export interface QueueBackend {
  readonly queue: JobQueue;
  another(): JobQueue;
  stop(): Promise<void>;
}

/** Collects what is heard; `until(n)` resolves when n rings have been. */
export function ear(): {
  readonly ids: string[];
  hear(id: string): Promise<void>;
  until(count: number): Promise<void>;
} {
  const ids: string[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  return {
    ids,
    hear: async (id) => {
      ids.push(id);
      for (const one of waiting) if (ids.length >= one.count) one.resolve();
    },
    until: (count) =>
      new Promise((resolve) => (ids.length >= count ? resolve() : void waiting.push({ count, resolve }))),
  };
}

/** The contract of JobQueue; every backend passes it. */
export function jobQueueConformance(name: string, makeQueue: () => Promise<QueueBackend>): void {
  describe(`JobQueue on ${name}`, () => {
    let backend: QueueBackend;
    before(async () => {
      backend = await makeQueue();
    });
    after(() => backend.stop());

    test('a ring before anyone hears is kept, and the higher priority is heard first', async () => {
      const { queue } = backend;
      for (const priority of [0, 9, 4]) await queue.ring('render', `fax_${priority}`, { priority });
      const heard = ear();
      await queue.hear('render', 1, heard.hear);
      await heard.until(3);
      assert.deepEqual(heard.ids, ['fax_9', 'fax_4', 'fax_0']);
    });
    test('each ring is heard once by one of several, and a delayed one not before its time', async () => {
      const heard = ear();
      const other = backend.another();
      let lateAt = 0;
      const hear = (id: string) => {
        if (id === 'late') lateAt = performance.now();
        return heard.hear(id);
      };
      await backend.queue.hear('dial', 2, hear);
      await other.hear('dial', 2, hear);
      const rungAt = performance.now();
      await backend.queue.ring('dial', 'late', { delay: 300 });
      for (let count = 0; count < 20; count++) await other.ring('dial', `fax_${count}`);
      await heard.until(21);
      await other.stop();
      await other.close();
      assert.equal(new Set(heard.ids).size, 21);
      assert.ok(lateAt - rungAt >= 295, 'clocks of server and process may differ by a few ms');
    });
    test('a handler that throws is not rung again, and the next one is heard', async () => {
      const heard = ear();
      const other = backend.another();
      await other.hear('deliver', 1, async (id) => {
        await heard.hear(id);
        throw new Error('a fault');
      });
      await other.ring('deliver', 'a');
      await heard.until(1);
      await other.ring('deliver', 'b');
      await heard.until(2);
      assert.deepEqual(heard.ids, ['a', 'b']);
      await other.stop();
      await other.close();
    });
    test('stop waits for running handlers', async () => {
      const other = backend.another();
      const started = Promise.withResolvers<void>();
      const finish = Promise.withResolvers<void>();
      let finished = false;
      await other.hear('deliver', 1, async () => {
        started.resolve();
        await finish.promise;
        finished = true;
      });
      await other.ring('deliver', 'x');
      await started.promise;
      const stopped = other.stop();
      finish.resolve();
      await stopped;
      assert.ok(finished);
      await other.close();
    });
    test('check answers', async () => {
      await backend.queue.check();
    });
  });
}
