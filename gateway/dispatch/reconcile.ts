import type { CallResult } from '../fax/call-result.ts';
import type { CarrierAdapter, LookupAnswer } from '../ports/carrier-adapter.ts';
import type { OrphanCall } from '../ports/fax-records.ts';
import { finishCall } from './finish.ts';
import type { DispatchParts } from './parts.ts';

/** A carrier that calls a call live for so long after its intent is not believed, ms. */
const LONGEST_CALL = 4 * 3_600_000;

/**
 * Settles calls whose worker has died, by the table “died in” of QUEUE. `everything`: this process owns all records
 * (an embedded gateway at its start), so no other worker can be alive. Answers how many calls were settled.
 */
export async function reconcile(parts: DispatchParts, everything: boolean): Promise<number> {
  const { records, clock, log, metrics, settings, worker } = parts;
  if (everything) await records.breakLeases(worker, clock.now());
  const before = everything ? Number.POSITIVE_INFINITY : clock.now() - settings.grace;
  let settled = 0;
  for (let full = true; full; ) {
    const orphans = await records.orphanCalls(before, settings.batch);
    const done = await settleAll(parts, orphans);
    settled += done;
    full = orphans.length === settings.batch && done > 0;
  }
  if (settled > 0) {
    log.warn({ calls: settled }, 'calls of a worker that died were settled');
    metrics.count('orphan_calls_total', {}, settled);
  }
  return settled;
}

async function settleAll(parts: DispatchParts, orphans: readonly OrphanCall[]): Promise<number> {
  let settled = 0;
  for (const orphan of orphans) {
    try {
      if (await settleOrphan(parts, orphan)) settled++;
    } catch (error) {
      const { fax, call } = orphan;
      parts.log.warn({ fax: fax.id, call: call.id, error: String(error) }, 'an orphaned call is not settled yet');
    }
  }
  return settled;
}

async function settleOrphan(parts: DispatchParts, orphan: OrphanCall): Promise<boolean> {
  const { call, fax } = orphan;
  if (call.direction === 'inbound') return settleInbound(parts, orphan);
  const fate = await fateOf(parts, orphan);
  if (fate === 'live') return false;
  const fence = await takeOver(parts, orphan);
  if (fence === undefined) return false;
  await passGate(parts, orphan, fence, fate);
  return finishCall(parts, fax.id, {
    call: call.id,
    fence,
    firstPage: call.firstPage,
    carrier: call.carrier,
    result: fate,
  });
}

async function settleInbound(parts: DispatchParts, orphan: OrphanCall): Promise<boolean> {
  const fence = await takeOver(parts, orphan);
  if (fence === undefined) return false;
  await parts.settleInbound(orphan, fence);
  return true;
}

/** The fence for settling; undefined when another one settles the call at the same time. */
function takeOver(
  { records, worker, settings, clock }: DispatchParts,
  { fax, fence }: OrphanCall,
): Promise<number | undefined> {
  return records.takeOver(fax.id, fence, worker, settings.lease, clock.now());
}

/** What became of the call: from the journal where it is enough, else from the carrier's record. */
async function fateOf(parts: DispatchParts, orphan: OrphanCall): Promise<CallResult | 'live'> {
  const { call, fax } = orphan;
  const carrier = parts.carriers.find((candidate) => candidate.name === call.carrier);
  // Gate 2 not passed on a line that we drive ourselves: no image was sent, and the far machine has hung up.
  if (call.state === 'intended' && carrier?.capabilities.leaseBound === true) return gone(orphan, false);
  if (call.state === 'in_call' && fax.pages !== null && fax.pagesConfirmed >= fax.pages) {
    return { ...gone(orphan, false), cause: 'ok', detail: 'finished from the journal' };
  }
  const inFlight = call.state === 'in_call' && call.pageStarted > fax.pagesConfirmed;
  // A carrier that takes a whole file has the later pages, too, as soon as the first was started.
  const hasMore = carrier?.capabilities.mediaDelivery !== 'stream' && call.pageStarted >= call.firstPage;
  if (call.state === 'in_call' && !inFlight && !hasMore) return gone(orphan, false);
  return carrierRecord(parts, orphan);
}

/** The journal does not say it all: the carrier's record if it has one, else nobody knows. */
async function carrierRecord(parts: DispatchParts, orphan: OrphanCall): Promise<CallResult | 'live'> {
  const { call } = orphan;
  const carrier = parts.carriers.find((candidate) => candidate.name === call.carrier);
  const answer = carrier?.capabilities.lookupByRef === true ? await lookup(carrier, call) : undefined;
  if (answer?.found === 'ended') return ownDeath(answer.result);
  const age = parts.clock.now() - call.intendedAt;
  if (answer?.found === 'live' && age < LONGEST_CALL) return 'live';
  // Never placed contradicts a journal that has passed gate 2; before it, it is the whole truth.
  if (answer?.found === 'never_placed' && call.state === 'intended') return gone(orphan, false);
  return { ...gone(orphan, true), cause: 'uncertain' };
}

function lookup(carrier: CarrierAdapter, { reference, carrierId }: OrphanCall['call']): Promise<LookupAnswer> {
  return carrierId === null ? carrier.lookup(reference) : carrier.lookup(reference, carrierId);
}

/** To the carrier our death looked like a lost line; nobody has to wait for the line to get better. */
function ownDeath(result: CallResult): CallResult {
  return result.cause === 'line_lost' ? { ...result, cause: 'gateway_stopped' } : result;
}

/** The result of a call whose worker is gone, as far as the journal knows it. */
function gone({ call, fax }: OrphanCall, pageInFlight: boolean): CallResult {
  return {
    cause: 'gateway_stopped',
    detail: `the worker died in state ${call.state}`,
    pagesConfirmed: Math.max(0, fax.pagesConfirmed - (call.firstPage - 1)),
    pageInFlight,
    remoteId: fax.remoteId,
    line: null,
  };
}

/** A carrier's record may know of pages behind a gate that our journal never passed: it is passed now. */
async function passGate(
  { records, clock }: DispatchParts,
  { call }: OrphanCall,
  fence: number,
  { pagesConfirmed, pageInFlight }: CallResult,
): Promise<void> {
  if (call.state === 'intended' && (pagesConfirmed > 0 || pageInFlight)) {
    await records.passGate2(call.id, fence, clock.now());
  }
}
