import { chown, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PostgresError } from './errors.ts';
import type { ServerIdentity } from './identity.ts';
import { type Launch, ownView, runToEnd } from './program.ts';

/** The superuser that initdb makes; used for set-up only. */
export const SUPERUSER = 'postgres';
/** Role and database of the gateway. */
export const ROLE = 'sealfax';

/** Makes the cluster when there is none yet; whole or not at all, since it gets its name only when it is complete. */
export async function ensureCluster(launch: Launch): Promise<void> {
  const found = await readFile(join(launch.directory, 'PG_VERSION'), 'utf8').catch(notThere);
  if (found !== undefined) return checkVersion(found.trim(), launch);
  const fresh = `${launch.directory}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { mode: 0o700 });
  if (launch.identity.drop !== null) await chown(fresh, launch.identity.drop.uid, launch.identity.drop.gid);
  await initialise({ ...launch, directory: fresh });
  await rename(fresh, launch.directory);
  await syncDirectory(dirname(launch.directory));
}

function notThere(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  const hint = error.code === 'EACCES' ? '; start the gateway as the user who made it' : '';
  throw new PostgresError('start_failed', `the database directory cannot be read: ${error.message}${hint}`, error);
}

function checkVersion(found: string, launch: Launch): void {
  if (found === launch.binaries.major) return;
  throw new PostgresError(
    'version_mismatch',
    `${launch.directory} belongs to PostgreSQL ${found}, this gateway brings ${launch.binaries.major}; start the release that made it and export, or move the data with pg_upgrade`,
  );
}

/** The built-in C.UTF-8 needs no locale of the host and sorts alike everywhere (PostgreSQL 17 and later). */
async function initialise(launch: Launch): Promise<void> {
  await runToEnd(launch, launch.binaries.initdb, [
    `--pgdata=${ownView(launch)}`,
    `--username=${SUPERUSER}`,
    '--encoding=UTF8',
    '--no-locale',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--wal-segsize=4',
    '--auth-local=peer',
    '--auth-host=reject',
    '--no-instructions',
  ]);
}

/** Whoever made the cluster runs it: root lends its server that user's id. */
export async function ownerOf(directory: string, identity: ServerIdentity): Promise<ServerIdentity> {
  const found = await stat(directory).catch(() => undefined);
  if (identity.drop === null || found === undefined || found.uid === 0) return identity;
  return { ...identity, drop: { uid: found.uid, gid: found.gid } };
}

/**
 * Only the gateway's own operating system user gets in, and only through the socket (peer authentication): there is no
 * password that could leak, and no port.
 */
export async function writeAccess(launch: Launch): Promise<void> {
  const user = `"${launch.identity.gatewayUser.replaceAll('"', '""')}"`;
  await writeOwned(launch, 'pg_hba.conf', 'local all all peer map=gateway\n');
  await writeOwned(launch, 'pg_ident.conf', `gateway ${user} ${SUPERUSER}\ngateway ${user} ${ROLE}\n`);
}

async function writeOwned(launch: Launch, name: string, text: string): Promise<void> {
  const path = join(launch.directory, name);
  if ((await readFile(path, 'utf8').catch(() => '')) === text) return;
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  if (launch.identity.drop !== null) await chown(`${path}.new`, launch.identity.drop.uid, launch.identity.drop.gid);
  await rename(`${path}.new`, path);
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  await directory.sync().finally(() => directory.close());
}

/**
 * Settings of a small embedded server; on the command line, where nothing overrides them. What makes commits durable
 * (fsync, full_page_writes, synchronous_commit) is spelled out although it is the default. Statements and row contents
 * stay out of the log: they name telephone numbers.
 */
export const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_directories: '.',
  unix_socket_permissions: '0700',
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  max_connections: '100',
  shared_buffers: '32MB',
  min_wal_size: '16MB',
  max_wal_size: '256MB',
  max_worker_processes: '2',
  max_parallel_workers_per_gather: '0',
  max_wal_senders: '2',
  io_method: 'sync',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '',
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  log_checkpoints: 'off',
};
