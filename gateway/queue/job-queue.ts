import type { Bell, JobQueue } from '../ports/job-queue.ts';
import type { Log } from '../ports/log.ts';
import { parseRedisAddress } from '../redis/address.ts';
import type { Backend, QueueConnection, RingQueue, RingWorker } from './backend.ts';
import { openPostgresBackend } from './postgres-backend.ts';
import { openRedisBackend } from './redis-backend.ts';

/** Ours: 9 is heard first. BullMQ: 1 is heard first, and 0 stands outside of the order. */
const FIRST = 10;

/**
 * The door bell on BullMQ. A ring is tried once and never repeated (`attempts: 1`, `maxStalledCount: 0`): BullMQ's own
 * repeats dial twice when a worker stalls, and whoever is rung claims in the records anyway.
 *
 * @throws RedisError address
 */
export function createJobQueue(options: { readonly connection: QueueConnection; readonly log: Log }): JobQueue {
  const { log } = options;
  const backend = openBackend(options.connection, log);
  const ready = onceDone(() => backend.prepare());
  const queues = new Map<Bell, RingQueue>();
  const workers: RingWorker[] = [];
  const running = new Set<Promise<void>>();
  return {
    ring: async (bell, id, { delay = 0, priority = 0 } = {}) => {
      try {
        await ready();
        const ring = { delay: Math.max(0, Math.ceil(delay)), priority: FIRST - rank(priority) };
        await queueOf(backend, queues, bell).add({ id }, ring);
      } catch (error) {
        log.warn({ bell, reason: reasonOf(error) }, 'the bell was not rung; the poller finds the work');
      }
    },
    hear: async (bell, concurrency, handle) => {
      await ready();
      const limited = atMost(concurrency, (id) => heard(bell, id, handle, log));
      workers.push(backend.worker(nameOf(bell), concurrency, (id) => counted(running, limited(id))));
    },
    stop: async () => {
      await Promise.all(workers.splice(0).map((worker) => worker.close()));
      await Promise.all(running);
    },
    close: async () => {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      await backend.close();
    },
    check: () => backend.check(),
  };
}

function openBackend(connection: QueueConnection, log: Log): Backend {
  if (connection.kind === 'postgres') return openPostgresBackend(connection.config, log);
  return openRedisBackend(parseRedisAddress(connection.url, connection.options), log);
}

/** Runs `work` until it has succeeded once; a failure is tried again at the next call. */
function onceDone(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work().catch((error: unknown) => {
      done = undefined;
      throw error;
    });
    return done;
  };
}

function rank(priority: number): number {
  return Math.min(9, Math.max(0, Math.trunc(priority)));
}

function nameOf(bell: Bell): string {
  return `sealfax-${bell}`;
}

function queueOf(backend: Backend, queues: Map<Bell, RingQueue>, bell: Bell): RingQueue {
  const known = queues.get(bell);
  if (known !== undefined) return known;
  const queue = backend.queue(nameOf(bell));
  queues.set(bell, queue);
  return queue;
}

/** A handler that throws is our fault; the work itself is found again by the poller. */
async function heard(bell: Bell, id: string, handle: (id: string) => Promise<void>, log: Log): Promise<void> {
  try {
    await handle(id);
  } catch (error) {
    log.error({ bell, id, reason: reasonOf(error) }, 'a handler of the bell failed');
  }
}

/** Remembers `work` until it has settled. */
function counted(running: Set<Promise<void>>, work: Promise<void>): Promise<void> {
  running.add(work);
  return work.finally(() => running.delete(work));
}

/** `work` with at most `limit` of it at once: a worker that was replaced may have left handlers that still run. */
function atMost(limit: number, work: (id: string) => Promise<void>): (id: string) => Promise<void> {
  const waiting: (() => void)[] = [];
  let active = 0;
  return async (id) => {
    if (active >= limit) await new Promise<void>((resolve) => void waiting.push(resolve));
    active += 1;
    try {
      await work(id);
    } finally {
      active -= 1;
      waiting.shift()?.();
    }
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}
