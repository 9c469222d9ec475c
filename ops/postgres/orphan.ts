import { readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PostgresError } from './errors.ts';

/** How long a fast shutdown may take: it waits for a checkpoint of at most `max_wal_size`. */
const FAST_SHUTDOWN = 20_000;
/** Immediate shutdown writes nothing; its children notice within a second. */
const IMMEDIATE_SHUTDOWN = 5_000;

/**
 * Ends what a killed gateway left running in `directory`: first by fast shutdown, then by immediate shutdown, from
 * which PostgreSQL recovers like from a power failure. Never SIGKILL: a postmaster that dies so leaves its backends.
 *
 * @throws PostgresError already_running when it does not end
 */
export async function endOrphan(directory: string, report: (pid: number) => void): Promise<void> {
  const pid = await postmasterPid(directory);
  if (pid === undefined) return;
  if (await belongsTo(pid, directory)) {
    report(pid);
    await stopPostmaster(pid, directory);
  }
  await waitForBackends(directory);
  await rm(join(directory, 'postmaster.pid'), { force: true });
}

/** Process id in the lock file of `directory`. */
async function postmasterPid(directory: string): Promise<number | undefined> {
  const text = await readFile(join(directory, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return Number.isInteger(pid) && pid > 1 ? pid : undefined;
}

async function stopPostmaster(pid: number, directory: string): Promise<void> {
  for (const [signal, limit] of [
    ['SIGINT', FAST_SHUTDOWN],
    ['SIGQUIT', IMMEDIATE_SHUTDOWN],
  ] as const) {
    if (!send(pid, signal)) return;
    if (await until(async () => !(await belongsTo(pid, directory)), limit)) return;
  }
  throw new PostgresError(
    'already_running',
    `the database server of an earlier start (process ${pid}) runs in ${directory} and does not end; end it and start again`,
  );
}

/** Backends of a postmaster that was killed end by themselves; a new one beside them would damage the data. */
async function waitForBackends(directory: string): Promise<void> {
  if (await until(async () => (await residents(directory)).length === 0, IMMEDIATE_SHUTDOWN)) return;
  const left = await residents(directory);
  throw new PostgresError(
    'already_running',
    `processes of an earlier database server still run in ${directory}: ${left.join(', ')}; end them and start again`,
  );
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw new PostgresError('already_running', `process ${pid} may not be stopped by this user`, error);
  }
}

/** Whether `pid` is a process that lives in `directory`. Process ids are used again, so a live one alone proves nothing. */
async function belongsTo(pid: number, directory: string): Promise<boolean> {
  if (process.platform !== 'linux') return alive(pid);
  const home = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  return home !== undefined && home === (await realpath(directory));
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Processes whose working directory is `directory`; known on Linux only. */
async function residents(directory: string): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const home = await realpath(directory);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const homes = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return pids.filter((pid, index) => homes[index] === home && pid !== process.pid);
}

/** Whether `test` came true within `limit` ms. */
export async function until(test: () => Promise<boolean>, limit: number): Promise<boolean> {
  const end = performance.now() + limit;
  while (!(await test())) {
    if (performance.now() > end) return false;
    await pause(10);
  }
  return true;
}
