import { constants, type Dirent } from 'node:fs';
import { chmod, type FileHandle, lstat, mkdir, open, opendir, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { hex, randomBytes } from '../../crypto/index.ts';
import { type FaxId, parseId } from '../fax/ids.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import { DirectorySync, ifPresent, syncDirectory, writeAll } from './durable.ts';
import { asStorageFault, systemCode, VaultError } from './errors.ts';

// Layout:   <directory>/<fax id>/<object with / as ->.sfv        0700 directories, 0600 files
//           …                   /<the same>.<8 hex digits>.part  while it is being written

/** Octets asked of a file at once: one sealed record and a little. */
const READ_SIZE = 66_048;
/** A first chunk below this is joined to the one after it. */
const LONGEST_HEADER = 1_024;
const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

/** How often a folder is emptied again while another process goes on writing into it. */
const SWEEPS = 5;

/**
 * Sealed objects as files, in a directory of this process or on a volume that several share: names of unfinished files
 * are random, an object appears by rename, and whoever finds its unfinished file gone gives up.
 */
export function createBlobDirectory(path: string): BlobStore {
  return new BlobDirectory(path);
}

class BlobDirectory implements BlobStore {
  readonly #path: string;
  readonly #entries: DirectorySync;

  constructor(path: string) {
    this.#path = path;
    this.#entries = new DirectorySync(path);
  }

  /** `.part`, fdatasync, rename, fsync of the directory. */
  async write(fax: FaxId, object: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const final = this.#file(fax, object);
    const part = `${final}.${hex(randomBytes(4))}.part`;
    let entry: Promise<void> | undefined;
    try {
      // A new folder's own entry is made durable while its file is written.
      if (await this.#makeFolder(fax)) entry = this.#entries.sync();
      entry?.catch(() => undefined);
      await writePart(part, chunks);
      await rename(part, final);
      await Promise.all([syncDirectory(this.#folder(fax)), entry]);
    } catch (error) {
      await ifPresent(unlink(part));
      throw asStorageFault(error);
    }
  }

  async *read(fax: FaxId, object: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const file = await ifPresent(open(this.#file(fax, object), O_RDONLY | O_NOFOLLOW));
    if (file === undefined) throw new VaultError('object_missing', 'the vault has no such object');
    const close = () => void file.close();
    signal.addEventListener('abort', close, { once: true });
    try {
      yield* chunksOf(file, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', close);
      await file.close();
    }
  }

  async length(fax: FaxId, object: string): Promise<number | undefined> {
    return (await ifPresent(lstat(this.#file(fax, object))))?.size;
  }

  async removeObject(fax: FaxId, object: string): Promise<void> {
    await ifPresent(unlink(this.#file(fax, object)));
    await ifPresent(syncDirectory(this.#folder(fax)));
  }

  async removeFax(fax: FaxId): Promise<boolean> {
    let found = false;
    for (let sweep = 0; sweep < SWEEPS && (await this.#empty(fax)); sweep++) found = true;
    // Even when nothing is there: the removal may be that of a process that died before it had synced.
    await ifPresent(this.#entries.sync());
    return found;
  }

  /** Removes the folder and what is in it, but for what another process puts there meanwhile. False without a folder. */
  async #empty(fax: FaxId): Promise<boolean> {
    const folder = this.#folder(fax);
    const names = await ifPresent(readdir(folder));
    if (names === undefined) return false;
    await Promise.all(names.map((name) => ifPresent(unlink(join(folder, name)))));
    await ifPresent(syncDirectory(folder));
    await ifPresent(rmdir(folder)).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOTEMPTY') throw error;
    });
    return true;
  }

  async absent(fax: FaxId): Promise<boolean> {
    return (await ifPresent(lstat(this.#folder(fax)))) === undefined;
  }

  /** Entries that are not ours are passed over. */
  async *faxes(): AsyncGenerator<FaxId> {
    const entries = await ifPresent(opendir(this.#path));
    if (entries === undefined) return;
    for await (const entry of entries) {
      const fax = faxOf(entry);
      if (fax !== undefined) yield fax;
    }
  }

  /** True when there was none. */
  async #makeFolder(fax: FaxId): Promise<boolean> {
    const folder = this.#folder(fax);
    try {
      await mkdir(folder, { mode: 0o700 });
    } catch (error) {
      const code = systemCode(error);
      if (code === 'EEXIST') return false;
      if (code !== 'ENOENT') throw error;
      await this.#makeRoot();
      await mkdir(folder, { mode: 0o700 });
    }
    return true;
  }

  async #makeRoot(): Promise<void> {
    const made = await mkdir(this.#path, { recursive: true, mode: 0o700 });
    if (made !== undefined) await chmod(this.#path, 0o700);
  }

  #folder(fax: FaxId): string {
    // Ids are checked again where they become paths: a mistake elsewhere must not reach another folder.
    if (parseId('fax', fax) === undefined) throw new Error('not a fax id');
    return join(this.#path, fax);
  }

  #file(fax: FaxId, object: string): string {
    if (!/^[a-z]{1,16}\/[0-9]{1,6}$/.test(object)) throw new Error('not an object name');
    return join(this.#folder(fax), `${object.replace('/', '-')}.sfv`);
  }
}

function faxOf(entry: Dirent): FaxId | undefined {
  return entry.isDirectory() ? parseId('fax', entry.name) : undefined;
}

async function writePart(part: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    for await (const chunk of joined(chunks)) await writeAll(file, chunk);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** The short header of an object joined to its first record: small objects take one write. */
async function* joined(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let header: Uint8Array | undefined;
  let first = true;
  for await (const chunk of chunks) {
    if (first && chunk.length < LONGEST_HEADER) header = chunk;
    else if (header === undefined) yield chunk;
    else {
      yield Buffer.concat([header, chunk]);
      header = undefined;
    }
    first = false;
  }
  if (header !== undefined) yield header;
}

async function* chunksOf(file: FileHandle, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (;;) {
    signal.throwIfAborted();
    const chunk = new Uint8Array(READ_SIZE);
    const { bytesRead } = await file.read(chunk, 0, chunk.length, null);
    if (bytesRead === 0) return;
    yield chunk.subarray(0, bytesRead);
  }
}
