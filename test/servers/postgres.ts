import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { serverIdentity } from '../../ops/postgres/identity.ts';
import { type Program, programOnHost, unpackedPackages, unpackedProgram } from './debian.ts';

/** Debian 12's release: three majors older than the embedded one. */
const MAJOR = '15';
const BIN = `usr/lib/postgresql/${MAJOR}/bin`;
/** Role and database of the tests; not a superuser, but one that may make roles. */
const ROLE = 'sealfax';

/** A server of another release than the embedded one, on a Unix socket in a directory of its own. */
export interface OlderPostgres {
  readonly config: { readonly host: string; readonly port: number; readonly user: string; readonly database: string };
  stop(): Promise<void>;
}

/** The words that a skipped test says; undefined when there is such a server. */
export async function olderPostgresMissing(): Promise<string | undefined> {
  return (await postgresProgram()) === undefined
    ? `no PostgreSQL ${MAJOR} in /${BIN}, and none that apt can fetch`
    : undefined;
}

/** Starts an empty PostgreSQL 15: the host's, or Debian's package unpacked below node_modules/.cache. */
export async function startOlderPostgres(): Promise<OlderPostgres> {
  const program = await postgresProgram();
  if (program === undefined) throw new Error(await olderPostgresMissing());
  const { drop } = await serverIdentity();
  const directory = await mkdtemp(join(tmpdir(), 'sealfax-pg-'));
  if (drop !== null) await chown(directory, drop.uid, drop.gid);
  const data = join(directory, 'data');
  const options = { cwd: directory, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', ...program.env }, ...drop };
  const initdb = join(dirname(program.path), 'initdb');
  const set = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  await promisify(execFile)(initdb, set, options);
  const settings = ['fsync=off', 'listen_addresses=', `unix_socket_directories=${directory}`, 'jit=off'];
  const server = spawn(program.path, ['-D', data, ...settings.flatMap((one) => ['-c', one])], {
    ...options,
    stdio: 'ignore',
  });
  const end = () => void server.kill('SIGQUIT');
  process.once('exit', end);
  await makeDatabase(directory, server);
  return {
    config: { host: directory, port: 5432, user: ROLE, database: ROLE },
    stop: async () => {
      process.removeListener('exit', end);
      const ended = once(server, 'exit');
      // Fast shutdown.
      server.kill('SIGINT');
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

let program: Promise<Program | undefined> | undefined;

function postgresProgram(): Promise<Program | undefined> {
  program ??= findPostgres();
  return program;
}

async function findPostgres(): Promise<Program | undefined> {
  const onHost = await programOnHost('postgres', [`/${BIN}`]);
  if (onHost !== undefined) return onHost;
  const root = await unpackedPackages(`postgresql-${MAJOR}`, [`postgresql-${MAJOR}`, 'libpq5']);
  return root === undefined ? undefined : unpackedProgram(root, join(BIN, 'postgres'));
}

/** Milliseconds between two looks at a server that is starting, and how many of them. */
const LOOK_AGAIN = 20;
const LOOKS = 500;

async function makeDatabase(host: string, server: ChildProcess): Promise<void> {
  for (let look = 0; look < LOOKS && server.exitCode === null; look++) {
    const client = new pg.Client({ host, port: 5432, user: 'postgres', database: 'postgres' });
    try {
      await client.connect();
      await client.query(`create role ${ROLE} login createrole`);
      await client.query(`create database ${ROLE} owner ${ROLE}`);
      return;
    } catch {
      await pause(LOOK_AGAIN);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  server.kill('SIGKILL');
  throw new Error(`PostgreSQL ${MAJOR} did not start`);
}
