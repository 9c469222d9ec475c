import { fromBase64url, type ReceiptKey, scheduleCollection, signReceipt } from '../../crypto/index.ts';
import type { FaxId } from '../fax/ids.ts';
import type { CarrierPurgeReceipt, WipeReceipt } from '../fax/receipt.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { EpochKeyStore, StoredObject } from '../ports/image-vault.ts';
import type { Log, Metrics } from '../ports/log.ts';
import type { CopyAtCarrier, VaultRecords, WrappedKey } from '../ports/vault-records.ts';
import { VaultError } from './errors.ts';
import { type KeyMark, marked, markOf, unwrapOf } from './key-wrap.ts';
import type { Occupancy } from './occupancy.ts';

/** A receipt and its signed form. */
export interface Wiped {
  readonly receipt: WipeReceipt;
  readonly jws: string;
}

/** What a wipe needs. */
export interface WipingParts {
  /** Where ciphertext lies. */
  readonly blobs: BlobStore;
  readonly records: VaultRecords;
  readonly epochs: EpochKeyStore;
  /** Signs wipe receipts; a key apart from the handshake key. */
  readonly receiptKey: ReceiptKey;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly occupancy: Occupancy;
  /** Tells the processes that work on the same faxes that nobody may go on with this one; absent where there are none. */
  readonly tell?: (fax: FaxId) => void;
}

/**
 * W6. Each step leaves what the next run needs, so that a kill between any two is answered by running again:
 *
 * 1. the wrap is replaced by a mark (the row keeps DEK name and epoch) — from here the image is lost to everyone
 *    who does not hold both an old copy of the row and the epoch's key;
 * 2. readers and writers are ended, lent keys zeroed;
 * 3. files unlinked, directories synced;
 * 4. verified: no file, no wrap in a row, what the row holds does not unwrap;
 * 5. receipt signed; stored in the transaction that deletes key and object rows and the intent.
 */
export class Wiping {
  readonly #parts: WipingParts;
  readonly #running = new Map<FaxId, Promise<Wiped>>();

  constructor(parts: WipingParts) {
    this.#parts = parts;
  }

  /** Idempotent; callers at the same time share one run and one receipt. @throws VaultError wipe_failed */
  wipe(fax: FaxId, reason: string): Promise<Wiped> {
    const running = this.#running.get(fax);
    if (running !== undefined) return running;
    const run = this.#timed(fax, reason).finally(() => this.#running.delete(fax));
    this.#running.set(fax, run);
    return run;
  }

  /** A receipt of what a carrier erased later, by the key of all receipts. */
  certify(receipt: CarrierPurgeReceipt): Promise<string> {
    return signReceipt(receipt, this.#parts.receiptKey);
  }

  /** Replaces the wrap of a fax by `mark`, wherever the roll has moved it; answers the row, or undefined without one. */
  async takeWrap(fax: FaxId, mark: KeyMark): Promise<WrappedKey | undefined> {
    const { records } = this.#parts;
    for (;;) {
      const row = await records.key(fax);
      if (row === undefined || markOf(row.wrapped) === mark) return row;
      if (mark === 'dropped' && markOf(row.wrapped) === 'wiping') return row;
      if (await records.rewrap(fax, row.epoch, row.epoch, marked(mark), row.wrapped)) return row;
    }
  }

  async #timed(fax: FaxId, reason: string): Promise<Wiped> {
    const { clock, metrics, log } = this.#parts;
    const started = clock.monotonic();
    const wiped = await this.#run(fax, reason);
    metrics.observe('wipe_seconds', (clock.monotonic() - started) / 1_000);
    metrics.count('wipes');
    log.info({ fax, objects: wiped.receipt.objects.length, reason: wiped.receipt.reason }, 'image wiped');
    return wiped;
  }

