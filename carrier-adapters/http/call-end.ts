import type { CallResult } from '../../gateway/fax/call-result.ts';
import type { Cause } from '../../gateway/fax/cause.ts';

/** A result without anything on paper. */
export function nothingSent(cause: Cause, detail: string): CallResult {
  return { cause, detail, pagesConfirmed: 0, pageInFlight: false, remoteId: null, line: null };
}

/** A result of which nobody knows what is on paper. */
export function inTheDark(cause: Cause, detail: string): CallResult {
  return { ...nothingSent(cause, detail), pageInFlight: true };
}

/** 408, 429 and 5xx speak of the moment; every other refusal of the account, its settings or our request. */
export function causeOfStatus(status: number): Cause {
  return status === 408 || status === 429 || status >= 500 ? 'carrier_unavailable' : 'carrier_refused';
}

/** Whether the work ends here while the carrier goes on: the adapter stops, or another worker has the call. */
export function isCut({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason !== 'canceled';
}

/** The end of a call of which nothing was given to the carrier when its signal came. */
export function notSent({ reason }: AbortSignal): CallResult {
  const cause = reason === 'cut' ? 'line_lost' : reason === 'canceled' ? 'canceled' : 'gateway_stopped';
  return nothingSent(cause, 'ended before it was sent');
}

/** The end of a call that the carrier goes on with, for all we know. */
export function stopped({ reason }: AbortSignal): CallResult {
  const cause = reason === 'cut' ? 'line_lost' : 'gateway_stopped';
  return inTheDark(cause, 'the gateway stopped while the carrier had the fax');
}
