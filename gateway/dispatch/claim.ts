import { randomId } from '../../crypto/index.ts';
import type { CallResult } from '../fax/call-result.ts';
import type { Cause } from '../fax/cause.ts';
import type { Fax, PageRecord } from '../fax/fax.ts';
import { newId } from '../fax/ids.ts';
import type { CarrierLimits } from '../ports/carrier-adapter.ts';
import { VaultError } from '../ports/image-vault.ts';
import { finishCall, type OpenEnd, ringAt, wiped } from './finish.ts';
import { Lease } from './lease.ts';
import type { DispatchParts } from './parts.ts';
import { type IntendedCall, placeCall } from './place.ts';
import { callReference } from './reference.ts';
import { type OpenWay, type Way, wayOf } from './way.ts';

/** Pause between two tries to write W5 while the records do not answer, ms. */
const WRITE_AGAIN = 1_000;
/** Pause before a fax is tried again whose key store does not answer, ms. */
const KEYS_AGAIN = 30_000;

/** A fax of this worker, and the way that it goes. */
export interface ClaimedFax {
  readonly lease: Lease;
  readonly fax: Fax;
  readonly way: Way;
}

/** W1: claims at most `limit` faxes for one call each, the best of all that may be called now. */
export async function claimFaxes(
  parts: DispatchParts,
  limit: number,
): Promise<{ readonly claimed: readonly ClaimedFax[]; readonly nextAt: number | null }> {
  const { records, carriers, planner, clock, settings, worker } = parts;
  const asked = clock.monotonic();
  const { claims, conditions, nextAt } = await records.claimCalls(
    {
      worker,
      lease: settings.lease,
      limit,
      carriers: carriers.map(({ name, limits }) => ({ name, ...(limits ?? NO_LIMITS) })),
      plan: planner.plan,
    },
    clock.now(),
  );
  const claimed = claims.map((claim) => ({
    lease: new Lease(parts, claim, asked),
    fax: claim.fax,
    way: wayOf(planner.plan({ ...claim.fax, account: claim.account }, conditions), claim.carrier, carriers),
  }));
  return { claimed, nextAt };
}

const NO_LIMITS: CarrierLimits = { maxCalls: null, callsPerSecond: null };

/** Everything between a claim and its end: one call at most. */
export async function callOnce(parts: DispatchParts, { lease, fax, way }: ClaimedFax): Promise<void> {
  const { clock, records } = parts;
  if (lease.signal.aborted) return giveUpClaim(parts, lease, fax);
  if (fax.deadline !== null && clock.now() >= fax.deadline) {
    return endUncalled(parts, lease, fax, 'deadline_passed', 'the deadline has passed');
  }
  const denied = await parts.guard.recheck(fax);
  if (denied !== undefined) return endUncalled(parts, lease, fax, 'destination_denied', denied);
  const pages = (await records.pages(fax.id)).filter((page) => page.number > fax.pagesConfirmed);
  if (pages.length === 0) return endUncalled(parts, lease, fax, 'image_lost', 'there is no page left to send');
  if (way.kind === 'nobody') return endUncalled(parts, lease, fax, 'carrier_refused', way.why);
  if (way.kind === 'changed') return replanClaim(parts, lease, fax);
  const end = await placedWithKey(parts, lease, { fax, pages, way });
  // Only now, with the key zeroed again, may the image be wiped.
  if (end !== undefined) await finishWhileHeld(parts, lease, end);
}

/** What a claimed fax is called with. */
interface CallPlan {
  readonly fax: Fax;
  readonly pages: readonly PageRecord[];
  readonly way: OpenWay;
}

/** The call under the fax's key; undefined when none was intended. */
async function placedWithKey(parts: DispatchParts, lease: Lease, plan: CallPlan): Promise<OpenEnd | undefined> {
  try {
    return await parts.vault.withKey(plan.fax.id, (dek) => intendAndPlace(parts, lease, plan, dek));
  } catch (error) {
    // Errors of the call itself never come here: it ends with a result.
    if (!(error instanceof VaultError)) throw error;
    await withoutKey(parts, lease, plan.fax, error);
    return undefined;
  }
}

