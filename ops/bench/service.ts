import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LAUNCHER = fileURLToPath(new URL('../launch.mjs', import.meta.url));

/** A gateway as an operator runs it: a process of its own on a directory of its own. */
export interface Service {
  readonly dataDir: string;
  readonly pid: number;
  /** Milliseconds from the start of the process to its first line. */
  readonly readyAfter: number;
  readonly admin: { readonly connection: string; readonly password: string };
  readonly api: { readonly connection: string; readonly secret: string };
  readonly url: string;
  /** Resident memory of the gateway's own process in bytes. */
  residentBytes(): number;
  stop(): Promise<void>;
}

/** A temporary directory for one or several lives of a gateway; `remove` takes the keys with it. */
export async function benchDirectory(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), 'sealfax-bench-'));
  return { path: join(root, 'data'), remove: () => rm(root, { recursive: true, force: true }) };
}

/** Starts `sealfax serve` on a free port and waits until it listens, or works. `again`: not the first start, which alone shows secrets. */
export async function startService(
  dataDir: string,
  settings: Readonly<Record<string, string>> = {},
  again = false,
): Promise<Service> {
  const started = performance.now();
  const env = {
    PATH: process.env.PATH,
    SEALFAX_DATA_DIR: dataDir,
    SEALFAX_PORT: '0',
    SEALFAX_LOG_LEVEL: 'warn',
    ...settings,
  };
  const child = spawn(process.execPath, [LAUNCHER, 'serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const text = await firstLines(child, !again);
  const readyAfter = text.readyAt - started;
  const find = (pattern: RegExp) => pattern.exec(text.lines)?.[1] ?? '';
  const pid = child.pid ?? 0;
  return {
    dataDir,
    pid,
    readyAfter,
    admin: { connection: find(/owner\s+(\S+)/), password: find(/password\s+(\S+)/) },
    api: { connection: find(/API user\s+(\S+)/), secret: find(/secret\s+(\S+)/) },
    url: find(/listens on (\S+)/),
    residentBytes: () => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024,
    stop: () => stopped(child),
  };
}

/** Standard output up to the last line of the start, and when its first line came. */
function firstLines(child: ChildProcess, first: boolean): Promise<{ lines: string; readyAt: number }> {
  const last = first ? /\n {2}secret .*\n/ : /(listens on|works as a worker) .*\n/;
  return new Promise((resolve, reject) => {
    let lines = '';
    let readyAt = 0;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (readyAt === 0) readyAt = performance.now();
      lines += text;
      if (last.test(lines)) resolve({ lines, readyAt });
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the gateway ended with status ${code}`)));
  });
}

function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
