import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import type { Binaries } from './binaries.ts';
import { PostgresError, USE_A_SERVER } from './errors.ts';
import type { ServerIdentity } from './identity.ts';

/**
 * How a program of the server is started in its cluster directory. The cluster is its working directory, and as root
 * on Linux also its only name for it: an unprivileged server need not be able to enter the folders above.
 */
export interface Launch {
  readonly binaries: Binaries;
  readonly identity: ServerIdentity;
  /** The cluster (PGDATA). */
  readonly directory: string;
}

/** The name of the cluster on the command line. */
export function ownView(launch: Launch): string {
  return launch.identity.drop !== null && process.platform === 'linux' ? '/proc/self/cwd' : launch.directory;
}

/** Starts `program` in a session of its own, so that Ctrl-C on the gateway's terminal does not reach it. */
export function launch(launch: Launch, program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  return spawn(program, args, {
    ...options,
    cwd: launch.directory,
    detached: true,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', ...launch.binaries.env },
    ...(launch.identity.drop ?? {}),
  });
}

/** Runs initdb or another short program to its end. @throws PostgresError */
export async function runToEnd(start: Launch, program: string, args: readonly string[]): Promise<void> {
  const child = launch(start, program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8');
    stream?.on('data', (text: string) => void output.push(text));
  }
  const code = await new Promise<number | string>((resolve, reject) => {
    child.once('error', (error) => reject(cannotRun(program, error)));
    child.once('close', (status, signal) => resolve(status ?? signal ?? 'unknown'));
  });
  if (code !== 0) throw explain('initdb_failed', `initdb ended with ${code}`, output.join(''));
}

/** A program that could not even be started. */
export function cannotRun(program: string, error: NodeJS.ErrnoException): PostgresError {
  const why =
    error.code === 'ENOENT'
      ? 'this system lacks the GNU C library that it is built for (Alpine?)'
      : error.code === 'EACCES'
        ? 'its folder may not be entered, or is mounted noexec'
        : error.message;
  return new PostgresError('cannot_run', `${program} cannot be run: ${why}; ${USE_A_SERVER}`, error);
}

/** The server's own last words, with the failures that a person can mend named. */
export function explain(code: PostgresError['code'], what: string, output: string): PostgresError {
  const tail = output.trim().split('\n').slice(-6).join('\n');
  if (/No space left on device|disk quota exceeded/i.test(output)) {
    return new PostgresError('no_room', `${what}: no room left for the database; free some space. ${tail}`);
  }
  if (/error while loading shared libraries|GLIBC_/.test(output)) {
    return new PostgresError('cannot_run', `${what}: a library is missing; run npm ci again, ${USE_A_SERVER}. ${tail}`);
  }
  return new PostgresError(code, `${what}: ${tail === '' ? 'no output' : tail}`);
}