/** W2, then the call. From W2 on a call row is open: whatever happens, it has to be settled. */
async function intendAndPlace(
  parts: DispatchParts,
  lease: Lease,
  { fax, pages, way }: CallPlan,
  dek: Uint8Array,
): Promise<OpenEnd | undefined> {
  const { carrier, shows, route } = way;
  const id = newId('call', randomId);
  const reference = callReference(fax.id, lease.fence);
  const firstPage = fax.pagesConfirmed + 1;
  const stored = carrier.purge !== undefined;
  const intent = { id, carrier: carrier.name, reference, firstPage, stored, route };
  if (!(await parts.records.intend(fax.id, lease.fence, intent, parts.clock.now()))) return undefined;
  const call: IntendedCall = { id, reference, carrier, shows, fax, pages };
  const result = lease.fresh ? await placeCall(parts, lease, call, dek) : overslept(lease);
  return { call: id, fence: lease.fence, firstPage, carrier: carrier.name, result };
}

/** The intent was written so late that someone else might be about to take over: nothing rings. */
function overslept(lease: Lease): CallResult {
  const cause: Cause = lease.signal.reason === 'canceled' ? 'canceled' : 'gateway_stopped';
  return { cause, detail: 'not dialled', pagesConfirmed: 0, pageInFlight: false, remoteId: null, line: null };
}

/** W5, again and again while the records do not answer and the lease may still be ours; after that it is an orphan. */
async function finishWhileHeld(parts: DispatchParts, lease: Lease, end: OpenEnd): Promise<void> {
  for (;;) {
    try {
      const written = await finishCall(parts, lease.fax, end);
      if (!written)
        parts.log.warn({ fax: lease.fax, call: end.call }, 'a call was taken over before its end was written');
      return;
    } catch (error) {
      parts.log.warn({ fax: lease.fax, call: end.call, error: String(error) }, 'the end of a call cannot be written');
      if (lease.fenced) return;
      await new Promise<void>((resolve) => parts.clock.after(WRITE_AGAIN, resolve));
    }
  }
}

/** Ends a claimed fax that is not called any more. */
async function endUncalled(parts: DispatchParts, lease: Lease, fax: Fax, cause: Cause, detail: string): Promise<void> {
  const unfinished = fax.pagesConfirmed > 0 ? 'partial' : 'failed';
  const state = cause === 'canceled' ? 'canceled' : unfinished;
  const { records, clock } = parts;
  if (await records.endUncalled(fax.id, lease.fence, state, cause, detail, clock.now())) await wiped(parts, fax.id);
}

/** The claim was given up before anything rang. */
async function giveUpClaim(parts: DispatchParts, lease: Lease, fax: Fax): Promise<void> {
  if (lease.signal.reason === 'canceled') return endUncalled(parts, lease, fax, 'canceled', 'canceled before the call');
  if (!lease.fenced) await parts.records.release(fax.id, lease.fence, parts.clock.now(), parts.clock.now());
}

/** Its account or its routes were changed after it had joined the line: it joins again, where others may see it first. */
async function replanClaim({ records, clock, settings }: DispatchParts, lease: Lease, fax: Fax): Promise<void> {
  await records.release(fax.id, lease.fence, clock.now() + settings.poll, clock.now());
}

/** The vault has no key for us: never again, or not now. */
async function withoutKey(parts: DispatchParts, lease: Lease, fax: Fax, error: VaultError): Promise<void> {
  if (error.code === 'epoch_unavailable') {
    const at = parts.clock.now() + KEYS_AGAIN;
    if (await parts.records.release(fax.id, lease.fence, at, parts.clock.now())) await ringAt(parts, fax, at);
    return;
  }
  await endUncalled(parts, lease, fax, 'image_lost', 'the image or its key is gone');
}
