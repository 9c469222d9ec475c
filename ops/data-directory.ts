import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A data directory that cannot be used; the message says what an operator can do. */
export class DataDirectoryError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DataDirectoryError';
  }
}

/** Ownership of a data directory. */
export interface DataDirectory {
  readonly path: string;
  /** Removes the lock. Idempotent. */
  release(): Promise<void>;
}

/** Who holds the lock: a process id says nothing after a reboot or when it has been given to another process. */
interface Owner {
  readonly pid: number;
  /** The kernel's random boot id; empty where there is none. */
  readonly boot: string;
  /** Start of the process in clock ticks since boot (proc(5), stat field 22); empty where there is none. */
  readonly started: string;
}

const LOCK = 'gateway.lock';
/** Two gateways that start in the same instant settle it within this many looks. */
const LOOKS = 20;

/**
 * Makes this process the one owner of `path`, which is made with mode 0700 when it is missing. The lock of a dead
 * process (kill -9, power loss) is taken over.
 *
 * @throws DataDirectoryError naming the owner's process id, or what keeps the directory from being used
 */
export async function ownDataDirectory(path: string): Promise<DataDirectory> {
  await prepare(path);
  const lock = join(path, LOCK);
  const own = await thisProcess();
  for (let look = 0; look < LOOKS; look += 1) {
    if (await create(lock, own)) return { path, release: () => release(lock, own) };
    const owner = await readOwner(lock);
    if (owner === undefined) {
      // Just being written, or just removed: a moment later it is one or the other.
      await pause(25);
      continue;
    }
    if (await isAlive(owner))
      throw new DataDirectoryError(`${path} belongs to the running gateway with process id ${owner.pid}`);
    await takeAway(lock, owner);
  }
  throw new DataDirectoryError(`${lock} cannot be read; if no gateway runs on this directory, remove it`);
}

async function prepare(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    if (!(await stat(path)).isDirectory()) throw new DataDirectoryError(`${path} is not a directory`);
  } catch (error) {
    if (error instanceof DataDirectoryError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new DataDirectoryError(
      `the data directory ${path} cannot be made (${code}); set SEALFAX_DATA_DIR to another one`,
    );
  }
}

/** True when the lock is ours now; false when there was one already. */
async function create(lock: string, own: Owner): Promise<boolean> {
  let handle: FileHandle;
  try {
    handle = await open(lock, 'wx', 0o600);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST') return false;
    throw new DataDirectoryError(`${lock} cannot be written (${code ?? 'unknown'})`);
  }
  try {
    await handle.writeFile(JSON.stringify(own));
    await handle.sync();
  } finally {
    await handle.close();
  }
  return true;
}

async function readOwner(lock: string): Promise<Owner | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(lock, 'utf8'));
    return isOwner(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isOwner(value: unknown): value is Owner {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, boot, started } = value as Partial<Record<keyof Owner, unknown>>;
  return Number.isInteger(pid) && typeof boot === 'string' && typeof started === 'string';
}

async function isAlive(owner: Owner): Promise<boolean> {
  const now = await describe(owner.pid);
  return now !== undefined && now.boot === owner.boot && now.started === owner.started;
}

/** Removes a dead owner's lock, and only that one: of two that try, the second finds another file under the name. */
async function takeAway(lock: string, dead: Owner): Promise<void> {
  const aside = `${lock}.${process.pid}.old`;
  try {
    await rename(lock, aside);
  } catch {
    return;
  }
  const taken = await readOwner(aside);
  if (taken !== undefined && (taken.pid !== dead.pid || taken.started !== dead.started)) {
    await rename(aside, lock);
    return;
  }
  await rm(aside, { force: true });
}

async function release(lock: string, own: Owner): Promise<void> {
  const owner = await readOwner(lock);
  if (owner?.pid === own.pid && owner.started === own.started) await rm(lock, { force: true });
}

async function thisProcess(): Promise<Owner> {
  return (await describe(process.pid)) ?? { pid: process.pid, boot: '', started: '' };
}

/** A living process by its id; undefined when there is none. */
async function describe(pid: number): Promise<Owner | undefined> {
  const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim();
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The second field is the command in parentheses and may hold spaces; field 22 is the 20th after it.
  if (line !== undefined) return { pid, boot, started: line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? '' };
  try {
    process.kill(pid, 0);
    return boot === '' ? { pid, boot, started: '' } : undefined;
  } catch (error) {
    return boot === '' && (error as NodeJS.ErrnoException).code === 'EPERM' ? { pid, boot, started: '' } : undefined;
  }
}
