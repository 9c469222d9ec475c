import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, open, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { configure } from './configuration.ts';
import { CACHE, HERE, LAB_PORTS, type LabLayout, type LabMembers, SUITE } from './layout.ts';

const run = promisify(execFile);

/** Time for the packages to come, and for all members to be ready. Milliseconds. */
const BUILD_WITHIN = 300_000;
const READY_WITHIN = 60_000;

/**
 * Why there can be no laboratory on this machine; undefined when there can. It needs root (chroot, namespaces), the tools
 * below and a Debian mirror for the first time.
 */
export async function labHindrance(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'the fax laboratory needs root on Linux';
  for (const tool of ['unshare', 'nsenter', 'chroot', 'apt-get', 'dpkg-deb']) {
    const found = await run('/bin/sh', ['-c', `command -v ${tool}`]).catch(() => undefined);
    if (found === undefined) return `the fax laboratory needs ${tool}`;
  }
  if (await exists(join(CACHE, SUITE, '.built'))) return undefined;
  try {
    await mkdir(CACHE, { recursive: true });
    await run(join(HERE, 'build.sh'), [join(CACHE, SUITE)], { timeout: BUILD_WITHIN });
    return undefined;
  } catch (error) {
    return `the packages of the fax laboratory cannot be had: ${lastLine(error)}`;
  }
}

function lastLine(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  return said.trim().split('\n').at(-1) ?? '';
}

/**
 * A telephone network on loopback of other people's software: Asterisk with SpanDSP ("the carrier"), if wanted a second one
 * ("the far end") and HylaFAX behind iaxmodem. See the README of this folder for its numbers and accounts.
 */
export class Lab {
  readonly layout: LabLayout;
  readonly #init: ChildProcess;
  readonly #lock: string;

  private constructor(layout: LabLayout, init: ChildProcess, lock: string) {
    this.layout = layout;
    this.#init = init;
    this.#lock = lock;
  }

  /** Starts one; call `labHindrance` before. @throws when ports are taken or a member does not get ready */
  static async start(members: Partial<LabMembers> = {}): Promise<Lab> {
    const layout: LabLayout = {
      root: join(CACHE, SUITE),
      state: await mkdtemp(join(tmpdir(), 'sealfax-lab-')),
      ports: LAB_PORTS,
      members: { far: false, hylafax: false, ...members },
    };
    let lock: string | undefined;
    try {
      await chmod(layout.state, 0o755);
      lock = await locked(layout);
      await configure(layout);
      const lab = new Lab(layout, await started(layout), lock);
      await lab.#ready();
      return lab;
    } catch (error) {
      if (lock !== undefined) await unlink(lock).catch(() => {});
      await rm(layout.state, { recursive: true, force: true });
      throw error;
    }
  }

  /** Ends every member; their results and logs are deleted unless `keep`. */
  async stop(keep = false): Promise<void> {
    await this.#kill();
    await unlink(this.#lock).catch(() => {});
    await rm(join(this.layout.root, this.layout.state), { recursive: true, force: true });
    if (!keep) await rm(this.layout.state, { recursive: true, force: true });
  }

  /** Runs a command inside: its root, mounts and processes. @returns what it printed */
  async inside(...command: readonly string[]): Promise<string> {
    const enter = ['-m', '-p', '-t', await this.#first(), 'chroot', this.layout.root, ...command];
    return (await run('nsenter', enter, { maxBuffer: 16 * 1024 * 1024 })).stdout;
  }

  /** A command on the console of an Asterisk. */
  console(instance: 'carrier' | 'far', command: string): Promise<string> {
    return this.inside('asterisk', '-C', join(this.layout.state, instance, 'etc/asterisk.conf'), '-rx', command);
  }

  /** Process 1 of the members' namespace. */
  async #first(): Promise<string> {
    const { pid } = this.#init;
    const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ');
    const [first] = children;
    if (first === undefined || first === '') throw new Error('the laboratory has ended');
    return first;
  }

  /** unshare waits and does not listen; the end of process 1 is the end of everything in its namespace. */
  async #kill(): Promise<void> {
    const first = await this.#first().catch(() => undefined);
    if (first !== undefined) process.kill(Number(first), 'SIGKILL');
    if (this.#init.exitCode === null) {
      await new Promise<void>((resolve) => {
        this.#init.once('exit', () => resolve());
      });
    }
  }

