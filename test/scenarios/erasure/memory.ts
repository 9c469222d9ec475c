import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type Span, spans } from './needles.ts';

const PAGE = 4096;
/** proc(5), pagemap: bit 63 present in memory, bit 62 swapped out. */
const THERE = 0xc0000000;

/** A process as the system shows it. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Every descendant of `pid`, nearest first. */
export function descendants(pid: number): Process[] {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? processOf(Number(name)) : []));
  const found: Process[] = [];
  const queue = [pid];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const children = all.filter((one) => one.parent === next);
    found.push(...children);
    queue.push(...children.map((child) => child.pid));
  }
  return found;
}

function processOf(pid: number): Process[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const parent = Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
    const line = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
    return [{ pid, parent, command: line }];
  } catch {
    return []; // it has ended meanwhile
  }
}

interface Mapping {
  readonly from: number;
  readonly to: number;
  readonly name: string;
}

/**
 * All memory of a process that it can have written: what a core dump of it holds, read while it stands still. Pages
 * that were never touched are passed over.
 *
 * @param shared also memory that it shares with others, which one of them is enough to show
 * @throws when the system does not let us look
 */
export function* memoryOf(pid: number, shared = true): Generator<Span> {
  const maps = readFileSync(`/proc/${pid}/maps`, 'latin1').trimEnd().split('\n');
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const pagemap = openSync(`/proc/${pid}/pagemap`, 'r');
  try {
    for (const mapping of maps.flatMap((line) => mappingOf(line, shared))) {
      for (const [from, to] of touched(pagemap, mapping)) {
        yield* spans(mapping.name, from, to, (buffer, position) => readMemory(memory, buffer, position));
      }
    }
  } finally {
    closeSync(memory);
    closeSync(pagemap);
  }
}

function mappingOf(line: string, shared: boolean): Mapping[] {
  const match = /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \S+\s*(.*)$/.exec(line);
  if (match === null) return [];
  const [, from = '', to = '', mode = '', path = ''] = match;
  if (!mode.startsWith('r') || path.startsWith('[v')) return [];
  if (mode.endsWith('s') && !shared) return [];
  // Programs and libraries as they lie on disk.
  if (path.startsWith('/') && !mode.includes('w')) return [];
  return [{ from: Number.parseInt(from, 16), to: Number.parseInt(to, 16), name: path === '' ? 'anonymous' : path }];
}

/** The runs of pages in a mapping that exist. */
function* touched(pagemap: number, { from, to }: Mapping): Generator<readonly [from: number, to: number]> {
  const entries = new Uint32Array(2 * Math.min(65_536, (to - from) / PAGE));
  let start: number | undefined;
  for (let at = from; at < to; ) {
    const read = readSync(pagemap, entries, 0, Math.min(entries.byteLength, ((to - at) / PAGE) * 8), (at / PAGE) * 8);
    if (read < 8) break;
    for (let entry = 1; entry < read / 4; entry += 2, at += PAGE) {
      const there = ((entries[entry] ?? 0) & THERE) !== 0;
      if (there) start ??= at;
      else if (start !== undefined) {
        yield [start, at];
        start = undefined;
      }
    }
  }
  if (start !== undefined) yield [start, to];
}

/** Guard and device pages cannot be read: they count as empty. */
function readMemory(memory: number, buffer: Uint8Array, position: number): number {
  try {
    return readSync(memory, buffer, 0, buffer.length, position);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EIO' || error.code === 'EFAULT')) return 0;
    throw error;
  }
}

/** As `memoryOf`, of a process of ours that stands still meanwhile; nothing of one that has ended. */
export function* stillMemoryOf(pid: number, shared = true): Generator<Span> {
  if (!signalled(pid, 'SIGSTOP')) return;
  try {
    yield* memoryOf(pid, shared);
  } finally {
    signalled(pid, 'SIGCONT');
  }
}

function signalled(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/** Whether we may read the memory of `pid`. */
export function mayLook(pid: number): boolean {
  try {
    for (const _ of memoryOf(pid)) break;
    return true;
  } catch {
    return false;
  }
}

/** Whether we may read the memory of what we start. */
export function mayLookAtChildren(): boolean {
  if (process.platform !== 'linux') return false;
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  child.on('error', () => undefined);
  const may = child.pid !== undefined && mayLook(child.pid);
  child.kill('SIGKILL');
  return may;
}

/** Writes a core file of a running process with gdb's gcore; undefined where that is not installed or not allowed. */
export function coreFile(pid: number, directory: string): string | undefined {
  const result = spawnSync('gcore', ['-a', '-o', join(directory, 'core'), String(pid)], { stdio: 'ignore' });
  return result.status === 0 ? join(directory, `core.${pid}`) : undefined;
}

/** Contents of every file below `path`; links are not followed. */
export function* filesBelow(path: string): Generator<Span> {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  if (facts === undefined) return; // removed while we looked
  if (facts.isDirectory()) for (const name of readdirSync(path)) yield* filesBelow(join(path, name));
  if (facts.isSymbolicLink()) yield named(path, Buffer.from(readlinkSync(path)));
  if (facts.isFile() && facts.size > 0) {
    const file = openSync(path, 'r');
    try {
      yield* spans(path, 0, facts.size, (buffer, at) => readSync(file, buffer, 0, buffer.length, at));
    } finally {
      closeSync(file);
    }
  }
}

/** `bytes` as a span of their own. */
export function named(place: string, bytes: Uint8Array): Span {
  const aligned = new Uint8Array((bytes.length + 3) & ~3);
  aligned.set(bytes);
  return { place, at: 0, bytes: aligned };
}

/** Puts what the system still holds back in its caches onto the disk. */
export function flushDisk(): void {
  execFileSync('sync');
}
