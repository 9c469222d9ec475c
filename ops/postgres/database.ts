import pg from 'pg';
import type { Log } from '../../gateway/ports/log.ts';
import type { QueueConnection } from '../../gateway/queue/index.ts';
import type { Config } from '../config.ts';
import { PostgresError, startPostgres } from './index.ts';

/** The database of a gateway, embedded or a server. */
export interface Database {
  readonly pool: pg.Pool;
  /** What the queue connects with. */
  readonly queue: QueueConnection;
  /** For people. */
  readonly description: string;
  close(): Promise<void>;
}

/** The server that DATABASE_URL names, or our own. The pool is ended by `close`, before an embedded server stops. */
export async function databaseOf(config: Config, log: Log): Promise<Database> {
  if (config.databaseUrl !== undefined) {
    const connection = { connectionString: config.databaseUrl };
    const pool = watched(new pg.Pool({ ...connection, max: config.databasePool }), log);
    return {
      pool,
      queue: { kind: 'postgres', config: connection },
      description: 'PostgreSQL server',
      close: () => pool.end(),
    };
  }
  const embedded = await startPostgres({ dataDir: config.dataDir, log });
  const connection = { ...embedded.connection };
  const pool = watched(new pg.Pool({ ...connection, max: config.databasePool }), log);
  return {
    pool,
    queue: { kind: 'postgres', config: connection },
    description: 'embedded PostgreSQL 18',
    async close() {
      // Connections take a moment to close; the server that ends meanwhile is ours, and no news.
      pool.removeAllListeners('error').on('error', () => undefined);
      await pool.end();
      await embedded.stop();
    },
  };
}

/** The server's own time, milliseconds since 1970. @throws PostgresError unreachable */
export async function databaseTime(pool: pg.Pool): Promise<number> {
  const { rows } = await pool
    .query<{ now: number }>('select (extract(epoch from clock_timestamp()) * 1000)::float8 as now')
    .catch((error: unknown) => {
      const why = error instanceof Error ? error.message : 'unknown';
      throw new PostgresError('unreachable', `the server of DATABASE_URL does not answer: ${why}`, error);
    });
  return rows[0]?.now ?? Number.NaN;
}

/**
 * An idle connection that breaks is replaced by the pool, one that is lent is told to whoever asks something of it next;
 * without listeners, from its first moment on, either would end the process.
 */
function watched(pool: pg.Pool, log: Log): pg.Pool {
  pool.on('error', (error) => log.warn({ error }, 'a database connection broke'));
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
