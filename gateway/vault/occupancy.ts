import { scheduleCollection, wipe } from '../../crypto/index.ts';
import type { FaxId } from '../fax/ids.ts';
import { VaultError } from './errors.ts';

/** What is under way with one fax in this process. */
class Use {
  readonly ending = new AbortController();
  readonly keys = new Set<Uint8Array>();
  /** Everyone who entered; the entry is forgotten when nobody is left. */
  guests = 0;
  writers = 0;
  /** Told when the last writer has left. */
  readonly waiting: (() => void)[] = [];
}

/**
 * Readers, writers and key holders of each fax in this process, so that a wipe leaves none behind: it ends the
 * readers and writers, zeroes the keys that are lent out, and lets nobody in until it has finished.
 */
export class Occupancy {
  readonly #uses = new Map<FaxId, Use>();

  /** Runs `write` as a writer: `close` waits for it. @throws VaultError image_wiped while the fax is closed */
  async write<T>(fax: FaxId, write: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const use = this.#enter(fax);
    use.writers++;
    try {
      return await write(use.ending.signal);
    } finally {
      if (--use.writers === 0) for (const tell of use.waiting) tell();
      this.#leave(fax, use);
    }
  }

  /** Passes `read`'s chunks on; ended by `close`, which does not wait for a reader that nobody drains. */
  async *read(fax: FaxId, read: (signal: AbortSignal) => AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const use = this.#enter(fax);
    try {
      yield* read(use.ending.signal);
    } finally {
      this.#leave(fax, use);
    }
  }

  /** Lends `key` to `work` and zeroes it when that has settled, or earlier when the fax is closed, as the signal says. */
  async lend<T>(fax: FaxId, key: Uint8Array, work: (key: Uint8Array, ended: AbortSignal) => Promise<T>): Promise<T> {
    const use = this.#uses.get(fax) ?? this.#add(fax);
    use.guests++;
    use.keys.add(key);
    try {
      use.ending.signal.throwIfAborted();
      return await work(key, use.ending.signal);
    } finally {
      wipe(key);
      scheduleCollection();
      use.keys.delete(key);
      this.#leave(fax, use);
    }
  }

  /** Zeroes every key of the fax that is lent out. */
  zeroKeys(fax: FaxId): void {
    wipe(...(this.#uses.get(fax)?.keys ?? []));
  }

  /** Whether anybody is at work with the fax. */
  has(fax: FaxId): boolean {
    return this.#uses.has(fax);
  }

  /** Ends readers and writers and zeroes lent keys. Whoever comes while they leave is refused. */
  end(fax: FaxId): void {
    this.#uses.get(fax)?.ending.abort(new VaultError('image_wiped', 'the image is being wiped'));
    this.zeroKeys(fax);
    scheduleCollection();
  }

  /** Ends readers and writers, zeroes lent keys, refuses newcomers; returns when the last writer has left. */
  async close(fax: FaxId): Promise<void> {
    const use = this.#uses.get(fax) ?? this.#add(fax);
    use.guests++;
    this.end(fax);
    if (use.writers === 0) return;
    await new Promise<void>((resolve) => {
      use.waiting.push(resolve);
    });
  }

  /** After `close`: newcomers are let in again, and find no key. */
  reopen(fax: FaxId): void {
    this.#uses.delete(fax);
  }

  #enter(fax: FaxId): Use {
    const use = this.#uses.get(fax) ?? this.#add(fax);
    use.ending.signal.throwIfAborted();
    use.guests++;
    return use;
  }

  #leave(fax: FaxId, use: Use): void {
    if (--use.guests === 0 && this.#uses.get(fax) === use) this.#uses.delete(fax);
  }

  #add(fax: FaxId): Use {
    const use = new Use();
    this.#uses.set(fax, use);
    return use;
  }
}
