/** A Redis for one bench: empty, without persistence, on a Unix socket in a directory of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface BenchRedis {
  /** As REDIS_URL takes it. */
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Where the tests unpack Debian's package. */
const UNPACKED = fileURLToPath(new URL('../../node_modules/.cache/sealfax-servers/redis/', import.meta.url));

/** Starts redis-server in `directory`; undefined where there is none. */
export async function startRedis(directory: string): Promise<BenchRedis | undefined> {
  const program = findServer();
  if (program === undefined) return undefined;
  const socket = join(directory, 'redis.sock');
  const place = ['--port', '0', '--unixsocket', socket, '--dir', directory];
  const forgetful = ['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction'];
  const child = spawn(program.path, [...place, ...forgetful], { env: program.env, stdio: 'ignore' });
  for (let look = 0; look < 250 && !existsSync(socket) && child.exitCode === null; look++) await pause(20);
  if (!existsSync(socket)) throw new Error('redis-server does not start');
  return { url: `unix://${socket}`, pid: child.pid ?? 0, stop: () => ended(child) };
}

function findServer(): { path: string; env: Record<string, string> } | undefined {
  const path = process.env.PATH ?? '';
  for (const folder of path.split(':')) {
    for (const name of ['redis-server', 'valkey-server']) {
      if (existsSync(join(folder, name))) return { path: join(folder, name), env: { PATH: path } };
    }
  }
  const unpacked = join(UNPACKED, 'usr/bin/redis-server');
  if (!existsSync(unpacked)) return undefined;
  const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  return { path: unpacked, env: { PATH: path, LD_LIBRARY_PATH: join(UNPACKED, 'usr/lib', triplet) } };
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
