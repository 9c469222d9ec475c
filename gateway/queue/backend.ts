import { createPostgresBackend, isPgPool, type PgPool, runMigrations, withBackend } from 'bullmq';
import pg from 'pg';
import type { Log } from '../ports/log.ts';

/** Where the bell hangs: the database that the records live in. A cluster's Redis joins as another `kind` here. */
export interface QueueConnection {
  readonly kind: 'postgres';
  readonly config: pg.PoolConfig;
}

/** A job carries an id and nothing else. */
export interface Ring {
  readonly id: string;
}

/** BullMQ's classes bound to one backend: the only thing that differs between PostgreSQL and Redis. */
export interface Backend {
  /** Makes what the backend needs; may be called again. Throws when it does not answer. */
  prepare(): Promise<void>;
  queue(name: string): RingQueue;
  worker(name: string, concurrency: number, handle: (id: string) => Promise<void>): RingWorker;
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface RingQueue {
  add(ring: Ring, options: { readonly delay: number; readonly priority: number }): Promise<void>;
  close(): Promise<void>;
}

export interface RingWorker {
  /** Resolves when running handlers have returned. */
  close(): Promise<void>;
}

/** Opens the backend that `connection` names. */
export function openBackend(connection: QueueConnection, log: Log): Backend {
  return openPostgresBackend(connection.config, log);
}

/** BullMQ's tables have a schema of their own, of this name, which its backend expects on a pool that it is handed. */
const SCHEMA = 'bullmq';
/** Each of three workers holds one connection to listen; the rest is for short statements. */
const CONNECTIONS = 10;
/** An unreachable server is given up after this time in ms: the poller covers the ring. */
const CONNECT_WITHIN = 3_000;
/** After an error a worker begins anew in this time in ms. */
const ASK_AGAIN = 1_000;

function openPostgresBackend(config: pg.PoolConfig, log: Log): Backend {
  const options = `${config.options ?? ''} -c search_path=${SCHEMA}`.trim();
  const pool = new pg.Pool({
    ...config,
    options,
    max: CONNECTIONS,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_WITHIN,
  });
  pool.on('error', (error) => log.warn({ reason: error.message }, 'a queue connection broke'));
  pool.on('connect', (client) => client.on('error', () => undefined));
  const connection = asBullPool(pool);
  const { Queue, Worker } = withBackend(createPostgresBackend);
  const complain = (error: Error): void => log.warn({ reason: error.message }, 'the job queue does not answer');
  return {
    prepare: () => migrate(pool),
    queue: (name) => {
      const queue = new Queue<Ring>(name, { connection });
      queue.on('error', complain);
      return {
        add: async (ring, { delay, priority }) => {
          await queue.add(name, ring, { delay, priority, attempts: 1, removeOnComplete: true, removeOnFail: true });
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

/** The part of BullMQ's worker that is needed to replace it. */
interface Replaceable {
  close(force?: boolean): Promise<void>;
}

/**
 * A worker that is made anew after an error: BullMQ's own asks a server that is starting up without any pause, and one
 * whose server died while it finished a job may stay deaf. Handlers that run go on; they are not the worker's to end.
 */
function keepWorker(make: (broken: () => void) => Replaceable): RingWorker {
  let timer: NodeJS.Timeout | undefined;
  let current: Replaceable | undefined;
  let over = false;
  const begin = (): void => {
    timer = undefined;
    const worker = make(() => replace(worker));
    current = worker;
  };
  const replace = (broken: Replaceable): void => {
    if (over || current !== broken) return;
    current = undefined;
    broken.close(true).catch(() => undefined);
    timer = setTimeout(begin, ASK_AGAIN).unref();
  };
  begin();
  return {
    close: async () => {
      over = true;
      clearTimeout(timer);
      await current?.close();
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
