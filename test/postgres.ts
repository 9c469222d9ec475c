import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { lstat, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Log } from '../gateway/ports/log.ts';
import { type EmbeddedPostgres, startPostgres } from '../ops/postgres/index.ts';
import { olderPostgresMissing, startOlderPostgres } from './servers/postgres.ts';

/** A log that keeps silent. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A database for one test file. */
export interface TestPostgres {
  /** A pool of its own on the empty database; ended by `stop`. */
  pool(options?: pg.PoolConfig): pg.Pool;
  readonly config: pg.PoolConfig;
  /** Null when the tests run on the server that DATABASE_URL names. */
  readonly embedded: EmbeddedPostgres | null;
  stop(): Promise<void>;
}

/** Starts an embedded server on an empty database in a temporary directory, removed by `stop`. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sealfax-test-'));
  await copyTree(await template(), dataDir);
  const embedded = await startPostgres({ dataDir, log: silentLog });
  return over({ ...embedded.connection }, embedded, async () => {
    await embedded.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
}

/**
 * A data directory in which initdb has run: it takes seconds on a busy disk, so it is done once for all test files of
 * this release and copied. The name holds what the set-up depends on.
 */
async function template(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of ['../ops/postgres/cluster.ts', '../ops/postgres/index.ts', '../package-lock.json']) {
    hash.update(await readFile(new URL(file, import.meta.url)));
  }
  const place = join(tmpdir(), `sealfax-test-cluster-${process.getuid?.() ?? 0}-${hash.digest('hex').slice(0, 12)}`);
  const found = await lstat(place).catch(() => undefined);
  if (found?.isDirectory() === true && found.uid === (process.getuid?.() ?? found.uid)) return place;
  const fresh = await mkdtemp(`${place}.`);
  const server = await startPostgres({ dataDir: fresh, log: silentLog });
  await server.stop();
  try {
    await rename(fresh, place);
    return place;
  } catch {
    // Another test file was faster, or the name is someone else's: then this copy serves once.
    process.once('exit', () => rmSync(fresh, { recursive: true, force: true }));
    return fresh;
  }
}

/** With owners and modes: as root the cluster belongs to the server's own user. */
async function copyTree(from: string, to: string): Promise<void> {
  await promisify(execFile)('cp', ['-a', `${from}/.`, to]);
}

/** An empty schema on the server of `url`, dropped by `stop`. */
export async function useTestServer(url: string): Promise<TestPostgres> {
  const schema = `sealfax_test_${process.pid}_${Date.now()}`;
  const config = { connectionString: url, options: `-c search_path=${schema}` };
  const client = new pg.Client(config);
  await client.connect();
  await client.query(`create schema ${schema}`);
  return over(config, null, async () => {
    await client.query(`drop schema ${schema} cascade`);
    await client.end();
  });
}

function over(config: pg.PoolConfig, embedded: EmbeddedPostgres | null, end: () => Promise<void>): TestPostgres {
  const pools: pg.Pool[] = [];
  return {
    config,
    embedded,
    pool: (options = {}) => {
      const pool = new pg.Pool({ max: 20, ...config, ...options });
      pool.on('error', () => undefined);
      pools.push(pool);
      return pool;
    },
    stop: async () => {
      await Promise.all(pools.map((pool) => (pool.ended ? undefined : pool.end())));
      await end();
    },
  };
}

/** One of the databases that a conformance suite runs on. */
export interface TestDatabase {
  readonly name: string;
  start(): Promise<TestPostgres>;
}

/**
 * The databases that a conformance suite runs on: the embedded server, an older release, and the server of DATABASE_URL
 * when it is set. A line in the report says when there is no older release.
 */
export async function testDatabases(): Promise<TestDatabase[]> {
  const url = process.env.DATABASE_URL;
  const databases = [{ name: 'embedded PostgreSQL', start: startTestPostgres }];
  const missing = await olderPostgresMissing();
  if (missing === undefined) databases.push({ name: 'PostgreSQL 15', start: startOnOlderPostgres });
  else test('on PostgreSQL 15', { skip: missing });
  if (url !== undefined) databases.push({ name: 'DATABASE_URL', start: () => useTestServer(url) });
  return databases;
}

async function startOnOlderPostgres(): Promise<TestPostgres> {
  const server = await startOlderPostgres();
  return over(server.config, null, () => server.stop());
}
