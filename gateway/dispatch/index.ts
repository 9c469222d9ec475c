import type { AccountId, FaxId } from '../fax/ids.ts';
import { callOnce, claimFax } from './claim.ts';
import { wiped } from './finish.ts';
import type { Lease } from './lease.ts';
import type { DispatchParts } from './parts.ts';
import { Poller } from './poll.ts';
import { reconcile } from './reconcile.ts';

export type { DispatchParts } from './parts.ts';
export { callReference } from './reference.ts';
export { DISPATCH_SETTINGS, type DispatchSettings } from './settings.ts';

/** The dispatch stage: places the calls of queued faxes, each at most once. */
export interface Dispatch {
  /** Starts the poller. Call `reconcile(true)` before, where this process owns all records. */
  start(): void;
  /** Hears the bell `dial`: claims the fax and places one call. Resolves when the call is settled; never throws. */
  work(fax: FaxId): Promise<void>;
  /** Settles calls whose worker has died; see reconcile.ts. */
  reconcile(everything: boolean): Promise<number>;
  /** Cancels a fax: at once, or by ending its live call. */
  cancel(fax: FaxId, account: AccountId): Promise<'ended' | 'asked' | 'final' | 'unknown'>;
  /** No new calls; resolves when the running ones have ended by themselves. */
  drain(): Promise<void>;
  /** Ends the running calls now and resolves when they are settled; they are queued again. */
  stop(): Promise<void>;
  /** Live calls of this worker. */
  readonly running: number;
}

/** Builds the stage; nothing runs before `start` or `work`. */
export function createDispatch(parts: DispatchParts): Dispatch {
  return new Dispatcher(parts);
}

class Dispatcher implements Dispatch {
  readonly #parts: DispatchParts;
  readonly #poller: Poller;
  /** Faxes in work: their lease; before the claim, whether somebody wishes to cancel. */
  readonly #live = new Map<FaxId, Lease | 'claiming' | 'canceled'>();
  readonly #works = new Set<Promise<void>>();
  #open = true;

  constructor(parts: DispatchParts) {
    this.#parts = parts;
    const self = this;
    this.#poller = new Poller(parts, {
      get open() {
        return self.#open;
      },
      get room() {
        return parts.settings.calls - self.#live.size;
      },
      begin: (fax) => void self.work(fax),
    });
  }

  get running(): number {
    return this.#live.size;
  }

  start(): void {
    this.#poller.start();
  }

  work(fax: FaxId): Promise<void> {
    // Without room, or while draining, the fax stays due: a poller finds it.
    if (!this.#open || this.#live.has(fax) || this.#live.size >= this.#parts.settings.calls) return Promise.resolve();
    this.#live.set(fax, 'claiming');
    const work = this.#work(fax).finally(() => {
      if (this.#live.size === this.#parts.settings.calls) this.#poller.hurry();
      this.#live.delete(fax);
      this.#works.delete(work);
    });
    this.#works.add(work);
    return work;
  }

  reconcile(everything: boolean): Promise<number> {
    return reconcile(this.#parts, everything);
  }

  async cancel(fax: FaxId, account: AccountId): Promise<'ended' | 'asked' | 'final' | 'unknown'> {
    const answer = await this.#parts.records.cancel(fax, account, this.#parts.clock.now());
    if (answer === 'ended') await wiped(this.#parts, fax);
    if (answer === 'asked') this.#cancelLive(fax);
    return answer;
  }

  async drain(): Promise<void> {
    this.#open = false;
    await Promise.all(this.#works);
    await this.#poller.stop();
  }

  async stop(): Promise<void> {
    this.#open = false;
    for (const lease of this.#live.values()) if (typeof lease === 'object') lease.end('stopped');
    await this.drain();
  }

  /** The call may be another worker's: then its next renewal tells it. */
  #cancelLive(fax: FaxId): void {
    const lease = this.#live.get(fax);
    if (lease === 'claiming') this.#live.set(fax, 'canceled');
    else if (typeof lease === 'object') lease.end('canceled');
  }

  async #work(fax: FaxId): Promise<void> {
    const { log, metrics } = this.#parts;
    let lease: Lease | undefined;
    try {
      const claimed = await claimFax(this.#parts, fax);
      if (claimed === undefined) return;
      lease = claimed.lease;
      if (this.#live.get(fax) === 'canceled') lease.end('canceled');
      this.#live.set(fax, lease);
      if (!this.#open) lease.end('stopped');
      metrics.gauge('live_calls', this.#live.size, { direction: 'outbound' });
      await callOnce(this.#parts, lease, claimed.fax);
    } catch (error) {
      // The claim runs out by itself, and the fax is due again; an open call is found as an orphan.
      log.error({ fax, error: String(error) }, 'a fax could not be worked on');
    } finally {
      lease?.stop();
      metrics.gauge('live_calls', this.#live.size - 1, { direction: 'outbound' });
    }
  }
}
