import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Program, programOnHost, unpackedPackages, unpackedProgram } from './debian.ts';

/** A Redis server for one test file: empty, without persistence, on a Unix socket in a directory of its own. */
export interface TestRedis {
  /** As REDIS_URL takes it: `unix:///…/redis.sock`, or the server that REDIS_URL names. */
  readonly url: string;
  /** First part of every key; a foreign server is shared with others. */
  readonly prefix: string;
  /** False on the server of REDIS_URL: it may not be flushed or killed. */
  readonly own: boolean;
  /** One command in its own connection, answered as the raw reply: `redis.command('FLUSHALL')`. */
  command(...words: string[]): Promise<string>;
  /** SIGKILL; everything in it is lost. */
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT: connections stand, and nothing is answered. */
  pause(): void;
  resume(): void;
  /** Starts again after `kill`, at the same address. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The words that a skipped test says; undefined when there is a Redis to test with. `own`: one that may be flushed and
 * killed, which that of REDIS_URL may not.
 */
export async function redisMissing({ own = false } = {}): Promise<string | undefined> {
  if ((process.env.REDIS_URL !== undefined && !own) || (await redisServer()) !== undefined) return undefined;
  return 'no redis-server on PATH, none that apt can fetch, and REDIS_URL is not set';
}

/**
 * Starts redis-server (PATH, or Debian's package unpacked below node_modules/.cache) with `settings` as further
 * command-line options, or uses the server of REDIS_URL when neither these nor `own` ask for one of our own.
 */
export async function startTestRedis(settings: readonly string[] = [], { own = false } = {}): Promise<TestRedis> {
  const url = process.env.REDIS_URL;
  if (url !== undefined && settings.length === 0 && !own) return foreign(url);
  const program = await redisServer();
  if (program === undefined) throw new Error(await redisMissing({ own: true }));
  const directory = await mkdtemp(join(tmpdir(), 'sealfax-redis-'));
  const socket = join(directory, 'redis.sock');
  let server = await launch(program, directory, socket, settings);
  const end = async (signal: NodeJS.Signals) => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  };
  return {
    url: `unix://${socket}`,
    prefix: 'sealfax',
    own: true,
    command: (...words) => ask(socket, words),
    kill: () => end('SIGKILL'),
    pause: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    restart: async () => {
      server = await launch(program, directory, socket, settings);
    },
    stop: async () => {
      await end('SIGTERM');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function foreign(url: string): TestRedis {
  const refuse = () => Promise.reject(new Error('the server of REDIS_URL is not ours'));
  const prefix = `sealfax-test-${process.pid}-${Date.now()}`;
  const stop = async () => undefined;
  const never = () => undefined;
  return { url, prefix, own: false, command: refuse, kill: refuse, pause: never, resume: never, restart: refuse, stop };
}

let program: Promise<Program | undefined> | undefined;

/** The program, on PATH or unpacked; undefined where there is none. */
export function redisServer(): Promise<Program | undefined> {
  program ??= findRedis();
  return program;
}

async function findRedis(): Promise<Program | undefined> {
  const onHost = (await programOnHost('redis-server')) ?? (await programOnHost('valkey-server'));
  if (onHost !== undefined) return onHost;
  const root = await unpackedPackages('redis', ['redis-server', 'redis-tools']);
  // Debian's redis-server is a name for a program of redis-tools that looks at its own name.
  return root === undefined ? undefined : unpackedProgram(root, 'usr/bin/redis-server');
}

/** Milliseconds between two looks at a server that is starting, and how many of them. */
const LOOK_AGAIN = 20;
const LOOKS = 500;

async function launch(
  { path, env }: Program,
  directory: string,
  socket: string,
  settings: readonly string[],
): Promise<ChildProcess> {
  const fixed = ['--port', '0', '--unixsocket', socket, '--unixsocketperm', '700', '--dir', directory];
  const forgetful = ['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction'];
  const child = spawn(path, [...fixed, ...forgetful, ...settings], {
    env: { ...process.env, ...env },
    stdio: 'ignore',
  });
  endWithUs(child);
  for (let look = 0; look < LOOKS && child.exitCode === null; look++) {
    if ((await ask(socket, ['PING']).catch(() => '')).startsWith('+PONG')) return child;
    await pause(LOOK_AGAIN);
  }
  child.kill('SIGKILL');
  throw new Error('redis-server did not start');
}

/** A test file that dies leaves no server behind. */
function endWithUs(child: ChildProcess): void {
  const end = () => void child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.removeListener('exit', end));
}

/** One command as an array of bulk strings (RESP), and the start of its reply. */
async function ask(path: string, words: readonly string[]): Promise<string> {
  const socket: Socket = connect(path);
  try {
    await once(socket, 'connect');
    socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`);
    const [reply] = await once(socket, 'data');
    return String(reply);
  } finally {
    socket.destroy();
  }
}
