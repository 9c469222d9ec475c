import { parseArgs } from 'node:util';
import pg from 'pg';
import type { Log } from '../../gateway/ports/log.ts';
import { createRecords, type Records } from '../../gateway/records/index.ts';
import { startPostgres } from '../postgres/index.ts';
import { type HistorySize, makeHistory } from './cdr-history.ts';
import { benchDirectory } from './service.ts';

/** A log that nobody reads. */
export const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A line of the result. */
export const say = (line: string): void => void process.stdout.write(`${line}\n`);
/** A line for who waits. */
export const tell = (line: string): void => void process.stderr.write(`${line}\n`);

/** Where a bench has its history, and how long that is to be. */
export interface HistoryPlace {
  readonly size: HistorySize;
  readonly dataDir: string;
  /** Leaves a directory alone that was named on the command line. */
  remove(): Promise<void>;
}

/**
 * What the command line asks for: `--rows N` for another number of rows, `--directory DIR` to keep the history there and
 * to measure again on the one that is found. @param within where the database lies in such a directory
 */
export async function historyPlace(
  size: HistorySize,
  within = (directory: string): string => directory,
): Promise<HistoryPlace> {
  const { values } = parseArgs({ options: { rows: { type: 'string' }, directory: { type: 'string' } } });
  const wanted = { ...size, rows: Number(values.rows ?? size.rows) };
  if (values.directory !== undefined) {
    return { size: wanted, dataDir: within(values.directory), remove: async () => {} };
  }
  const { path, remove } = await benchDirectory();
  return { size: wanted, dataDir: path, remove };
}

/** Runs `bench` on records with the history that the command line asks for, at a database server of their own. */
export async function onHistory(
  size: HistorySize,
  connections: number,
  bench: (records: Records, pool: pg.Pool) => Promise<void>,
): Promise<void> {
  const place = await historyPlace(size);
  const server = await startPostgres({ dataDir: place.dataDir, log: silent });
  const pool = new pg.Pool({ ...server.connection, max: connections });
  const records = createRecords({ pool, log: silent });
  try {
    await fill(pool, records, place.size);
    await bench(records, pool);
  } finally {
    await records.close();
    await pool.end();
    await server.stop();
    await place.remove();
  }
}

async function fill(pool: pg.Pool, records: Records, size: HistorySize): Promise<void> {
  const { rows } = await pool.query<{ found: string | null }>(`select to_regclass('cdrs') as found`);
  if (rows[0]?.found !== null) return;
  await records.migrate();
  const client = await pool.connect();
  const started = performance.now();
  await makeHistory(client, size, (line) => tell(`${Math.round((performance.now() - started) / 1_000)} s ${line}`));
  client.release();
}
