import type { CallResult } from '../fax/call-result.ts';
import type { Fax, PageRecord } from '../fax/fax.ts';
import type { CallId } from '../fax/ids.ts';
import type { E164 } from '../fax/number.ts';
import type { CallStep, CarrierAdapter, MediaLink } from '../ports/carrier-adapter.ts';
import type { Lease } from './lease.ts';
import { outgoingPages } from './pages.ts';
import type { DispatchParts } from './parts.ts';

/** One intended call: W2 is written, nothing has rung yet. */
export interface IntendedCall {
  readonly id: CallId;
  readonly reference: string;
  readonly carrier: CarrierAdapter;
  /** The number that the far side sees. */
  readonly shows: E164 | null;
  readonly fax: Fax;
  /** Pages not yet confirmed; never empty. */
  readonly pages: readonly PageRecord[];
}

/**
 * Drives a call to its end, writing the journal between its steps: gate 2 after the answer, W4 around every page. A
 * write that fails, or that is refused because someone else has claimed the fax, ends the call before the next thing
 * happens on the line.
 */
export async function placeCall(
  parts: DispatchParts,
  lease: Lease,
  call: IntendedCall,
  dek: Uint8Array,
): Promise<CallResult> {
  const { carrier, fax, shows } = call;
  const link = linkOf(parts, lease, call);
  const steps = carrier.place({
    reference: call.reference,
    from: shows,
    to: fax.to,
    csid: (fax.options.csid || shows || '').slice(0, 20),
    settings: fax.line,
    pages: outgoingPages(parts, lease, dek, call.pages),
    signal: lease.signal,
    ...(link === undefined ? {} : { link }),
  });
  try {
    for (let step = await steps.next(); ; step = await steps.next()) {
      if (step.done === true) return lease.fenced ? fencedResult(step.value) : step.value;
      if (!(await journalled(parts, lease, call.id, step.value)) || !lease.holds) lease.end('fenced');
    }
  } finally {
    if (link !== undefined) await revoked(parts, lease, link);
  }
}

/** A link for carriers that fetch the pages; whether the account lets them, the records say when it is made. */
function linkOf(parts: DispatchParts, lease: Lease, { carrier, fax, reference }: IntendedCall): MediaLink | undefined {
  if (carrier.capabilities.mediaDelivery !== 'pull') return undefined;
  const firstPage = fax.pagesConfirmed + 1;
  return parts.linkFor?.({ fax: fax.id, fence: lease.fence, carrier: carrier.name, reference, firstPage });
}

/** What cannot be revoked ends with the call all the same: a link holds for a live one only. */
async function revoked({ log }: DispatchParts, { fax }: Lease, link: MediaLink): Promise<void> {
  await link.revoke().catch((error: unknown) => log.warn({ fax, error: String(error) }, 'a link was not taken away'));
}

/** What a fenced carrier says of the end is our own doing, unless every page was confirmed before. */
function fencedResult(result: CallResult): CallResult {
  return result.cause === 'ok' ? result : { ...result, cause: 'gateway_stopped' };
}

async function journalled(parts: DispatchParts, lease: Lease, call: CallId, step: CallStep): Promise<boolean> {
  try {
    return await journal(parts, lease.fence, call, step);
  } catch (error) {
    parts.log.warn(
      { fax: lease.fax, step: step.type, error: String(error) },
      'the journal of a call cannot be written',
    );
    return false;
  }
}

/** The durable write of one step; false when the fence is no longer ours. */
async function journal(
  { records, clock, metrics }: DispatchParts,
  fence: number,
  call: CallId,
  step: CallStep,
): Promise<boolean> {
  switch (step.type) {
    case 'answered':
      return records.passGate2(call, fence, clock.now());
    case 'taken':
      return records.taken(call, fence, step.carrierId);
    case 'negotiated':
      await records.negotiated(call, fence, step.remoteId, step.line);
      return true;
    case 'page_started':
      return records.pageStarted(call, fence, step.page, clock.now());
    case 'page_confirmed':
      metrics.count('pages_sent_total');
      return records.pageConfirmed(call, fence, step.page, step.line, clock.now());
    case 'retrain':
      metrics.count('retrains_total');
      return true;
    case 'ringing':
    case 'progress':
      return true;
  }
}
