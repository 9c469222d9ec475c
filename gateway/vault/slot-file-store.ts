import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { copyBytes, newKey, randomBytes, wipe } from '../../crypto/index.ts';
import type { Epoch, EpochKeyStore } from '../ports/image-vault.ts';
import { ifPresent, syncDirectory, writeAll } from './durable.ts';
import { VaultError } from './errors.ts';
import { BLOCK_SIZE, emptySlotFile, FILE_SIZE, inspectSlotFile, openSlot, SLOTS, sealSlot } from './slot.ts';

/** Where the slot file lies and what seals it. */
export interface SlotFileOptions {
  /** Outside of the data directory, and of every backup that holds it. */
  readonly path: string;
  /** 32 octets; copied, so that the caller may wipe its own. */
  readonly rootKey: Uint8Array;
}

/**
 * Keys in memory, and in a slot file of fixed size that is overwritten in place (pwrite and fdatasync, never renamed,
 * never grown): they survive kill -9, deploys and power loss, and a destroyed one leaves no older copy of the file.
 *
 * @throws VaultError key_store for another root key, a foreign file, or a file that others may read
 */
export async function createSlotFileStore(options: SlotFileOptions): Promise<EpochKeyStore> {
  const rootKey = copyBytes(options.rootKey);
  let file: FileHandle | undefined;
  try {
    const fresh = await makeIfMissing(options.path, rootKey);
    file = await open(options.path, constants.O_RDWR | constants.O_NOFOLLOW);
    const store = new SlotFileStore(file, rootKey, fresh);
    await store.readAll();
    return store;
  } catch (error) {
    wipe(rootKey);
    await file?.close();
    throw error;
  }
}

class SlotFileStore implements EpochKeyStore {
  readonly fresh: boolean;
  readonly #file: FileHandle;
  readonly #rootKey: Uint8Array;
  readonly #epochs = new Map<number, { readonly block: number; readonly epoch: Epoch }>();
  /** Changes stand in line: two of them must not choose the same block. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(file: FileHandle, rootKey: Uint8Array, fresh: boolean) {
    this.#file = file;
    this.#rootKey = rootKey;
    this.fresh = fresh;
  }

  async readAll(): Promise<void> {
    const octets = await this.#checkedFile();
    for (let block = 1; block <= SLOTS; block++) {
      const epoch = await openSlot(this.#rootKey, block, octets.subarray(block * BLOCK_SIZE, (block + 1) * BLOCK_SIZE));
      if (epoch !== undefined) this.#epochs.set(epoch.number, { block, epoch });
    }
  }

  async load(): Promise<Epoch[]> {
    return this.held();
  }

  held(): Epoch[] {
    return [...this.#epochs.values()].map((slot) => slot.epoch);
  }

  async get(number: number): Promise<Epoch | undefined> {
    return this.#epochs.get(number)?.epoch;
  }

  create(number: number, openedAt: number): Promise<Epoch> {
    return this.#inLine(async () => {
      const existing = this.#epochs.get(number);
      if (existing !== undefined) return existing.epoch;
      const block = this.#freeBlock();
      const epoch: Epoch = { number, openedAt, kek: newKey() };
      await this.#overwrite(block, await sealSlot(this.#rootKey, block, epoch));
      this.#epochs.set(number, { block, epoch });
      return epoch;
    });
  }

  destroy(number: number): Promise<void> {
    return this.#inLine(async () => {
      const slot = this.#epochs.get(number);
      if (slot === undefined) return;
      // Noise first: a device that compresses or drops zeros must still replace the sector.
      await this.#overwrite(slot.block, randomBytes(BLOCK_SIZE));
      await this.#overwrite(slot.block, new Uint8Array(BLOCK_SIZE));
      this.#epochs.delete(number);
      wipe(slot.epoch.kek);
    });
  }

  close(): Promise<void> {
    return this.#inLine(async () => {
      for (const { epoch } of this.#epochs.values()) wipe(epoch.kek);
      this.#epochs.clear();
      wipe(this.#rootKey);
      await this.#file.close();
    });
  }

  #freeBlock(): number {
    const taken = new Set([...this.#epochs.values()].map((slot) => slot.block));
    for (let block = 1; block <= SLOTS; block++) if (!taken.has(block)) return block;
    throw new VaultError('epoch_unavailable', 'every key slot is taken');
  }

  async #overwrite(block: number, octets: Uint8Array): Promise<void> {
    await writeAll(this.#file, octets, block * BLOCK_SIZE);
    await this.#file.datasync();
  }

  async #checkedFile(): Promise<Uint8Array> {
    const facts = await this.#file.stat();
    if (!facts.isFile() || (facts.mode & 0o077) !== 0) {
      throw new VaultError('key_store', 'the slot file must be a file of mode 0600');
    }
    // One octet more than the file may have, so that a longer one is noticed.
    const octets = new Uint8Array(FILE_SIZE + 1);
    const { bytesRead } = await this.#file.read(octets, 0, octets.length, 0);
    const state = await inspectSlotFile(this.#rootKey, octets.subarray(0, bytesRead));
    if (state === 'foreign')
      throw new VaultError('key_store', 'the file at the place of the key slots is not a slot file');
    if (state === 'other_root_key') {
      throw new VaultError('key_store', 'the root key is not the one that the key slots were sealed under');
    }
    return octets;
  }

  #inLine<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#last.then(work, work);
    this.#last = run.catch(() => undefined);
    return run;
  }
}

/** Makes an empty slot file whole or not at all. True when it was made. */
async function makeIfMissing(path: string, rootKey: Uint8Array): Promise<boolean> {
  const existing = await ifPresent(open(path, constants.O_RDONLY | constants.O_NOFOLLOW));
  await existing?.close();
  if (existing !== undefined) return false;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const part = `${path}.part`;
  await rm(part, { force: true });
  const file = await open(part, 'wx', 0o600);
  try {
    await writeAll(file, await emptySlotFile(rootKey));
    await file.sync();
  } finally {
    await file.close();
  }
  // It holds no key yet: from here on the file is only ever overwritten in place.
  await rename(part, path);
  await syncDirectory(dirname(path));
  return true;
}
