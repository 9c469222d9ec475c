import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from '../crash/free-port.ts';
import { redisServer, startTestRedis, type TestRedis } from './redis.ts';

/** How soon a master that does not answer counts as dead, ms. */
const DEAD_AFTER = 500;
/** Between two looks at what is becoming ready, ms. */
const LOOK_AGAIN = 50;

/** A master, its replica, and a Sentinel that makes the replica master when the other is gone. */
export interface TestSentinel {
  /** As SEALFAX_REDIS_OPTIONS takes it. */
  readonly options: {
    readonly sentinels: readonly { readonly host: string; readonly port: number }[];
    readonly name: string;
  };
  readonly master: TestRedis;
  /** Port that the Sentinel says the master has. */
  masterPort(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts the three on private ports of 127.0.0.1. */
export async function startTestSentinel(): Promise<TestSentinel> {
  const program = await redisServer();
  if (program === undefined) throw new Error('no redis-server');
  const [first, second, port] = [await freePort(), await freePort(), await freePort()];
  const open = (own: number) => ['--port', `${own}`, '--bind', '127.0.0.1', '--repl-diskless-sync-delay', '0'];
  const master = await startTestRedis(open(first), { own: true });
  const replica = await startTestRedis([...open(second), '--replicaof', `127.0.0.1 ${first}`], { own: true });
  while (!(await replica.command('INFO', 'replication')).includes('master_link_status:up')) await pause(LOOK_AGAIN);
  const directory = await mkdtemp(join(tmpdir(), 'sealfax-sentinel-'));
  const file = join(directory, 'sentinel.conf');
  const watch = [
    `monitor fax 127.0.0.1 ${first} 1`,
    `down-after-milliseconds fax ${DEAD_AFTER}`,
    'failover-timeout fax 3000',
  ];
  const lines = [`port ${port}`, 'bind 127.0.0.1', `dir ${directory}`, ...watch.map((line) => `sentinel ${line}`)];
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  const child = spawn(program.path, [file, '--sentinel'], { env: { ...process.env, ...program.env }, stdio: 'ignore' });
  const end = () => void child.kill('SIGKILL');
  process.once('exit', end);
  const sentinel = new Redis({ host: '127.0.0.1', port, retryStrategy: () => LOOK_AGAIN });
  sentinel.on('error', () => undefined);
  while (!(await knowsReplica(sentinel))) await pause(LOOK_AGAIN);
  return {
    options: { sentinels: [{ host: '127.0.0.1', port }], name: 'fax' },
    master,
    masterPort: async () => {
      const answer = await sentinel.call('SENTINEL', 'get-master-addr-by-name', 'fax');
      return Number(Array.isArray(answer) ? answer[1] : 0);
    },
    stop: async () => {
      process.removeListener('exit', end);
      sentinel.disconnect();
      await ended(child);
      await Promise.all([master.stop(), replica.stop()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Only then can the replica be promoted. */
async function knowsReplica(sentinel: Redis): Promise<boolean> {
  const replicas: unknown = await sentinel.call('SENTINEL', 'replicas', 'fax').catch(() => []);
  return Array.isArray(replicas) && replicas.length > 0;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}
