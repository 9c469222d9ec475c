import { type CallResult, inDoubt } from '../fax/call-result.ts';
import type { Fax } from '../fax/fax.ts';
import { mayRetry, nextLineSettings } from '../fax/policy.ts';
import type { AfterCall } from '../ports/fax-records.ts';

/** What is known when a call has ended. */
export interface EndedCall {
  readonly fax: Pick<Fax, 'pages' | 'pagesConfirmed' | 'policy' | 'line' | 'retries' | 'retryInterval' | 'deadline'>;
  /** First page that the call was to send, 1-based. */
  readonly firstPage: number;
  readonly result: CallResult;
  /** Calls of the fax so far, this one included. */
  readonly attempts: number;
  /** Carriers in the route. */
  readonly carriers: number;
  readonly now: number;
}

/** What follows: the next step of the records, and whether an `uncertain` fax is to be sent again as a whole. */
export interface Settlement {
  readonly after: AfterCall;
  readonly resendAll: boolean;
}

/** Calls that the gateway itself cut are not the line's fault: so many of them are allowed beyond the fax's retries. */
const OWN_FAULTS = 10;

/** What follows a call: delivered, another call, or an end. Pure. */
export function settle(call: EndedCall): Settlement {
  const { result } = call;
  if (isDelivered(call)) return end('delivered');
  if (result.cause === 'canceled') return end('canceled');
  if (inDoubt(result)) return settleDoubt(call);
  return { after: retry(call) ?? { state: confirmedPages(call) > 0 ? 'partial' : 'failed' }, resendAll: false };
}

/** Pages of the fax on paper after this call, as far as the far machines confirmed them. */
export function confirmedPages({ fax, firstPage, result }: Pick<EndedCall, 'fax' | 'firstPage' | 'result'>): number {
  return Math.max(fax.pagesConfirmed, firstPage - 1 + result.pagesConfirmed);
}

function isDelivered(call: EndedCall): boolean {
  return call.fax.pages !== null && confirmedPages(call) >= call.fax.pages;
}

/** A page may be on paper: the account's policy decides whether it is worth a second copy. */
function settleDoubt(call: EndedCall): Settlement {
  const { policy } = call.fax;
  const again = policy.uncertain === 'hold' ? undefined : retry(call, 'line_lost');
  if (again !== undefined && policy.uncertain === 'resend_rest') return { after: again, resendAll: false };
  // To begin at page 1 again is a resend of an uncertain fax; the records do it in a step of its own.
  return { after: { state: 'uncertain' }, resendAll: again !== undefined };
}

function retry({ fax, result, attempts, carriers, now }: EndedCall, cause = result.cause): AfterCall | undefined {
  const spare = cause === 'gateway_stopped' ? OWN_FAULTS : 0;
  // With `image_life: call` the image dies with this call: there is nothing left to send again.
  if (fax.policy.imageLife === 'call' || !mayRetry(cause, attempts, fax.retries + spare)) return undefined;
  const at = cause === 'gateway_stopped' ? now : now + fax.retryInterval * 1_000;
  if (fax.deadline !== null && at >= fax.deadline) return undefined;
  return { state: 'queued', at, line: nextLineSettings(fax.line, cause, attempts, carriers), keepImage: true };
}

function end(state: 'delivered' | 'canceled'): Settlement {
  return { after: { state }, resendAll: false };
}
