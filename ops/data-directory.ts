import { link, mkdir, readFile, realpath, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Why a data directory cannot be had. */
export type DataDirectoryErrorCode = 'in_use' | 'not_usable' | 'moved';

/** The data directory belongs to another gateway, or is none. */
export class DataDirectoryError extends Error {
  readonly code: DataDirectoryErrorCode;
  /** Process id of the owner, with `in_use`. */
  readonly pid: number | undefined;

  constructor(code: DataDirectoryErrorCode, message: string, detail: { pid?: number; cause?: unknown } = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'DataDirectoryError';
    this.code = code;
    this.pid = detail.pid;
  }
}

/** The right to use a data directory. */
export interface Ownership {
  /** The directory's real path. */
  readonly directory: string;
  /** Gives it back. Idempotent. */
  release(): Promise<void>;
}

/** Who holds a lock: a process id alone is used again after a while, and after a reboot at once. */
interface Owner {
  readonly pid: number;
  /** Random id of this boot of the machine; empty where there is none. */
  readonly boot: string;
  /** When the process started, in the kernel's ticks since boot; empty where it is not known. */
  readonly started: string;
}

const LOCK = 'owner.lock';
/** Names of drafts differ within a process, too. */
let drafts = 0;

/**
 * Makes `path` (0700) and takes it for this process. A lock that a killed gateway or an earlier boot has left is taken
 * over.
 *
 * @throws DataDirectoryError in_use with the owner's process id, not_usable
 */
export async function ownDataDirectory(path: string): Promise<Ownership> {
  const directory = await makeDirectory(path);
  const lock = join(directory, LOCK);
  const me = JSON.stringify(await ownerNow(process.pid));
  drafts += 1;
  const draft = `${lock}.${process.pid}.${drafts}`;
  await writeFile(draft, me, { mode: 0o600 });
  try {
    await take(draft, lock, directory);
  } finally {
    await unlink(draft).catch(() => undefined);
  }
  return { directory, release: () => giveBack(lock, me) };
}

async function makeDirectory(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const directory = await realpath(path);
    const found = await stat(directory);
    if (!found.isDirectory()) throw new Error('it is not a directory');
    if ((found.mode & 0o022) !== 0) throw new Error('others may write to it (chmod go-w it)');
    return directory;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unknown';
    throw new DataDirectoryError('not_usable', `the data directory ${path} cannot be used: ${why}`, { cause });
  }
}

/** A hard link appears with its whole content or not at all, and only if the name is free. */
async function take(draft: string, lock: string, directory: string): Promise<void> {
  for (let tries = 0; tries < 5; tries++) {
    try {
      await link(draft, lock);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const text = await readFile(lock, 'utf8').catch(() => '');
    const owner = readOwner(text);
    if (owner !== undefined && (await lives(owner))) throw inUse(directory, owner.pid);
    await removeStale(lock, text);
  }
  throw new DataDirectoryError('in_use', `several gateways want ${directory} at once; start one`);
}

function inUse(directory: string, pid: number): DataDirectoryError {
  const message = `another gateway, process ${pid}, uses the data directory ${directory}; stop it, or name another directory`;
  return new DataDirectoryError('in_use', message, { pid });
}

/**
 * Removes a stale lock, but not one that a faster gateway has put in its place meanwhile: the stale one is renamed
 * away under a claim that only one can hold, and looked at again before it goes.
 */
async function removeStale(lock: string, text: string): Promise<void> {
  const claim = `${lock}.takeover`;
  try {
    await writeFile(claim, String(process.pid), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await dropDeadClaim(claim);
    return;
  }
  try {
    if ((await readFile(lock, 'utf8').catch(() => undefined)) === text) await unlink(lock);
  } finally {
    await rm(claim, { force: true });
  }
}

async function dropDeadClaim(claim: string): Promise<void> {
  const pid = Number(await readFile(claim, 'utf8').catch(() => '0'));
  if (!(pid > 0 && alive(pid))) await rm(claim, { force: true });
}

async function giveBack(lock: string, me: string): Promise<void> {
  if ((await readFile(lock, 'utf8').catch(() => '')) === me) await rm(lock, { force: true });
}

function readOwner(text: string): Owner | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const { pid, boot, started } = value as Record<string, unknown>;
    if (!Number.isInteger(pid) || typeof boot !== 'string' || typeof started !== 'string') return undefined;
    return { pid: Number(pid), boot, started };
  } catch {
    return undefined;
  }
}

/** Whether the process that wrote `owner` still runs: same boot, same id, same start. */
async function lives(owner: Owner): Promise<boolean> {
  const now = await ownerNow(owner.pid);
  if (owner.boot !== now.boot || !alive(owner.pid)) return false;
  return owner.started === now.started;
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function ownerNow(pid: number): Promise<Owner> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  const facts = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // proc_pid_stat(5): state is the third field, starttime the 22nd; the second one, in parentheses, may hold spaces.
  const [state = '', ...fields] = facts.slice(facts.lastIndexOf(')') + 2).split(' ');
  // A killed process that nobody has waited for (Z) keeps its entry, but does nothing any more.
  return { pid, boot: boot.trim(), started: /[ZX]/.test(state) ? 'over' : (fields[18] ?? '') };
}
