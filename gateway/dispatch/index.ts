import type { AccountId, FaxId } from '../fax/ids.ts';
import type { Actor } from '../ports/account-records.ts';
import { type ClaimedFax, callOnce } from './claim.ts';
import { Filler } from './fill.ts';
import { wiped } from './finish.ts';
import type { Lease } from './lease.ts';
import type { DispatchParts } from './parts.ts';
import { Poller } from './poll.ts';
import { reconcile } from './reconcile.ts';

export { createCarriers, tellCarriers } from './carriers.ts';
export type { DispatchParts } from './parts.ts';
export { callReference } from './reference.ts';
export { DISPATCH_SETTINGS, type DispatchSettings, leaseTimes } from './settings.ts';

/** The dispatch stage: places the calls of queued faxes, each at most once. */
export interface Dispatch {
  /** Starts the poller. Call `reconcile(true)` before, where this process owns all records. */
  start(): void;
  /**
   * Hears the bell `dial`: places the calls that may be placed now, the best faxes first, whichever of them was rung for.
   * Waits for room when there is none; resolves when the calls that it began are settled. Never throws.
   */
  work(): Promise<void>;
  /** Settles calls whose worker has died; see reconcile.ts. */
  reconcile(everything: boolean): Promise<number>;
  /** Cancels a fax: at once, or by ending its live call. `actor`: the account itself when left out. */
  cancel(fax: FaxId, account: AccountId, actor?: Actor): Promise<'ended' | 'asked' | 'final' | 'unknown'>;
  /** Another process has asked for the end of this fax's call; nothing happens when it is not ours. */
  cancelLive(fax: FaxId): void;
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
  readonly #filler: Filler;
  readonly #live = new Map<FaxId, Lease>();
  readonly #calls = new Set<Promise<void>>();
  #open = true;
  /** Resolves when a call has ended, or none will begin any more. */
  #freed = Promise.withResolvers<void>();

  constructor(parts: DispatchParts) {
    this.#parts = parts;
    const self = this;
    this.#filler = new Filler(parts, {
      get open() {
        return self.#open;
      },
      get room() {
        return self.#room;
      },
      begin: (claimed) => this.#begin(claimed),
    });
    this.#poller = new Poller(parts, {
      get open() {
        return self.#open;
      },
      fill: () => this.#filler.fill(),
    });
  }

  get running(): number {
    return this.#live.size;
  }

  get #room(): number {
    return this.#parts.settings.calls - this.#live.size;
  }

  start(): void {
    this.#poller.start();
  }

  async work(): Promise<void> {
    // A worker without room keeps the ring, and hears no more of them than it has calls: the rest is for others.
    while (this.#open && this.#room <= 0) await this.#freed.promise;
    if (this.#open) await Promise.all(await this.#filler.fill());
  }

  reconcile(everything: boolean): Promise<number> {
    return reconcile(this.#parts, everything);
  }

  async cancel(fax: FaxId, account: AccountId, actor?: Actor): Promise<'ended' | 'asked' | 'final' | 'unknown'> {
    const answer = await this.#parts.records.cancel(fax, account, this.#parts.clock.now(), actor);
    if (answer === 'ended') await wiped(this.#parts, fax);
    // The call may be another worker's: it is told of the wish, and its next renewal tells it again.
    if (answer === 'asked') this.cancelLive(fax);
    return answer;
  }

  cancelLive(fax: FaxId): void {
    this.#live.get(fax)?.end('canceled');
  }

  async drain(): Promise<void> {
    this.#open = false;
    this.#free();
    await this.#filler.stop();
    await Promise.all(this.#calls);
    await this.#poller.stop();
  }

  async stop(): Promise<void> {
    this.#open = false;
    for (const lease of this.#live.values()) lease.end('stopped');
    await this.drain();
  }

  #begin(claimed: ClaimedFax): Promise<void> {
    const { lease, fax } = claimed;
    this.#live.set(fax.id, lease);
    this.#tellLive();
    // The claim was under way when the gateway was stopped: it is given back.
    if (!this.#open) lease.end('stopped');
    const call = this.#call(claimed).finally(() => {
      this.#live.delete(fax.id);
      this.#calls.delete(call);
      this.#tellLive();
      this.#freedBy(fax.id);
    });
    this.#calls.add(call);
    return call;
  }

  async #call(claimed: ClaimedFax): Promise<void> {
    try {
      await callOnce(this.#parts, claimed);
    } catch (error) {
      // The claim runs out by itself, and the fax is due again; an open call is found as an orphan.
      this.#parts.log.error({ fax: claimed.fax.id, error: String(error) }, 'a fax could not be worked on');
    } finally {
      claimed.lease.stop();
    }
  }

  /** What a call held (its channel, its carrier's, its destination) goes to the next fax at once; while draining, elsewhere. */
  #freedBy(fax: FaxId): void {
    this.#free();
    if (this.#open) void this.#filler.fill();
    else void this.#parts.queue.ring('dial', fax);
  }

  #free(): void {
    this.#freed.resolve();
    this.#freed = Promise.withResolvers<void>();
  }

  #tellLive(): void {
    this.#parts.metrics.gauge('live_calls', this.#live.size, { direction: 'outbound' });
  }
}
