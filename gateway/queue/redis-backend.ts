import { Queue, Worker } from 'bullmq';
import type { Log } from '../ports/log.ts';
import { answered, connectTo, type RedisAddress, type RedisClient } from '../redis/address.ts';
import { type Backend, ONCE, RING_WITHIN, type Ring } from './backend.ts';
import { createComplaint } from './complaint.ts';
import { ASK_AGAIN, keepWorker } from './ring-worker.ts';

/** BullMQ tells of each job in a stream that nobody here reads; it keeps about so many entries. */
const EVENTS_KEPT = 100;

/** BullMQ on Redis: the bell of a cluster. A Redis that comes back empty has forgotten rings; the poller finds that work. */
export function openRedisBackend(address: RedisAddress, log: Log): Backend {
  const complain = createComplaint(log);
  const heard = (client: RedisClient): RedisClient => client.on('error', () => undefined);
  // A ring fails at once while there is no connection, rather than to be kept in memory for later.
  const rings = heard(
    connectTo(address, { commandTimeout: RING_WITHIN, maxRetriesPerRequest: null, enableOfflineQueue: false }),
  );
  const { prefix } = address;
  const ready = firstReady(rings);
  return {
    prepare: () => answered(RING_WITHIN, ready),
    queue: (name) => {
      const streams = { events: { maxLen: EVENTS_KEPT } };
      const queue = new Queue<Ring>(name, { connection: rings, prefix, streams });
      queue.on('error', complain);
      return {
        add: async (ring, { delay, priority }) => {
          await queue.add(name, ring, { delay, priority, ...ONCE });
        },
        close: () => queue.close(),
      };
    },
    worker: (name, concurrency, handle) =>
      keepWorker((broken) => {
        // A worker waits for as long as it takes: BullMQ asks for connections without a limit of attempts.
        const connection = heard(connectTo(address, { maxRetriesPerRequest: null }));
        const worker = new Worker<Ring>(name, (job) => handle(job.data.id), {
          connection,
          prefix,
          concurrency,
          maxStalledCount: 0,
          runRetryDelay: ASK_AGAIN,
        });
        worker.on('error', (error) => {
          complain(error);
          broken();
        });
        return { close: (force) => worker.close(force).finally(() => connection.disconnect()) };
      }),
    check: async () => {
      await rings.ping();
    },
    close: async () => rings.disconnect(),
  };
}

/** Resolves when `client` is connected for the first time. */
function firstReady(client: RedisClient): Promise<void> {
  return new Promise((resolve) => {
    client.once('ready', () => resolve());
  });
}
