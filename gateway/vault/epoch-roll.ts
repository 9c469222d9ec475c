import {
  base64url,
  merkleRoot,
  type ReceiptKey,
  scheduleCollection,
  sha256,
  signReceipt,
  wipe,
} from '../../crypto/index.ts';
import type { FaxId } from '../fax/ids.ts';
import type { EpochReceipt } from '../fax/receipt.ts';
import type { Clock } from '../ports/clock.ts';
import type { Epoch, EpochKeyStore, EpochRoll, ImageVault } from '../ports/image-vault.ts';
import type { Log, Metrics } from '../ports/log.ts';
import { EPOCH_KEYS, type EpochRow, type VaultRecords, type WrappedKey } from '../ports/vault-records.ts';
import { VaultError } from './errors.ts';
import { marked, markOf, unwrapOf, wrapFor } from './key-wrap.ts';

/** Keys re-wrapped per read. */
const BATCH = 200;
/** Keys re-wrapped at once: enough to hide the round trip, few enough to leave connections to the calls. */
const LANES = 4;

/** What a roll works on. */
export interface EpochRollOptions {
  readonly records: VaultRecords;
  readonly store: EpochKeyStore;
  readonly vault: Pick<ImageVault, 'wipe' | 'intact'>;
  readonly receiptKey: ReceiptKey;
  /** Told of each fax whose key or objects are gone; may be told again of the same one. Must not throw. */
  readonly imageLost: (fax: FaxId) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * Key epochs. Order of a roll, each step durable before the next and harmless when repeated:
 * create the key of n+1 → open n+1 in the records → close n → re-wrap its rows → count that none is left →
 * destroy the key of n → second receipt. Whatever a killed roll left is found by its state and finished by the next.
 */
export function createEpochRoll(options: EpochRollOptions): EpochRoll {
  return new KeyEpochs(options);
}

class KeyEpochs implements EpochRoll {
  readonly #options: EpochRollOptions;
  /** Destroyed by this process, even if the records have not heard of it yet. */
  readonly #destroyed = new Set<number>();
  /** When this process first knew of an epoch, on the monotonic clock. */
  readonly #firstSeen = new Map<number, number>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: EpochRollOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    return this.#alone(async () => {
      await this.#adopt();
      const target = (await this.#newestOpen()) ?? (await this.#openNext());
      await this.#settle(target);
    });
  }

  async roll(): Promise<EpochReceipt | undefined> {
    const before = await this.#newestNumber();
    return this.#alone(async () => {
      const started = this.#options.clock.monotonic();
      await this.#adopt();
      // Another process may have rolled while this one waited for its turn.
      const theirs = (await this.#newestNumber()) > before ? await this.#newestOpen() : undefined;
      const receipts = await this.#settle(theirs ?? (await this.#openNext()));
      this.#options.metrics.observe('epoch_roll_seconds', (this.#options.clock.monotonic() - started) / 1_000);
      return receipts.at(-1);
    });
  }

  async stop(): Promise<void> {
    if (this.#options.store.shared === true) return;
    await this.#alone(async () => {
      const rows = await this.#living();
      const counts = await Promise.all(rows.map((row) => this.#options.records.keyCountOfEpoch(row.number)));
      if (counts.some((count) => count > 0)) return;
      for (const row of rows) {
        if (row.state === 'open') await this.#options.records.closeEpoch(row.number);
        await this.#finish(row);
      }
    });
  }

  async reportLost(): Promise<number> {
    const { records, store, imageLost } = this.#options;
    const numbers = (await store.load()).map((epoch) => epoch.number);
    let found = 0;
    for (const fax of await records.keysOutside(numbers, BATCH)) {
      const row = await records.key(fax);
      // A dropped wrap needs no key: only the customer's opens that image. A roll may also just have moved the row.
      if (row === undefined || markOf(row.wrapped) === 'dropped' || (await store.get(row.epoch)) !== undefined)
        continue;
      found++;
      await imageLost(fax);
    }
    return found;
  }

  async oldest(): Promise<number | undefined> {
    const opened = (await this.#options.store.load()).map((epoch) => epoch.openedAt);
    return opened.length === 0 ? undefined : Math.min(...opened);
  }

  async newestAge(): Promise<number | undefined> {
    const { store, clock } = this.#options;
    const newest = (await store.load()).sort((a, b) => a.number - b.number).at(-1);
    if (newest === undefined) return undefined;
    const seen = this.#firstSeen.get(newest.number) ?? clock.monotonic();
    this.#firstSeen.clear();
    this.#firstSeen.set(newest.number, seen);
    return Math.max(clock.monotonic() - seen, clock.now() - newest.openedAt);
  }

  async #newestNumber(): Promise<number> {
    return Math.max(0, ...(await this.#options.records.epochs()).map((row) => row.number));
  }

  /** Brings store and records together: every key has a row, and no key of a destroyed epoch is left. */
  async #adopt(): Promise<void> {
    const { records, store, log } = this.#options;
    const rows = await records.epochs();
    const newest = Math.max(0, ...rows.map((row) => row.number));
    const living = new Set(rows.filter((row) => row.state !== 'destroyed').map((row) => row.number));
    for (const epoch of await store.load()) {
      if (living.has(epoch.number)) continue;
      if (epoch.number > newest) {
        // A roll died after it had made the key.
        await records.openEpoch(epoch.number, epoch.openedAt);
        continue;
      }
      log.warn({ epoch: epoch.number }, 'the key of a destroyed epoch had come back and was destroyed again');
      await store.destroy(epoch.number);
    }
  }

  async #living(): Promise<EpochRow[]> {
    const rows = await this.#options.records.epochs();
    return rows.filter((row) => row.state !== 'destroyed').sort((a, b) => a.number - b.number);
  }

  /** The newest open epoch whose key is here. */
  async #newestOpen(): Promise<Epoch | undefined> {
    const open = (await this.#living()).filter((row) => row.state === 'open');
    const epochs = await Promise.all(open.map((row) => this.#options.store.get(row.number)));
    return epochs.findLast((epoch) => epoch !== undefined);
  }

  async #openNext(): Promise<Epoch> {
    const { records, store, clock } = this.#options;
    const used = [...(await records.epochs()), ...(await store.load())].map((epoch) => epoch.number);
    const epoch = await store.create(Math.max(0, ...used) + 1, clock.now());
    await records.openEpoch(epoch.number, epoch.openedAt);
    return epoch;
  }

  /** Closes and ends every epoch before `target`. */
  async #settle(target: Epoch): Promise<EpochReceipt[]> {
    const receipts: EpochReceipt[] = [];
    for (const row of await this.#living()) {
      if (row.number === target.number) continue;
      if (row.state === 'open') await this.#options.records.closeEpoch(row.number);
      await this.#moveKeys(row.number, target);
      const receipt = await this.#finish(row);
      if (receipt !== undefined) receipts.push(receipt);
    }
    return receipts;
  }

  /** Re-wraps until no row is left but those whose key is gone, or whose wipe does not succeed. */
  async #moveKeys(from: number, target: Epoch): Promise<void> {
    const { records, store, log } = this.#options;
    const kek = (await store.get(from))?.kek;
    if (kek === undefined) log.warn({ epoch: from }, 'an epoch of the records has no key here');
    for (;;) {
      const rows = await records.keysOfEpoch(from, BATCH);
      const changed = await inLanes(rows, (row) => this.#moveKey(row, kek, target));
      if (!changed.includes(true)) return;
    }
  }

  /** One key row from its closing epoch to `target`. False when it has to stay; true also when someone else was faster. */
  async #moveKey(row: WrappedKey, kek: Uint8Array | undefined, target: Epoch): Promise<boolean> {
    const mark = markOf(row.wrapped);
    if (mark === 'wiping') return this.#finishWipe(row.fax);
    if (mark === 'dropped') await this.#move(row, target, row.wrapped);
    else if (mark === 'lost') await this.#markLost(row, target);
    else if (kek !== undefined) await this.#rewrap(row, kek, target);
    else return this.#lostKey(row);
    return true;
  }

  async #rewrap(row: WrappedKey, kek: Uint8Array, target: Epoch): Promise<void> {
    const dek = await unwrapOf(row, kek);
    if (dek === undefined) return this.#markLost(row, target);
    const wrapped = await wrapFor(row, target.number, target.kek, dek);
    wipe(dek);
    await this.#move(row, target, wrapped);
    if (row.state === 'live' && !(await this.#options.vault.intact(row.fax))) await this.#tellLost(row);
  }

  /** A wrap that does not open must not keep its epoch alive: the mark moves on and says so at every roll. */
  async #markLost(row: WrappedKey, target: Epoch): Promise<void> {
    await this.#move(row, target, marked('lost'));
    await this.#tellLost(row);
  }

  async #lostKey(row: WrappedKey): Promise<boolean> {
    await this.#tellLost(row);
    return false;
  }

  #move(row: WrappedKey, target: Epoch, wrapped: Uint8Array): Promise<boolean> {
    return this.#options.records.rewrap(row.fax, row.epoch, target.number, wrapped, row.wrapped);
  }

  async #tellLost(row: WrappedKey): Promise<void> {
    // The row may have been wiped, or wiped and replaced, while it was looked at.
    const now = await this.#options.records.key(row.fax);
    if (now?.dek === row.dek && markOf(now.wrapped) !== 'wiping') await this.#options.imageLost(row.fax);
  }

  /** A wipe under way keeps its epoch until its receipt is stored: the second receipt must cover it. */
  async #finishWipe(fax: FaxId): Promise<boolean> {
    try {
      await this.#options.vault.wipe(fax, 'wipe_resumed');
      return true;
    } catch (error) {
      if (!(error instanceof VaultError)) throw error;
      this.#options.log.warn({ fax, code: error.code }, 'a wipe keeps its epoch from being destroyed');
      return false;
    }
  }

  /** Destroys a closed epoch that no row names any more. Undefined when rows are left, or nothing was wiped in it. */
  async #finish(row: EpochRow): Promise<EpochReceipt | undefined> {
    const { records, store, log } = this.#options;
    const left = await records.keyCountOfEpoch(row.number);
    if (left > 0) {
      log.warn({ epoch: row.number, left }, 'an epoch cannot be destroyed while keys of it are left');
      return undefined;
    }
    if ((await store.get(row.number)) !== undefined) this.#destroyed.add(row.number);
    return records.exclusively(EPOCH_KEYS, () => this.#destroy(row));
  }

  /** While nobody puts keys back into a store that has lost them: from the first step to the last this one must stay away. */
  async #destroy(row: EpochRow): Promise<EpochReceipt | undefined> {
    const { records, store, clock, log, metrics } = this.#options;
    await store.destroy(row.number);
    scheduleCollection();
    if ((await store.get(row.number)) !== undefined)
      throw new VaultError('wipe_failed', 'the key of an epoch outlived it');
    const receipt = (await this.#vouches(row.number)) ? await this.#receipt(row) : undefined;
    const jws = receipt === undefined ? null : await signReceipt(receipt, this.#options.receiptKey);
    await records.destroyEpoch(row.number, jws, clock.now());
    this.#destroyed.delete(row.number);
    metrics.count('epochs_destroyed');
    log.info({ epoch: row.number, faxes: receipt?.faxes ?? 0 }, 'key epoch destroyed');
    return receipt;
  }

  /** Whether we may say that the key was destroyed: a store may also have lost it. */
  async #vouches(number: number): Promise<boolean> {
    const { store } = this.#options;
    if (this.#destroyed.has(number)) return true;
    return store.destroyed === undefined ? store.fresh !== true : store.destroyed(number);
  }

  async #receipt(row: EpochRow): Promise<EpochReceipt | undefined> {
    const leaves = await this.#options.records.receiptsOfEpoch(row.number);
    if (leaves.length === 0) return undefined;
    return {
      v: 1,
      epoch: row.number,
      faxes: leaves.length,
      root: base64url(merkleRoot(leaves.map((leaf) => sha256(new TextEncoder().encode(leaf.jws))))),
      openedAt: new Date(row.openedAt).toISOString(),
      destroyedAt: new Date(this.#options.clock.now()).toISOString(),
      method: 'kek-destroyed',
    };
  }

  /** Start, roll and stop never overlap, whichever process they run in. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = () => this.#options.records.exclusively('epoch-roll', work);
    const run = this.#last.then(turn, turn);
    this.#last = run.catch(() => undefined);
    return run;
  }
}

/** `work` over all items, a few at once; answers in order. */
async function inLanes<I, O>(items: readonly I[], work: (item: I) => Promise<O>): Promise<O[]> {
  const answers: O[] = [];
  const queue = items.entries();
  const lane = async () => {
    for (const [at, item] of queue) answers[at] = await work(item);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return answers;
}
