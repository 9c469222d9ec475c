import { randomId, wipe } from '../../crypto/index.ts';
import type { Account } from '../fax/account.ts';
import type { Cause } from '../fax/cause.ts';
import { newId } from '../fax/ids.ts';
import type { NumberOwner } from '../ports/account-records.ts';
import type { CallReception, KnownFax } from '../ports/carrier-adapter.ts';
import type { OrphanCall } from '../ports/fax-records.ts';
import { VaultError } from '../ports/image-vault.ts';
import { sealedTo, settleInbound } from './ending.ts';
import { Hold } from './hold.ts';
import { IncomingFax } from './incoming-fax.ts';
import { type ReceptionParts, TIMES } from './parts.ts';
import { SharedCall } from './shared-call.ts';

export { ReceptionError, type ReceptionErrorCode } from './errors.ts';
export type { ReceptionParts } from './parts.ts';

/** The reception stage: takes the calls that carriers offer, and seals their pages as they arrive. */
export interface Reception extends CallReception {
  /** Ends an incoming call whose worker has died; `fence` is that of the take-over. */
  settle(orphan: OrphanCall, fence: number): Promise<void>;
  /** No new calls; resolves when the running ones are settled. */
  drain(): Promise<void>;
  /** Live incoming calls of this worker. */
  readonly running: number;
}

type Offer = Parameters<CallReception['offer']>[0];
type OfferAnswer = Awaited<ReturnType<CallReception['offer']>>;

/** Builds the stage; it takes calls at once. */
export function createReception(parts: ReceptionParts): Reception {
  return new ReceptionDesk(parts);
}

class ReceptionDesk implements Reception {
  readonly #parts: ReceptionParts;
  readonly #live = new Set<Promise<void>>();
  #draining = false;

  constructor(parts: ReceptionParts) {
    this.#parts = parts;
  }

  get running(): number {
    return this.#live.size;
  }

  async offer(offer: Offer): Promise<OfferAnswer> {
    const owner = await this.#parts.accounts.ownerOf(offer.to);
    if (owner === undefined || owner.account.disabled) return { refused: 'out_of_service' };
    const known = await this.#known(offer);
    if (known !== undefined) return { refused: 'rejected', known };
    if (this.#draining || this.#parts.held?.() === true) return this.#refuse('carrier_unavailable');
    const told = offer.subaddressed === true && (owner.shared || owner.number.subaddressOnly);
    return told ? { accepted: this.#share(offer, owner) } : this.#open(offer, owner.account);
  }

  /** Who receives the call is known when the far side has named a subaddress, or none. */
  #share(offer: Offer, owner: NumberOwner): SharedCall {
    return new SharedCall({
      owner,
      receiver: (subaddress) => this.#parts.accounts.receiverOf(offer.to, subaddress),
      open: async (account) => (account.disabled ? this.#refuse('out_of_service') : this.#open(offer, account)),
      done: this.#begun(),
    });
  }

  async #open(offer: Offer, account: Account): Promise<OfferAnswer> {
    const refused = await this.#refusal(account);
    if (refused !== undefined) return this.#refuse(refused);
    const done = this.#begun();
    try {
      return { accepted: await this.#ring(offer, account, done) };
    } catch (error) {
      done();
      this.#parts.log.warn({ error: String(error) }, 'an incoming call could not be taken');
      const full = error instanceof VaultError && error.code === 'storage_full';
      return this.#refuse(full ? 'storage_full' : 'carrier_unavailable');
    }
  }

  /** One more call that the end of this process waits for, until what is answered is called. */
  #begun(): () => void {
    const end = Promise.withResolvers<void>();
    this.#live.add(end.promise);
    return () => {
      this.#live.delete(end.promise);
      end.resolve();
    };
  }

  /** Of two that ask at the same moment one gets no further than `ring`, and the carrier's next offer finds the answer here. */
  async #known({ carrier, reference, stored }: Offer): Promise<KnownFax | undefined> {
    return stored === true ? this.#parts.records.knownFax(carrier, reference) : undefined;
  }

  settle(orphan: OrphanCall, fence: number): Promise<void> {
    return settleInbound(this.#parts, orphan, fence);
  }

  async drain(): Promise<void> {
    this.#draining = true;
    await Promise.all(this.#live);
  }

  async #refusal({ id, policy }: Account): Promise<Cause | undefined> {
    // Nothing waits here for a customer of such an account: without one there is nobody to take the pages.
    if (policy.inboundHold === 0 && !(await this.#parts.isConnected(id))) return 'receiver_not_ready';
    return undefined;
  }

  #refuse(cause: Cause): OfferAnswer {
    this.#parts.metrics.count('calls_refused_total', { cause });
    return { refused: cause };
  }

  async #ring(offer: Offer, account: Account, done: () => void): Promise<IncomingFax> {
    const { clock, records, vault, worker } = this.#parts;
    const fax = newId('fax', randomId);
    const call = newId('call', randomId);
    const dek = await vault.open(fax, account.id);
    try {
      const { imageLife, uncertain, uncertainHold, inboundHold } = account.policy;
      const policy = { imageLife, uncertain, uncertainHold, inboundHold };
      const inbound = { id: fax, call, account: account.id, ...offer, policy };
      const sealedKey = await sealedTo(account, fax, dek);
      const asked = clock.monotonic();
      const claim = await records.ring(inbound, worker, TIMES.lease, clock.now());
      const hold = new Hold(this.#parts, claim, asked);
      const stored = offer.stored === true;
      return new IncomingFax(this.#parts, { call, account, dek, done, hold, sealedKey, stored });
    } catch (error) {
      wipe(dek);
      await vault.discard(fax);
      throw error;
    }
  }
}