  async #run(fax: FaxId, reason: string): Promise<Wiped> {
    const { records, blobs, occupancy } = this.#parts;
    const row = await this.takeWrap(fax, 'wiping');
    this.#parts.tell?.(fax);
    await occupancy.close(fax);
    try {
      const objects = await records.objects(fax);
      await blobs.removeFax(fax);
      if (row === undefined && objects.length === 0) {
        const earlier = await records.receipt(fax);
        if (earlier !== undefined) return { receipt: claimsOf(earlier.jws), jws: earlier.jws };
      }
      const erased = objects.filter((object) => object.stored);
      const copies = await records.copies(fax);
      const receipt = { ...(await this.#receipt(fax, reason, row, erased)), ...carriersOf(copies) };
      return await this.#conclude(receipt, copies);
    } finally {
      occupancy.reopen(fax);
      scheduleCollection();
    }
  }

  async #receipt(
    fax: FaxId,
    reason: string,
    row: WrappedKey | undefined,
    erased: readonly StoredObject[],
  ): Promise<WipeReceipt> {
    return {
      v: 1,
      fax,
      objects: erased.map(({ object, bytes, sha256 }) => ({ object, bytes, sha256 })),
      bytes: erased.reduce((sum, { bytes }) => sum + bytes, 0),
      dek: row?.dek ?? 'none',
      epoch: row?.epoch ?? (await this.#newestEpoch()),
      wipedAt: new Date(this.#parts.clock.now()).toISOString(),
      method: 'cryptographic-erase+unlink',
      reason,
      checks: await this.#verify(fax),
    };
  }

  /** Looks at the disk and the row as they are now. @throws VaultError wipe_failed */
  async #verify(fax: FaxId): Promise<WipeReceipt['checks']> {
    const row = await this.#parts.records.key(fax);
    const checks = {
      blobAbsent: await this.#parts.blobs.absent(fax),
      // The row itself goes in the transaction that stores the receipt; what counts is that it holds no wrap.
      rowAbsent: row === undefined || markOf(row.wrapped) !== undefined,
      unwrapFails: row === undefined || !(await this.#opens(row)),
    };
    if (checks.blobAbsent && checks.rowAbsent && checks.unwrapFails) return checks;
    this.#parts.log.error({ fax, ...checks }, 'the verification after a wipe failed');
    throw new VaultError('wipe_failed', 'the verification after the erasure failed');
  }

  async #opens(row: WrappedKey): Promise<boolean> {
    const epoch = await this.#parts.epochs.get(row.epoch);
    if (epoch === undefined) return false;
    const dek = await unwrapOf(row, epoch.kek);
    dek?.fill(0);
    return dek !== undefined;
  }

  async #conclude(receipt: WipeReceipt, copies: readonly CopyAtCarrier[]): Promise<Wiped> {
    const { records, receiptKey, clock } = this.#parts;
    const jws = await signReceipt(receipt, receiptKey);
    const decided = copies.filter(({ open }) => !open).map(({ call }) => call);
    await records.storeReceipt(receipt.fax, receipt.epoch, jws, clock.now(), decided);
    if ((await records.key(receipt.fax)) !== undefined) {
      throw new VaultError('wipe_failed', 'the key row outlived its receipt');
    }
    // Another process may have been faster; what is stored is what counts.
    const stored = await records.receipt(receipt.fax);
    return stored === undefined ? { receipt, jws } : { receipt: claimsOf(stored.jws), jws: stored.jws };
  }

  /** The epoch whose second receipt covers a fax that never had a key. */
  async #newestEpoch(): Promise<number> {
    return Math.max(0, ...(await this.#parts.epochs.load()).map((epoch) => epoch.number));
  }
}

/** The wipe waits for no carrier: what is open now gets a further receipt when it is decided. */
function carriersOf(copies: readonly CopyAtCarrier[]): Pick<WipeReceipt, 'carriers'> {
  if (copies.length === 0) return {};
  const carriers = copies.map(({ carrier, call, outcome, detail, answeredAt }) => {
    const at = answeredAt === null ? null : new Date(answeredAt).toISOString();
    return { carrier, call, outcome, detail, at };
  });
  return { carriers };
}

/** The claims of a receipt of our own records; whoever doubts it verifies the signature. */
function claimsOf(jws: string): WipeReceipt {
  const payload = fromBase64url(jws.split('.')[1] ?? '');
  const claims: WipeReceipt = JSON.parse(new TextDecoder().decode(payload));
  return claims;
}
