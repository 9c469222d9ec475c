import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { cachedDataVersionTag } from 'node:v8';

/**
 * A folder with the child's program as Node has compiled it: types stripped, code cached, and the machine code of
 * PDFium and of the kernels as V8 has optimised them over many pages. Without it every child strips, compiles and
 * optimises anew, which is most of what its start costs, and a third of its first pages.
 *
 * Whoever writes here chooses what children run, so that only a child that never sees a document may: it fills the
 * folder once, for all others it is read-only. Node itself tells its versions apart, and entries that no longer match
 * their source are not used.
 */
export interface CodeCache {
  readonly folder: string;
  /** Whether this child is the one that fills it. */
  readonly fill: boolean;
}

/**
 * Makes `folder` for this user alone. False when it cannot be had, or when others own it or may write to it; children
 * then start without it.
 */
export async function makeCacheFolder(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = await stat(folder);
    return uid === process.getuid?.() && (mode & 0o022) === 0;
  } catch {
    return false;
  }
}

/** Remembers in the cache's folder that it is filled, so that a later start need not do it again. */
export class CacheMark {
  readonly #path: string;
  readonly #sources: readonly string[];
  #found = '';

  /**
   * @param sources files and folders that the cached program is made of
   * @param name of the file in the folder that says what was done from which sources
   */
  constructor(folder: string, sources: readonly string[], name = 'filled') {
    this.#path = join(folder, name);
    this.#sources = sources;
  }

  /** Whether the cache was filled by this Node from the sources as they are now. */
  async isDone(): Promise<boolean> {
    this.#found = await describeSources(this.#sources);
    return (await readFile(this.#path, 'utf8').catch(() => '')) === this.#found;
  }

  /** Notes that the cache is filled from the sources that {@link isDone} saw. A mark that cannot be written costs time only. */
  async done(): Promise<void> {
    await writeFile(this.#path, this.#found, { mode: 0o600 }).catch(() => undefined);
  }
}

/**
 * Number, size and last change of everything in `sources`, the Node that compiles it and the processor that it compiles for. A change that this does not show
 * costs time and nothing else: Node compares each entry with its source.
 */
async function describeSources(sources: readonly string[]): Promise<string> {
  const files = (await Promise.all(sources.map(filesOf))).flat();
  const found = await Promise.all(files.map((path) => stat(path)));
  const bytes = found.reduce((sum, { size }) => sum + size, 0);
  const newest = found.reduce((latest, { mtimeMs }) => Math.max(latest, mtimeMs), 0);
  const processor = `${process.arch} ${cpus()[0]?.model ?? ''}`;
  return `node ${process.version} ${cachedDataVersionTag()}, ${processor}, ${files.length} files of ${bytes} bytes, last changed ${newest}\n`;
}

async function filesOf(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