  async #ready(): Promise<void> {
    try {
      await this.#until('the carrier', async () => fullyBooted(await this.console('carrier', 'core waitfullybooted')));
      if (this.layout.members.far) {
        await this.#until('the far end', async () => fullyBooted(await this.console('far', 'core waitfullybooted')));
        await this.#until('its registration', async () =>
          /Contact: {2}.*far\//.test(await this.console('carrier', 'pjsip show aor far')),
        );
      }
      if (this.layout.members.hylafax) await this.#until('HylaFAX', () => this.#modemsReady());
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async #modemsReady(): Promise<boolean> {
    const peers = await this.console('carrier', 'iax2 show peers');
    if ((peers.match(/^iaxmodem.*127\.0\.0\.1/gm) ?? []).length < 2) return false;
    for (const modem of [0, 1]) {
      const status = await readFile(join(this.layout.root, `var/spool/hylafax/status/ttyIAX${modem}`), 'utf8');
      if (!status.includes('Running and idle')) return false;
    }
    return true;
  }

  async #until(what: string, done: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + READY_WITHIN; Date.now() < end; ) {
      if (this.#init.exitCode !== null) throw new Error('the laboratory ended while it was starting');
      if (await done().catch(() => false)) return;
      await pause(200);
    }
    throw new Error(`${what} did not get ready within ${READY_WITHIN / 1_000} s`);
  }
}

const fullyBooted = (answer: string): boolean => answer.includes('fully booted');

/** One laboratory at a time: HylaFAX's spool is in the root, and the ports are fixed. */
async function locked({ root, ports }: LabLayout): Promise<string> {
  const lock = `${root}.lock`;
  const owner = Number(await readFile(lock, 'utf8').catch(() => '0'));
  if (owner > 0 && (await exists(`/proc/${owner}`))) throw new Error(`a laboratory is in use by process ${owner}`);
  await rm(lock, { force: true });
  await writeFile(lock, String(process.pid), { flag: 'wx' });
  for (const port of [ports.carrierAmi, ports.farAmi, ports.hfaxd]) {
    if (await taken(port)) throw new Error(`port ${port} is taken: by another laboratory?`);
  }
  return lock;
}

function taken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** A process and mount namespace of its own; the network is the host's, so that the members are on its loopback. */
async function started({ root, state, ports, members }: LabLayout): Promise<ChildProcess> {
  const enter = `set -e; root=$1 st=$2; shift 2
    mount -t proc proc "$root/proc"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$root/dev/pts"
    mount --bind "$st" "$root$st"
    exec chroot "$root" /bin/bash /lab-init "$@"`;
  const flags = [members.far ? '1' : '0', members.hylafax ? '1' : '0', String(ports.hfaxd)];
  const log = await open(join(state, 'log/init.out'), 'w');
  // Modem tones are real time: a little more than its share of the processor.
  const args = ['-n', '-10', 'unshare', '--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private'];
  const child = spawn('nice', [...args, '/bin/bash', '-c', enter, 'lab-init', root, state, state, ...flags], {
    // The members end with the pipe: a test that dies takes its laboratory with it.
    stdio: ['pipe', log.fd, log.fd],
    detached: true,
  });
  await log.close();
  return child;
}

/** The first line of a JSON Lines file that `matches`, now or later. @throws after `within` ms */
export async function resultLine<T>(path: string, matches: (line: T) => boolean, within: number): Promise<T> {
  for (const end = Date.now() + within; Date.now() < end; await pause(200)) {
    for (const line of await jsonLines<T>(path)) if (matches(line)) return line;
  }
  throw new Error(`no result within ${within / 1_000} s`);
}

/** Every whole line of a JSON Lines file; none when it is not there yet. */
export async function jsonLines<T>(path: string): Promise<T[]> {
  if (!(await exists(path))) return [];
  const lines: T[] = [];
  for await (const line of createInterface({ input: createReadStream(path) })) {
    // The last one may be half written.
    if (line.endsWith('}')) lines.push(JSON.parse(line) as T);
  }
  return lines;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
