import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../gateway/ports/log.ts';
import { SETTINGS } from './cluster.ts';
import type { PostgresError } from './errors.ts';
import { until } from './orphan.ts';
import { cannotRun, explain, type Launch, launch, ownView } from './program.ts';

/** Recovery after a crash replays at most `max_wal_size` of log; on a slow disk that takes its time. */
const READY_WITHIN = 60_000;

/** A running server process. */
export interface Postmaster {
  readonly pid: number;
  /** Resolves when it has ended, with what is known of the reason. */
  readonly ended: Promise<string>;
  /** Fast shutdown: open transactions are rolled back, the data are left clean. Resolves when it has ended. */
  stop(): Promise<void>;
}

/** Starts the server and resolves when it takes connections. @throws PostgresError start_failed, no_room, cannot_run */
export async function startPostmaster(start: Launch, log: Log): Promise<Postmaster> {
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = launch(start, start.binaries.postgres, ['-D', ownView(start), ...settings], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const words = listen(child, log);
  let over: string | undefined;
  let failure: PostgresError | undefined;
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => {
      failure = cannotRun(start.binaries.postgres, error);
      resolve(failure.message);
    });
    child.once('exit', (code, signal) => resolve(signal ?? `status ${code}`));
  });
  void ended.then((reason) => {
    over = reason;
  });
  child.unref();
  // From the first moment: a gateway may die while its server is still starting.
  const watcher = watch(start, child.pid ?? 0, log);
  void ended.then(() => watcher.stdin?.destroy());
  const ready = await until(
    async () => over !== undefined || (await isReady(start.directory, child.pid)),
    READY_WITHIN,
  );
  if (failure !== undefined) throw failure;
  if (over !== undefined || !ready) {
    child.kill('SIGQUIT');
    throw explain(
      'start_failed',
      `the database server did not start (${over ?? 'not ready in time'})`,
      words.join('\n'),
    );
  }
  return {
    pid: child.pid ?? 0,
    ended,
    stop: async () => {
      child.ref();
      child.kill('SIGINT');
      await ended;
    },
  };
}

/** The eighth line of postmaster.pid is the server's own word that it is ready (what pg_ctl waits for). */
async function isReady(directory: string, pid: number | undefined): Promise<boolean> {
  const lines = (await readFile(join(directory, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}

/** The server's log lines as ours; the last ones are kept for the error message of a failed start. */
function listen(child: ChildProcess, log: Log): string[] {
  const last: string[] = [];
  let rest = '';
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()?.slice(0, 4_096) ?? '';
    for (const line of lines) {
      last.push(line);
      if (last.length > 20) last.shift();
      pass(line, log);
    }
  });
  if (child.stderr !== null && 'unref' in child.stderr && typeof child.stderr.unref === 'function')
    child.stderr.unref();
  return last;
}

/** A constraint that stopped a statement is the records' business; a fault of the server itself is worth a warning. */
function pass(line: string, log: Log): void {
  if (/^(PANIC|WARNING):/.test(line)) log.warn({ line }, 'database server');
  else log.debug({ line }, 'database server');
}

/**
 * A shell that waits for the end of its input, which comes when the gateway dies in whatever way, and then asks the
 * server for a fast shutdown. Should there be no shell, the next start finds the orphan.
 */
function watch(start: Launch, pid: number, log: Log): ChildProcess {
  const script = 'read -r _; read -r owner < postmaster.pid; [ "$owner" = "$1" ] && kill -INT "$1"';
  const watcher = launch(start, '/bin/sh', ['-c', script, 'sealfax-watch', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.once('error', (error) => log.debug({ reason: error.message }, 'no watcher for the database server'));
  watcher.stdin?.on('error', () => undefined);
  watcher.unref();
  const input = watcher.stdin;
  if (input !== null && 'unref' in input && typeof input.unref === 'function') input.unref();
  return watcher;
}
