import type { FaxId } from '../fax/ids.ts';

/**
 * Where the vault keeps sealed objects: a directory, or Redis. It sees ciphertext only and knows nothing of keys and
 * rows. Several processes may use one store at once; what one of them removes, another one's write does not bring back
 * unless it began afterwards.
 */
export interface BlobStore {
  /**
   * Writes one object whole, durable where the store is; an object of the same name is replaced. When `chunks` throws,
   * nothing of this attempt is left.
   *
   * @throws VaultError storage_full; otherwise what `chunks` threw
   */
  write(fax: FaxId, object: string, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /** Chunks of their own memory. Ends with the signal's reason when that aborts. @throws VaultError object_missing */
  read(fax: FaxId, object: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Length of an object in bytes; undefined when there is none. */
  length(fax: FaxId, object: string): Promise<number | undefined>;
  /** Removes one object; idempotent. */
  removeObject(fax: FaxId, object: string): Promise<void>;
  /** Removes everything of a fax, unfinished writes included; idempotent. True when there was something. */
  removeFax(fax: FaxId): Promise<boolean>;
  /** Whether nothing of the fax is left. */
  absent(fax: FaxId): Promise<boolean>;
  /** Faxes that have something here. */
  faxes(): AsyncIterable<FaxId>;
}
