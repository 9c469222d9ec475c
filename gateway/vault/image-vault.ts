import { newKey, randomId, wipe } from '../../crypto/index.ts';
import type { AccountId, FaxId } from '../fax/ids.ts';
import type { CarrierPurgeReceipt } from '../fax/receipt.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { EpochKeyStore, ImageVault, StoredObject } from '../ports/image-vault.ts';
import type { VaultRecords, WrappedKey } from '../ports/vault-records.ts';
import { createBlobDirectory } from './blob-directory.ts';
import { VaultError } from './errors.ts';
import { type KeyMark, markOf, unwrapOf, wrapFor } from './key-wrap.ts';
import { Occupancy } from './occupancy.ts';
import { SealedSource } from './sealed-source.ts';
import { Wiping, type WipingParts } from './wiping.ts';

/** An upload of which nothing is heard for so long counts as abandoned (W0a), in milliseconds. */
export const UPLOAD_LIFE = 120_000;
/** An epoch may be rolled away under a writer or reader; more than a few in a row cannot happen by itself. */
const ATTEMPTS = 4;
/** Faxes asked about at once by the sweep for strays. */
const STRAY_BATCH = 500;

/** What a vault is made of. */
export interface VaultOptions extends Omit<WipingParts, 'occupancy'> {
  /** Whether other processes work on the same faxes: then one of them may wipe what this one writes. */
  readonly shared?: boolean;
}

/** A vault whose ciphertext lies in files. */
export interface FileVaultOptions extends Omit<VaultOptions, 'blobs'> {
  /** Made with mode 0700 when it is missing. Ciphertext only. */
  readonly directory: string;
}

/** The image vault: ciphertext in a store of blobs, wrapped keys in rows. */
export function createVault(options: VaultOptions): ImageVault {
  return new SealedVault(options);
}

/** The image vault of a single server, or of several on a shared volume. */
export function createFileVault(options: FileVaultOptions): ImageVault {
  return createVault({ ...options, blobs: createBlobDirectory(options.directory) });
}

class SealedVault implements ImageVault {
  readonly #records: VaultRecords;
  readonly #epochs: EpochKeyStore;
  readonly #clock: Clock;
  readonly #blobs: BlobStore;
  readonly #shared: boolean;
  readonly #occupancy = new Occupancy();
  /** Objects whose row was written with the key of their fax. */
  readonly #fresh = new Map<FaxId, string>();
  readonly #wiping: Wiping;

  constructor(options: VaultOptions) {
    this.#records = options.records;
    this.#epochs = options.epochs;
    this.#clock = options.clock;
    this.#blobs = options.blobs;
    this.#shared = options.shared ?? false;
    this.#wiping = new Wiping({ ...options, occupancy: this.#occupancy });
  }

  async open(fax: FaxId, account: AccountId, object?: string): Promise<Uint8Array> {
    const dek = newKey();
    try {
      await this.#insertKey(fax, account, dek, object);
      if (object !== undefined) this.#fresh.set(fax, object);
      return dek;
    } catch (error) {
      wipe(dek);
      throw error;
    }
  }

  async withKey<T>(fax: FaxId, use: (dek: Uint8Array, ended: AbortSignal) => Promise<T>): Promise<T> {
    return this.#occupancy.lend(fax, await this.#unwrap(fax), use);
  }

