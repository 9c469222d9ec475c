import type { FaxId } from '../fax/ids.ts';
import type { Claim } from '../ports/fax-records.ts';
import type { DispatchParts } from './parts.ts';

/** Why a call is ended by its own worker. */
export type EndReason = 'canceled' | 'fenced' | 'stopped';

/**
 * The right to work on one fax, kept alive. It is judged by the monotonic clock and from the moment at which the last
 * successful renewal was *sent*: what the records know is at least as long. A worker that cannot renew, or that has
 * slept, fences itself: `signal` aborts with `fenced`, and nothing more may be sent.
 */
export class Lease {
  readonly fax: FaxId;
  readonly fence: number;
  readonly #parts: DispatchParts;
  readonly #abort = new AbortController();
  #renewedAt: number;
  #stopTick = () => {};
  #stopFence = () => {};
  #stopped = false;

  /** @param claimedAt monotonic time at which the claim was asked for */
  constructor(parts: DispatchParts, claim: Claim, claimedAt: number) {
    this.fax = claim.fax.id;
    this.fence = claim.fence;
    this.#parts = parts;
    this.#renewedAt = claimedAt;
    this.#armFence();
    this.#armTick();
  }

  /** Aborts with an `EndReason`. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether the call may go on at this very moment. Looks at the clock, so that a worker that slept sees it before its timers do. */
  get holds(): boolean {
    if (this.#age() >= this.#parts.settings.fenceAfter) this.end('fenced');
    return !this.#abort.signal.aborted;
  }

  /** Whether less than half of the lease has passed: the check between the intent and the call. */
  get fresh(): boolean {
    return this.holds && this.#age() < this.#parts.settings.lease / 2;
  }

  /** Whether this worker must take the right to write for lost. */
  get fenced(): boolean {
    return this.#abort.signal.reason === 'fenced' || this.#age() >= this.#parts.settings.fenceAfter;
  }

  /** Ends the call; the first reason stands. */
  end(reason: EndReason): void {
    this.#abort.abort(reason);
  }

  /** No more renewals: the claim is given back or written off. */
  stop(): void {
    this.#stopped = true;
    this.#stopTick();
    this.#stopFence();
  }

  #age(): number {
    return this.#parts.clock.monotonic() - this.#renewedAt;
  }

  #armTick(): void {
    if (this.#stopped) return;
    const { clock, settings } = this.#parts;
    const due = clock.monotonic() + settings.renew;
    this.#stopTick = clock.after(settings.renew, () => {
      if (clock.monotonic() - due > settings.lateTick) this.end('fenced');
      else void this.#renew().finally(() => this.#armTick());
    });
  }

  #armFence(): void {
    this.#stopFence();
    const { clock, settings } = this.#parts;
    if (!this.#stopped) this.#stopFence = clock.after(settings.fenceAfter - this.#age(), () => this.end('fenced'));
  }

  async #renew(): Promise<void> {
    const { records, clock, log, settings } = this.#parts;
    const asked = clock.monotonic();
    try {
      const { held, cancel } = await records.renew(this.fax, this.fence, settings.lease, clock.now());
      if (!held) return this.end('fenced');
      this.#renewedAt = asked;
      this.#armFence();
      if (cancel) this.end('canceled');
    } catch (error) {
      // The next tick tries again; when none succeeds, the fence falls.
      log.warn({ fax: this.fax, error: String(error) }, 'a lease could not be renewed');
    }
  }
}
