import type { AccountId, FaxId } from '../fax/ids.ts';
import type { CarrierPurgeReceipt, EpochReceipt, WipeReceipt } from '../fax/receipt.ts';

/** An object as it lies in the vault: ciphertext only. */
export interface StoredObject {
  /** `doc/<index from 0>` or `page/<number from 1>`. */
  readonly object: string;
  /** Ciphertext length in bytes. */
  readonly bytes: number;
  /** SHA-256 of the ciphertext, hex. */
  readonly sha256: string;
}

/** A refusal of the vault. */
export type VaultErrorCode =
  | 'image_lost'
  | 'image_wiped'
  | 'storage_full'
  | 'object_missing'
  | 'epoch_unavailable'
  /** A verification after the erasure failed: no receipt is written; the sweeper tries again. */
  | 'wipe_failed'
  /** The root key is not the one that the key slots were sealed under, or the slot file is not usable. */
  | 'key_store';

/** A refusal of the vault or of its key store. Messages name no path, key or content. */
export class VaultError extends Error {
  override readonly name = 'VaultError';
  readonly code: VaultErrorCode;

  constructor(code: VaultErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * The encrypted temporary image store. Everything that goes in is sealed already (crypto's `sealObject` under the
 * fax's DEK); the vault sees ciphertext and wrapped keys. Errors are `VaultError` with a code above.
 */
export interface ImageVault {
  /**
   * W0a. Makes the fax's DEK, durably, wrapped under the open epoch, and hands it to the caller, who zeroes it. It expires
   * in two minutes unless the fax is accepted or `keepOpen` is called, so that a dead process leaves nothing behind. `object`: the one that is put next, whose row is then written along.
   */
  open(fax: FaxId, account: AccountId, object?: string): Promise<Uint8Array>;
  /** The uploads are still under way: their expiry moves on. */
  keepOpen(faxes: readonly FaxId[]): Promise<void>;
  /**
   * The fax's DEK, for a moment: it is zeroed when `use` has settled, or when the fax is wiped meanwhile, here or
   * elsewhere, which `ended` tells. @throws VaultError image_wiped, image_lost
   */
  withKey<T>(fax: FaxId, use: (dek: Uint8Array, ended: AbortSignal) => Promise<T>): Promise<T>;
  /** W0b. Writes one sealed object: `.part`, fsync, rename, fsync of the directory. An object of the same name is replaced. Nothing stays when `sealed` throws. */
  put(fax: FaxId, object: string, sealed: AsyncIterable<Uint8Array>): Promise<StoredObject>;
  /** Ciphertext of one object in chunks. @throws VaultError object_missing */
  read(fax: FaxId, object: string): AsyncIterable<Uint8Array>;
  objects(fax: FaxId): Promise<StoredObject[]>;
  /** Removes one object (a dropped page, a source document no longer needed). */
  remove(fax: FaxId, object: string): Promise<void>;
  /** An upload that was not accepted: key, objects and rows go, without a receipt. Idempotent. */
  discard(fax: FaxId): Promise<void>;
  /** Sealed inbound: stores the customer's wrap and drops our own. From here `withKey` answers image_wiped. */
  dropOwnWrap(fax: FaxId): Promise<void>;
  /** W6. Erases key and objects, verifies, signs and stores the receipt; idempotent: a second call answers the stored one. */
  wipe(fax: FaxId, reason: string): Promise<{ readonly receipt: WipeReceipt; readonly jws: string }>;
  /** Signs what a carrier has erased after the wipe, with the key of the wipe receipts. */
  certify(receipt: CarrierPurgeReceipt): Promise<string>;
  /** Another process says that it wipes the fax: if so, whatever is under way with it here ends, and its keys are zeroed. */
  heardOfWipe(fax: FaxId): Promise<void>;
  /** For the epoch roll: whether every stored object has its file, with its length. */
  intact(fax: FaxId): Promise<boolean>;
  /** For the sweeper: removes files that belong to no row; answers of how many faxes. */
  sweepStrays(): Promise<number>;
}

/** One epoch's key while it lives. */
export interface Epoch {
  readonly number: number;
  readonly openedAt: number;
  /** 256-bit KEK; the store owns and zeroes it. */
  readonly kek: Uint8Array;
}

/** Where KEKs live. Single server: memory and a fixed-size slot file overwritten in place; cluster: Redis without persistence, and the memory of each process. */
export interface EpochKeyStore {
  /** True when the store was made anew at this start, so that it cannot vouch for keys that it does not hold. */
  readonly fresh?: boolean;
  /** True when other processes live by the same keys: none of them may take them along when it stops. */
  readonly shared?: boolean;
  /** Whether the key was destroyed on purpose; for a store that may lose keys otherwise. */
  destroyed?(number: number): Promise<boolean>;
  /** All epochs that still have a key. */
  load(): Promise<Epoch[]>;
  /** Those whose key this process holds, without asking anybody: one of them may just have ended elsewhere. */
  held(): Epoch[];
  /** Makes the key of epoch `number` durable in the store before it returns; the existing one when there is one. */
  create(number: number, openedAt: number): Promise<Epoch>;
  /** Undefined when there is no such key any more; it may take some seconds to be sure of that. @throws VaultError epoch_unavailable when nobody can tell now */
  get(number: number): Promise<Epoch | undefined>;
  /** Overwrites the slot and zeroes the memory; idempotent. */
  destroy(number: number): Promise<void>;
  close(): Promise<void>;
}

/** Rolling of key epochs and the second receipts; run by the retention stage. */
export interface EpochRoll {
  /** Starts: loads epochs, opens one when none is open. */
  start(): Promise<void>;
  /**
   * One crash-safe roll: create n+1, close n, re-wrap live faxes, verify, destroy n, sign the second receipt. Of several
   * processes one rolls; those that waited for it finish what it left, and open nothing.
   */
  roll(): Promise<EpochReceipt | undefined>;
  /** Reports every fax whose wrapped key names an epoch without a key; answers how many. */
  reportLost(): Promise<number>;
  /** When the oldest epoch that still has a key was opened; undefined when none has. */
  oldest(): Promise<number | undefined>;
  /** How long the newest epoch has been in use, in ms, whatever the host's clock did meanwhile. */
  newestAge(): Promise<number | undefined>;
  /** An orderly stop: with no live fax every epoch is destroyed. */
  stop(): Promise<void>;
}
