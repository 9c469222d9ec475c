import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Log } from '../../gateway/ports/log.ts';
import { findBinaries } from '../../ops/postgres/binaries.ts';
import { ROLE, SUPERUSER } from '../../ops/postgres/cluster.ts';
import { serverIdentity } from '../../ops/postgres/identity.ts';
import { startPostgres } from '../../ops/postgres/index.ts';

/** A primary whose commits wait for its standby, both on private sockets in one temporary directory. */
export interface ReplicatedPostgres {
  /** As DATABASE_URL takes it. */
  readonly primaryUrl: string;
  readonly standbyUrl: string;
  /** SIGKILL for the primary and every process of it. */
  killPrimary(): Promise<void>;
  /** Makes the standby the primary; resolves when it takes writes. */
  promote(): Promise<void>;
  stop(): Promise<void>;
}

const PORT = 5432;
/** The name that the primary waits for. */
const STANDBY = 'second_site';

interface Site {
  /** Cluster directory. */
  readonly directory: string;
  /** Folder of its socket. */
  readonly socket: string;
}

/** Starts the pair and waits until the primary counts the standby as synchronous. */
export async function startReplicated(log: Log): Promise<ReplicatedPostgres> {
  const root = await mkdtemp(join(tmpdir(), 'sealfax-sites-'));
  const first = await startPostgres({ dataDir: join(root, 'first'), log });
  await first.stop();
  const identity = await serverIdentity();
  const binaries = await findBinaries(join(root, 'first'), identity);
  await chmod(root, 0o711);
  await chmod(join(root, 'first'), 0o711);
  const primary = await siteAt(root, 'first', identity.drop);
  await writeFile(join(primary.directory, 'pg_hba.conf'), 'local all all trust\nlocal replication all trust\n');
  await promisify(execFile)('cp', ['-a', join(root, 'first'), join(root, 'second')]);
  const standby = await siteAt(root, 'second', identity.drop);
  await writeFile(join(standby.directory, 'standby.signal'), '');
  const start = (site: Site, settings: Readonly<Record<string, string>>) => {
    const fixed = {
      listen_addresses: '',
      unix_socket_directories: site.socket,
      hot_standby: 'on',
      max_wal_senders: '4',
      shared_buffers: '16MB',
    };
    const args = Object.entries({ ...fixed, ...settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', ...binaries.env };
    return spawn(binaries.postgres, ['-D', site.directory, ...args], {
      ...{ cwd: site.directory, env, detached: true, stdio: 'ignore' },
      ...(identity.drop ?? {}),
    });
  };
  const servers = [
    start(primary, { synchronous_standby_names: STANDBY, synchronous_commit: 'on' }),
    start(standby, {
      primary_conninfo: `host=${primary.socket} port=${PORT} user=${SUPERUSER} application_name=${STANDBY}`,
    }),
  ];
  const [primaryServer, standbyServer] = servers;
  await until(
    primary,
    `select 1 from pg_stat_replication where application_name = '${STANDBY}' and sync_state = 'sync'`,
  );
  return {
    primaryUrl: urlOf(primary),
    standbyUrl: urlOf(standby),
    killPrimary: () => killed(primaryServer),
    promote: async () => {
      await ask(standby, 'select pg_promote(true)');
      await until(standby, 'select 1 where not pg_is_in_recovery()');
    },
    stop: async () => {
      await killed(primaryServer);
      await killed(standbyServer);
      await rm(root, { recursive: true, force: true });
    },
  };
}

async function siteAt(root: string, name: string, drop: { uid: number; gid: number } | null): Promise<Site> {
  const socket = join(root, `${name}-socket`);
  await mkdir(socket, { mode: 0o700 });
  if (drop !== null) await chown(socket, drop.uid, drop.gid);
  return { directory: join(root, name, 'postgres'), socket };
}

function urlOf({ socket }: Site): string {
  return `postgres://${ROLE}@/${ROLE}?host=${encodeURIComponent(socket)}&port=${PORT}`;
}

/** The whole session: a postmaster that is killed alone leaves its backends to finish their statement. */
async function killed(server: ChildProcess | undefined): Promise<void> {
  if (server?.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  process.kill(-server.pid, 'SIGKILL');
  await ended;
}

async function ask(site: Site, text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ host: site.socket, port: PORT, user: SUPERUSER, database: ROLE });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await client.query(text);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Asks until there is a row. */
async function until(site: Site, text: string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const found = await ask(site, text).catch(() => undefined);
    if ((found?.rowCount ?? 0) > 0) return;
    await pause(100);
  }
  throw new Error(`the server did not come to: ${text}`);
}
