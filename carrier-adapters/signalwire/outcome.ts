import type { CallResult } from '../../gateway/fax/call-result.ts';
import type { Cause } from '../../gateway/fax/cause.ts';
import { causeOfStatus, inTheDark, nothingSent } from '../http/index.ts';
import type { SignalwireFax } from './wire.ts';

/** Ends in which nothing is on paper. `canceled` is possible only while a fax is queued. */
const ENDS_BEFORE: Readonly<Record<string, Cause>> = { 'no-answer': 'no_answer', busy: 'busy', canceled: 'canceled' };

/**
 * The result of a fax that has ended; undefined while it is under way, and for a state that SignalWire has not documented:
 * it may be one of those on the way.
 *
 * @param pages of the fax; undefined: whoever sent it is gone, and what the carrier counted has to do
 */
export function endOf(fax: SignalwireFax, pages?: number): CallResult | undefined {
  const status = fax.status ?? '';
  const result = resultOf(fax, status, pages ?? fax.num_pages ?? undefined);
  if (result === undefined || fax.duration === null || fax.duration === undefined) return result;
  return { ...result, lineSeconds: fax.duration };
}

function resultOf(fax: SignalwireFax, status: string, pages: number | undefined): CallResult | undefined {
  if (status === 'delivered') return delivered(pages);
  if (status === 'failed') return failed(fax.error_code);
  const cause = Object.hasOwn(ENDS_BEFORE, status) ? ENDS_BEFORE[status] : undefined;
  return cause === undefined ? undefined : nothingSent(cause, `SignalWire: ${status}`);
}

/** The carrier says that all pages arrived; how many they were, it may have to be asked. */
function delivered(pages: number | undefined): CallResult {
  if (pages === undefined || pages === 0) {
    return inTheDark('uncertain', 'SignalWire: delivered, but it does not say how many pages');
  }
  return { ...nothingSent('ok', 'SignalWire: delivered'), pagesConfirmed: pages };
}

/** SignalWire documents no codes of failed faxes, and says of none how many pages are on paper. */
function failed(code: string | null | undefined): CallResult {
  const words = code === null || code === undefined || code === '' ? 'without a code' : `with code ${plainWord(code)}`;
  return inTheDark('uncertain', `SignalWire: failed ${words}; it does not say what is on paper`);
}

/** A fax that was never fetched and cannot be any more: whatever the carrier calls its end, no page has left. */
export function neverFetched(result: CallResult): CallResult {
  const cause = result.cause === 'uncertain' ? 'carrier_unavailable' : result.cause;
  return { ...result, cause, pageInFlight: false, detail: `${result.detail}; the fax was never fetched` };
}

/** A fax that nobody wants any more is not sent again for whatever it failed of. */
export function unwanted(result: CallResult): CallResult {
  return result.cause === 'ok' ? result : { ...result, cause: 'canceled' };
}

/** A request that was refused: nothing of it was done. The carrier's code stands in the detail. */
export function refused(what: string, status: number, codes: readonly string[]): CallResult {
  const words = codes.length === 0 ? '' : ` (${codes.map(plainWord).join(', ')})`;
  return nothingSent(causeOfStatus(status), `SignalWire: ${what} was answered ${status}${words}`);
}

/** A word that may stand in a detail: what a stranger wrote might be anything. */
function plainWord(word: string): string {
  return /^[A-Za-z0-9_.-]{1,60}$/.test(word) ? word : 'unreadable';
}
