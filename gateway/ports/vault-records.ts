import type { AccountId, CallId, FaxId } from '../fax/ids.ts';
import type { CarrierCopyState } from '../fax/receipt.ts';
import type { Exclusion } from './exclusion.ts';
import type { StoredObject } from './image-vault.ts';

/** A wrapped DEK as the records keep it. It is noise without the KEK of `epoch`. */
export interface WrappedKey {
  readonly fax: FaxId;
  readonly account: AccountId;
  /** Random name of the DEK, for receipts. */
  readonly dek: string;
  readonly epoch: number;
  readonly wrapped: Uint8Array;
  readonly state: 'uploading' | 'live';
  readonly expiresAt: number | null;
}

export type EpochState = 'open' | 'closing' | 'destroyed';

/** An epoch as the records know it (never its key). */
export interface EpochRow {
  readonly number: number;
  readonly state: EpochState;
  readonly openedAt: number;
  readonly destroyedAt: number | null;
}

/** The name under which keys of epochs are destroyed or put back, one process at a time. */
export const EPOCH_KEYS = 'epoch-keys';

/** A copy of a fax that a carrier was given or had received. */
export interface CopyAtCarrier {
  readonly call: CallId;
  readonly carrier: string;
  readonly outcome: CarrierCopyState;
  readonly detail: string | null;
  readonly answeredAt: number | null;
  /** Whether the carrier is asked again. */
  readonly open: boolean;
}

/** Why an image must die, written in the transaction that ended the transmission. */
export interface WipeIntent {
  readonly fax: FaxId;
  readonly reason: string;
  readonly since: number;
}

/** Rows of the vault. Each method is one transaction. */
export interface VaultRecords extends Exclusion {
  /**
   * Inserts the wrapped key in state `uploading`, only while `epoch` is `open` (its row is held FOR SHARE). False: the
   * epoch has closed; take the next. With `object` as if `objectWriting` followed, in the same transaction.
   */
  insertKey(key: WrappedKey, object?: string): Promise<boolean>;
  key(fax: FaxId): Promise<WrappedKey | undefined>;
  /** Deletes the key row. True when there was one. */
  deleteKey(fax: FaxId): Promise<boolean>;
  /** Records that an object is about to be written, before its first byte. */
  objectWriting(fax: FaxId, object: string): Promise<void>;
  /**
   * Seen by all at once, but durable only with the next write that waits, such as the one that makes it a fax's. Answers
   * the fax's key as it stands then: whoever takes it away later sees this object.
   */
  objectStored(fax: FaxId, stored: StoredObject): Promise<WrappedKey | undefined>;
  objects(fax: FaxId): Promise<(StoredObject & { readonly stored: boolean })[]>;
  deleteObject(fax: FaxId, object: string): Promise<void>;
  /** Deletes key, objects and any wipe intent of an upload that was never accepted. */
  discard(fax: FaxId): Promise<void>;

  intents(olderThan: number, limit: number): Promise<WipeIntent[]>;
  /** Asks for a wipe outside of an ending (expired hold, acknowledged). Idempotent. */
  addIntent(fax: FaxId, reason: string, now: number): Promise<void>;
  /** Idempotent: of two receipts over the same key or objects the first stays. `decided`: calls of whose copies it tells the end, so that no further receipt has to. In one transaction: first receipt stored and put into the fax's CDRs, key and object rows deleted, intent deleted, fax marked wiped with event `fax.wiped`, audit. */
  storeReceipt(fax: FaxId, epoch: number, jws: string, now: number, decided?: readonly CallId[]): Promise<void>;
  /** Copies that carriers were given or had received of the fax, as far as they are known; in order of their calls. */
  copies(fax: FaxId): Promise<CopyAtCarrier[]>;
  receipt(
    fax: FaxId,
  ): Promise<{ readonly jws: string; readonly epoch: number; readonly epochJws: string | null } | undefined>;

  epochs(): Promise<EpochRow[]>;
  openEpoch(number: number, now: number): Promise<void>;
  /** `open` → `closing`; waits for writers that hold the row. */
  closeEpoch(number: number): Promise<void>;
  keysOfEpoch(number: number, limit: number): Promise<WrappedKey[]>;
  /**
   * Replaces the wrap if the row still stands at `from` and still holds the octets `was`; false, and nothing written,
   * otherwise. `to` may equal `from`: the vault takes a wrap away by putting a mark of the same length in its place, and
   * a roll that has read the wrap before must not bring it back.
   */
  rewrap(fax: FaxId, from: number, to: number, wrapped: Uint8Array, was: Uint8Array): Promise<boolean>;
  keyCountOfEpoch(number: number): Promise<number>;
  /** First receipts (JWS) of faxes wiped under this epoch, by fax id. */
  receiptsOfEpoch(number: number): Promise<{ readonly fax: FaxId; readonly jws: string }[]>;
  /** Marks it destroyed and stores the second receipt beside each first one and in their CDRs, in one transaction. */
  destroyEpoch(number: number, jws: string | null, now: number): Promise<void>;

  /** For the sweepers. */
  expiredUploads(now: number, limit: number): Promise<FaxId[]>;
  /** Uploads of a request that is still at work. */
  renewUploads(faxes: readonly FaxId[], expiresAt: number): Promise<void>;
  /** Faxes that own key or object rows; used to find files without rows. */
  hasRows(faxes: readonly FaxId[]): Promise<Set<FaxId>>;
  /** Inbound faxes past their hold, `uncertain` ones past theirs, and any image older than `absolute` ms. */
  overdueImages(
    now: number,
    absolute: number,
    limit: number,
  ): Promise<{ readonly fax: FaxId; readonly reason: string }[]>;
  /** Live keys whose epoch has no key any more: those faxes fail as `image_lost`. */
  keysOutside(epochs: readonly number[], limit: number): Promise<FaxId[]>;
}
