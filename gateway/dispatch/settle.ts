import { type CallResult, inDoubt } from '../fax/call-result.ts';
import type { Cause } from '../fax/cause.ts';
import type { Fax } from '../fax/fax.ts';
import { carrierFault, type LineSettings, mayRetry, nextLineSettings, withFailed, withRefused } from '../fax/policy.ts';
import type { AfterCall } from '../ports/fax-records.ts';

/** Names of the carriers that could take the next call now, and of all that may ever carry the fax. */
export interface Ways {
  readonly now: readonly string[];
  readonly ever: readonly string[];
}

/** What is known when a call has ended. */
export interface EndedCall {
  readonly fax: Pick<Fax, 'pages' | 'pagesConfirmed' | 'policy' | 'line' | 'retries' | 'retryInterval' | 'deadline'>;
  /** First page that the call was to send, 1-based. */
  readonly firstPage: number;
  readonly result: CallResult;
  /** Calls of the fax so far, this one included. */
  readonly attempts: number;
  /** The one that it went over. */
  readonly carrier: string;
  /** As they were before this call ended: a carrier that has just failed is among them. */
  readonly ways: Ways;
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

function retry(call: EndedCall, cause = call.result.cause): AfterCall | undefined {
  // With `image_life: call` the image dies with this call: there is nothing left to send again.
  if (call.fax.policy.imageLife === 'call') return undefined;
  const fault = carrierFault(cause);
  const next = fault === undefined ? redial(call, cause) : failover(call, fault);
  const late = next !== undefined && call.fax.deadline !== null && next.at >= call.fax.deadline;
  return next === undefined || late ? undefined : { state: 'queued', ...next, keepImage: true };
}

/** When the next call may be placed, and with which settings. */
interface NextCall {
  readonly at: number;
  readonly line: LineSettings;
}

/** The receiver, the line or we ourselves: the same call again, as the ladder says. */
function redial(call: EndedCall, cause: Cause): NextCall | undefined {
  const { fax, carrier, ways, now } = call;
  const spare = cause === 'gateway_stopped' ? OWN_FAULTS : 0;
  if (!mayRetry(cause, counted(call), fax.retries + spare)) return undefined;
  const line = nextLineSettings(fax.line, cause, counted(call), carrier);
  return {
    at: cause === 'gateway_stopped' ? now : later(call),
    line: line.avoid === fax.line.avoid ? line : newRound(line, ways),
  };
}

/**
 * The carrier was at fault: the next one is asked at once, and the receiver's retries stay as they are. When all have
 * failed, the round is over; a new one begins after the interval, without those that have refused, and costs a retry.
 */
function failover(call: EndedCall, fault: 'failed' | 'refused'): NextCall | undefined {
  const { fax, carrier, ways, now } = call;
  const known = fax.line.avoid.includes(carrier) || fax.line.refused.includes(carrier);
  const line = fault === 'refused' ? withRefused(fax.line, carrier) : withFailed(fax.line, carrier);
  // Each carrier is passed over once in a round, so that a round ends whatever carriers do.
  if (!known && ways.now.some((name) => isLeft(name, line)))
    return { at: now, line: { ...line, spared: line.spared + 1 } };
  if (fault === 'refused' && ways.ever.every((name) => line.refused.includes(name))) return undefined;
  if (counted(call) > fax.retries) return undefined;
  return { at: later(call), line: { ...line, avoid: [] } };
}

/** Calls that the receiver's retries are counted by. */
function counted({ attempts, fax }: EndedCall): number {
  return attempts - fax.line.spared;
}

function later({ fax, now }: EndedCall): number {
  return now + fax.retryInterval * 1_000;
}

function isLeft(name: string, { avoid, refused }: LineSettings): boolean {
  return !avoid.includes(name) && !refused.includes(name);
}

/** A carrier that the ladder has left comes last; when all have been left, they begin anew. */
function newRound(line: LineSettings, { ever }: Ways): LineSettings {
  return ever.some((name) => isLeft(name, line)) ? line : { ...line, avoid: [] };
}

function end(state: 'delivered' | 'canceled'): Settlement {
  return { after: { state }, resendAll: false };
}