  async put(fax: FaxId, object: string, sealed: AsyncIterable<Uint8Array>): Promise<StoredObject> {
    return this.#occupancy.write(fax, async (signal) => {
      const before = this.#isFresh(fax, object) ? undefined : await this.#announce(fax, object);
      try {
        const source = new SealedSource(sealed, signal);
        await this.#blobs.write(fax, object, source.chunks());
        const stored = source.stored(object);
        const key = await this.#records.objectStored(fax, stored);
        if (this.#shared) usableRow(key);
        return stored;
      } catch (error) {
        await this.#takeBack(fax, object, before);
        throw this.#shared ? await this.#wipedElsewhere(fax, object, error) : error;
      }
    });
  }

  read(fax: FaxId, object: string): AsyncIterable<Uint8Array> {
    return this.#occupancy.read(fax, (signal) => this.#blobs.read(fax, object, signal));
  }

  async objects(fax: FaxId): Promise<StoredObject[]> {
    const rows = await this.#records.objects(fax);
    return rows.filter((row) => row.stored).map(({ object, bytes, sha256 }) => ({ object, bytes, sha256 }));
  }

  async remove(fax: FaxId, object: string): Promise<void> {
    await this.#occupancy.write(fax, async () => {
      // A row that counts as stored without its file means a lost image to a roll that looks at this moment.
      await this.#records.objectWriting(fax, object);
      await this.#blobs.removeObject(fax, object);
      await this.#records.deleteObject(fax, object);
    });
  }

  async keepOpen(faxes: readonly FaxId[]): Promise<void> {
    await this.#records.renewUploads(faxes, this.#clock.now() + UPLOAD_LIFE);
  }

  async discard(fax: FaxId): Promise<void> {
    await this.#occupancy.close(fax);
    this.#fresh.delete(fax);
    try {
      // Rows first: an upload that became a fax in this moment keeps its rows, and then its files too.
      await this.#records.discard(fax);
      if ((await this.#records.key(fax)) === undefined) await this.#blobs.removeFax(fax);
    } finally {
      this.#occupancy.reopen(fax);
    }
  }

  async dropOwnWrap(fax: FaxId): Promise<void> {
    await this.#wiping.takeWrap(fax, 'dropped');
    this.#occupancy.zeroKeys(fax);
  }

  wipe(fax: FaxId, reason: string): ReturnType<ImageVault['wipe']> {
    return this.#wiping.wipe(fax, reason);
  }

  certify(receipt: CarrierPurgeReceipt): Promise<string> {
    return this.#wiping.certify(receipt);
  }

  async heardOfWipe(fax: FaxId): Promise<void> {
    if (!this.#occupancy.has(fax)) return;
    const row = await this.#records.key(fax);
    // An image that was uploaded again since has a new wrap.
    if (row === undefined || markOf(row.wrapped) !== undefined) this.#occupancy.end(fax);
  }

  async intact(fax: FaxId): Promise<boolean> {
    for (const stored of await this.objects(fax)) {
      if ((await this.#blobs.length(fax, stored.object)) === stored.bytes) continue;
      // It may have been removed or replaced since it was listed: rows change before files.
      const { object, sha256 } = stored;
      if ((await this.objects(fax)).some((now) => now.object === object && now.sha256 === sha256)) return false;
    }
    return true;
  }

  async sweepStrays(): Promise<number> {
    let found = 0;
    let batch: FaxId[] = [];
    for await (const fax of this.#blobs.faxes()) {
      batch.push(fax);
      if (batch.length < STRAY_BATCH) continue;
      found += await this.#removeStrays(batch);
      batch = [];
    }
    return found + (await this.#removeStrays(batch));
  }

  /** Rows are written before files and files go before rows, so that a folder without rows is nobody's. */
  async #removeStrays(faxes: readonly FaxId[]): Promise<number> {
    if (faxes.length === 0) return 0;
    const owned = await this.#records.hasRows(faxes);
    let found = 0;
    for (const fax of faxes) {
      if (!owned.has(fax) && (await this.#blobs.removeFax(fax))) found++;
    }
    return found;
  }

  /** Whether `open` has written the row of this object; once. */
  #isFresh(fax: FaxId, object: string): boolean {
    const fresh = this.#fresh.get(fax) === object;
    this.#fresh.delete(fax);
    return fresh;
  }

  /** The row of an object before its first octet; answers the one that it replaces. */
  async #announce(fax: FaxId, object: string): Promise<StoredObject | undefined> {
    usableRow(await this.#records.key(fax));
    const before = await this.#replaced(fax, object);
    await this.#records.objectWriting(fax, object);
    return before;
  }

  async #insertKey(fax: FaxId, account: AccountId, dek: Uint8Array, object: string | undefined): Promise<void> {
    const row = {
      fax,
      account,
      dek: randomId('dek'),
      state: 'uploading',
      expiresAt: this.#clock.now() + UPLOAD_LIFE,
    } as const;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const known = attempt === 0 ? this.#epochs.held() : await this.#epochs.load();
      const newestFirst = known.sort((a, b) => b.number - a.number);
      // The newest key may not be open in the records yet, and an older one not any more: the insert decides.
      for (const epoch of newestFirst) {
        const wrapped = await wrapFor(row, epoch.number, epoch.kek, dek);
        if (await this.#records.insertKey({ ...row, epoch: epoch.number, wrapped }, object)) return;
      }
    }
    throw new VaultError('epoch_unavailable', 'no key epoch is open');
  }

  async #unwrap(fax: FaxId): Promise<Uint8Array> {
    let epoch: number | undefined;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const row = usableRow(await this.#records.key(fax));
      // The same epoch again: no roll has come between, so the key is gone for good.
      if (row.epoch === epoch) break;
      epoch = row.epoch;
      const kek = (await this.#epochs.get(row.epoch))?.kek;
      const dek = kek === undefined ? undefined : await unwrapOf(row, kek);
      if (dek !== undefined) return dek;
    }
    throw new VaultError('image_lost', 'the key of the image is gone');
  }

  /** The row of an object that a write would replace. */
  async #replaced(fax: FaxId, object: string): Promise<StoredObject | undefined> {
    if ((await this.#blobs.length(fax, object)) === undefined) return undefined;
    return (await this.objects(fax)).find((stored) => stored.object === object);
  }

  /** What a failed write is to answer: when another process has wiped the fax meanwhile, nothing of ours may stay behind. */
  async #wipedElsewhere(fax: FaxId, object: string, error: unknown): Promise<unknown> {
    try {
      usableRow(await this.#records.key(fax));
      return error;
    } catch (refusal) {
      if (!(refusal instanceof VaultError)) return error;
      await this.#blobs.removeObject(fax, object);
      await this.#records.deleteObject(fax, object);
      return refusal;
    }
  }

  /** A write that failed leaves the row as it was. */
  async #takeBack(fax: FaxId, object: string, before: StoredObject | undefined): Promise<void> {
    if (before === undefined) await this.#records.deleteObject(fax, object);
    else await this.#records.objectStored(fax, before);
  }
}

const REFUSALS: Record<KeyMark, VaultError['code']> = {
  dropped: 'image_wiped',
  wiping: 'image_wiped',
  lost: 'image_lost',
};

/** The row when it holds a wrap. @throws VaultError image_wiped, image_lost */
function usableRow(row: WrappedKey | undefined): WrappedKey {
  const mark = row === undefined ? 'wiping' : markOf(row.wrapped);
  if (row !== undefined && mark === undefined) return row;
  const code = REFUSALS[mark ?? 'wiping'];
  throw new VaultError(code, code === 'image_lost' ? 'the key of the image is gone' : 'the image was erased');
}
