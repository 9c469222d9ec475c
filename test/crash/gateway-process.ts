import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const MAIN = resolve(import.meta.dirname, '../../ops/main.ts');
/** As ops/launch.mjs has it: compiled once for all lives. */
const COMPILED = resolve(import.meta.dirname, '../../node_modules/.cache/sealfax');

/** Secrets that the first start shows once. */
export interface FirstSecrets {
  readonly owner: { readonly connection: string; readonly secret: string };
  readonly app: { readonly connection: string; readonly secret: string };
}

/** What a process of the cluster does; `all` for one that does everything. */
export type Role = 'all' | 'api' | 'worker';

/** `sealfax serve` as a child process that may be killed and started again on the same data directory. */
export class GatewayProcess {
  readonly #settings: Readonly<Record<string, string>>;
  readonly #role: Role;
  readonly #groups = new Set<number>();
  #child: ChildProcess | undefined;
  #ended: Promise<string> = Promise.resolve('');
  #killed = false;
  #output = '';
  #complaints = '';
  #secrets: FirstSecrets | undefined;

  constructor(settings: Readonly<Record<string, string>>, role: Role = 'all') {
    this.#settings = settings;
    this.#role = role;
    // In a group of its own it would outlive a test that is given up.
    process.once('exit', () => this.#child?.kill('SIGKILL'));
  }

  /** Known after the first start. */
  get secrets(): FirstSecrets {
    if (this.#secrets === undefined) throw new Error('the gateway has shown no secrets');
    return this.#secrets;
  }

  /** Of the latest life; undefined before the first. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Whether its latest life goes on. */
  get lives(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null;
  }

  /** What it wrote to standard error in its latest life, cut to its end. */
  get complaints(): string {
    return this.#complaints.slice(-4_000);
  }

  /** Starts a life. `ready` resolves true when it listens, false when it was killed before; it rejects when it ends by itself. */
  start(): { readonly ready: Promise<boolean> } {
    const child = spawn(process.execPath, [MAIN, 'serve', '--role', this.#role], {
      env: { ...inherited(), ...this.#settings },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child = child;
    this.#killed = false;
    this.#output = '';
    this.#complaints = '';
    if (child.pid !== undefined) this.#groups.add(child.pid);
    this.#ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? `status ${code}`)));
    child.stderr?.on('data', (bytes: Buffer) => {
      this.#complaints = (this.#complaints + bytes.toString()).slice(-16_000);
    });
    return { ready: this.#listening(child) };
  }

  /** SIGKILL, in whatever it was doing; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#killed = true;
    this.#child?.kill('SIGKILL');
    await this.#ended;
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** SIGTERM; answers how it ended. */
  async stop(): Promise<string> {
    this.#child?.kill('SIGTERM');
    return this.#ended;
  }

  /** Processes that its lives have left behind: its own groups, and database servers in `directory`. Linux only. */
  async leftovers(directory: string): Promise<string[]> {
    if (process.platform !== 'linux') return [];
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const found = await Promise.all(pids.map((pid) => this.#belongs(pid, directory)));
    return pids.filter((_, index) => found[index]).map((pid) => `process ${pid}`);
  }

  async #belongs(pid: string, directory: string): Promise<boolean> {
    const home = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    if (home === directory) return true;
    // proc_pid_stat(5): state, parent, group follow the name in parentheses.
    const facts = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const [state, , group] = facts.slice(facts.lastIndexOf(')') + 2).split(' ');
    return state !== 'Z' && this.#groups.has(Number(group));
  }

  #listening(child: ChildProcess): Promise<boolean> {
    const listens = new Promise<boolean>((resolve) => {
      child.stdout?.on('data', (bytes: Buffer) => {
        this.#output += bytes.toString();
        this.#secrets ??= secretsIn(this.#output);
        const complete = this.#role !== 'all' || this.#secrets !== undefined;
        if (/^Sealfax (listens|works)/m.test(this.#output) && complete) resolve(true);
      });
    });
    return Promise.race([listens, this.#ended.then((how) => this.#unlessKilled(how))]);
  }

  #unlessKilled(how: string): false {
    if (this.#killed) return false;
    throw new Error(`the gateway ended by itself (${how}): ${this.complaints}`);
  }
}

/** The environment of the test without any settings of a gateway. */
function inherited(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, TMPDIR, NODE_COMPILE_CACHE: COMPILED };
}

function secretsIn(output: string): FirstSecrets | undefined {
  const shown = /owner +(\S+)\s+password +(\S+)\s+API user +(\S+)\s+secret +(\S+)\n/.exec(output);
  if (shown === null) return undefined;
  const [, admin = '', password = '', app = '', secret = ''] = shown;
  return { owner: { connection: admin, secret: password }, app: { connection: app, secret } };
}

/** Where the embedded database server of `dataDir` lives. */
export const clusterOf = (dataDir: string): string => join(dataDir, 'postgres');
