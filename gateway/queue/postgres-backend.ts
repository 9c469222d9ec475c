import { createPostgresBackend, isPgPool, type PgPool, runMigrations, withBackend } from 'bullmq';
import pg from 'pg';
import type { Log } from '../ports/log.ts';
import { type Backend, ONCE, RING_WITHIN, type Ring } from './backend.ts';
import { createComplaint } from './complaint.ts';
import { ASK_AGAIN, keepWorker } from './ring-worker.ts';

/** BullMQ's tables have a schema of their own, of this name, which its backend expects on a pool that it is handed. */
const SCHEMA = 'bullmq';
/** Each of three workers holds one connection to listen; the rest is for short statements. */
const CONNECTIONS = 10;

/** BullMQ on PostgreSQL: the bell of a gateway without Redis. */
export function openPostgresBackend(config: pg.PoolConfig, log: Log): Backend {
  const options = `${config.options ?? ''} -c search_path=${SCHEMA}`.trim();
  const pool = new pg.Pool({
    ...config,
    options,
    max: CONNECTIONS,
    keepAlive: true,
    connectionTimeoutMillis: RING_WITHIN,
  });
  pool.on('error', (error) => log.warn({ reason: error.message }, 'a queue connection broke'));
  pool.on('connect', (client) => client.on('error', () => undefined));
  const connection = asBullPool(pool);
  const { Queue, Worker } = withBackend(createPostgresBackend);
  const complain = createComplaint(log);
  return {
    prepare: () => migrate(pool),
    queue: (name) => {
      const queue = new Queue<Ring>(name, { connection });
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
        const worker = new Worker<Ring>(name, (job) => handle(job.data.id), {
          connection,
          concurrency,
          maxStalledCount: 0,
          runRetryDelay: ASK_AGAIN,
        });
        worker.on('error', (error) => {
          complain(error);
          broken();
        });
        return worker;
      }),
    check: async () => {
      await pool.query('select 1');
    },
    close: () => {
      // Connections take a moment to close; a server that ends meanwhile is no news.
      pool.removeAllListeners('error').on('error', () => undefined);
      return pool.end();
    },
  };
}

/** BullMQ's own description of a pool differs from pg's in overloads only; its guard decides. */
function asBullPool(pool: unknown): PgPool {
  if (!isPgPool(pool)) throw new Error('bullmq does not take this release of pg');
  return pool;
}

async function migrate(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await runMigrations(client, SCHEMA);
  } finally {
    client.release();
  }
}
