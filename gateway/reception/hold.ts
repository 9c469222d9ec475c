import type { FaxId } from '../fax/ids.ts';
import type { Claim } from '../ports/fax-records.ts';
import { ReceptionError } from './errors.ts';
import { type ReceptionParts, TIMES } from './parts.ts';

/**
 * The right to write an incoming fax, kept alive while the call lasts. Like the lease of an outgoing call it is judged
 * by the monotonic clock: a worker that cannot renew, or that slept, takes nothing more.
 */
export class Hold {
  readonly fax: FaxId;
  readonly fence: number;
  readonly #parts: ReceptionParts;
  #renewedAt: number;
  #lost = false;
  #stopped = false;
  #stopTick = () => {};

  /** @param claimedAt monotonic time at which the claim was asked for */
  constructor(parts: ReceptionParts, claim: Claim, claimedAt: number) {
    this.fax = claim.fax.id;
    this.fence = claim.fence;
    this.#parts = parts;
    this.#renewedAt = claimedAt;
    this.#arm();
  }

  /** Whether the fax may still be ours. Looks at the clock, so that a worker that slept sees it before its timer does. */
  get holds(): boolean {
    return !this.#lost && this.#parts.clock.monotonic() - this.#renewedAt < TIMES.fenceAfter;
  }

  /** @throws ReceptionError fenced */
  assert(written = true): void {
    if (!written) this.#lost = true;
    if (!this.holds) throw new ReceptionError('fenced', 'the call belongs to another worker');
  }

  stop(): void {
    this.#stopped = true;
    this.#stopTick();
  }

  #arm(): void {
    if (this.#stopped) return;
    const { clock } = this.#parts;
    const due = clock.monotonic() + TIMES.renew;
    this.#stopTick = clock.after(TIMES.renew, () => {
      if (clock.monotonic() - due > TIMES.lateTick) this.#lost = true;
      else void this.#renew().finally(() => this.#arm());
    });
  }

  async #renew(): Promise<void> {
    const { records, clock, log } = this.#parts;
    const asked = clock.monotonic();
    try {
      const { held } = await records.renew(this.fax, this.fence, TIMES.lease, clock.now());
      if (held) this.#renewedAt = asked;
      else this.#lost = true;
    } catch (error) {
      log.warn({ fax: this.fax, error: String(error) }, 'the lease of an incoming call could not be renewed');
    }
  }
}
