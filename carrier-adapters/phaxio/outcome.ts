import type { CallResult } from '../../gateway/fax/call-result.ts';
import type { Cause } from '../../gateway/fax/cause.ts';
import { causeOfStatus, inTheDark, nothingSent } from '../http/index.ts';
import { type PhaxioFax, readFailure } from './wire.ts';

/** What an error means. `paper`: the call was in its pages, and nobody says how many of them are on paper. */
interface Meaning {
  readonly cause: Cause;
  readonly paper: boolean;
}

const before = (cause: Cause): Meaning => ({ cause, paper: false });
const within = (cause: Cause): Meaning => ({ cause, paper: true });

/** `error_id` of type `documentConversionError`; nothing was dialled. */
export const MEANING_OF_CONVERSION: Readonly<Record<number, Meaning>> = {
  4: before('document_rejected'), // converting and merging failed
  54: before('carrier_unavailable'), // the URL cannot be read; we send none
  55: before('document_rejected'), // the URL is invalid
  57: before('carrier_unavailable'), // the file could not be stored
  69: before('document_rejected'), // converting and merging failed
  122: before('document_rejected'), // simulated on request
  128: before('document_rejected'), // type of the file not found
  129: before('document_rejected'), // type of the file not supported
  130: before('document_rejected'), // the same, for XML
  133: before('document_rejected'), // a PDF that cannot be read
};

/** `error_id` of every other type, all that Phaxio and its successor document. */
export const MEANING_OF_ERROR: Readonly<Record<number, Meaning>> = {
  // lineError: the call
  11: within('line_lost'), // dropped prematurely
  15: before('carrier_unavailable'), // congestion
  16: before('no_answer'), // ring timeout
  17: before('busy'),
  19: before('rejected'), // immediate hangup
  30: before('no_answer'),
  32: before('negotiation_failed'), // incompatible destination
  34: before('out_of_service'), // number not operational
  43: before('carrier_unavailable'), // problem establishing the connection
  49: before('out_of_service'), // receiving number not operational
  50: before('rejected'),
  52: before('carrier_unavailable'), // no route
  73: before('number_invalid'), // number changed
  87: before('no_answer'),
  88: before('carrier_unavailable'), // network error
  100: before('carrier_unavailable'), // remote carrier
  110: before('carrier_unavailable'), // network error
  112: before('no_answer'),
  115: before('number_invalid'), // number changed
  121: before('carrier_unavailable'), // simulated on request
  // faxError and its like: T.30
  6: within('line_lost'), // communication with the far side
  7: before('paper_too_narrow'),
  8: within('line_lost'), // no response after a page
  10: within('line_lost'), // disconnected after retries
  12: before('training_failed'), // no response to DCS or TCF
  13: before('no_fax'), // timed out, first message
  14: before('no_fax'), // timed out, initial communication
  18: within('negotiation_failed'), // unexpected message
  20: within('line_lost'), // HDLC carrier did not stop
  21: within('uncertain'), // DCN after a page
  22: before('training_failed'), // bad response to DCS or training
  25: before('negotiation_failed'), // resolution
  26: within('line_lost'), // the machine failed to respond
  28: before('training_failed'),
  29: within('line_lost'), // invalid response after a page
  31: before('negotiation_failed'), // machines incompatible
  38: before('hung_up'), // before receiving
  40: within('line_lost'), // telephony error
  41: before('hung_up'), // DCN instead of DCS or DIS
  44: within('line_lost'), // telephony error
  46: before('carrier_refused'), // insufficient funds
  48: before('no_answer'), // perhaps out of paper
  53: within('uncertain'), // DCN after EOM or MPS
  60: within('line_lost'), // after a page break
  63: within('negotiation_failed'), // protocol error
  68: before('negotiation_failed'), // not compatible
  75: within('canceled'), // by the user
  76: within('uncertain'), // by Phaxio, because its time was over
  77: within('line_lost'), // receiver not ready (T5)
  79: within('uncertain'), // too late to cancel
  80: before('hung_up'), // DCN instead of DIS
  82: within('line_lost'), // communication with the far side
  84: within('negotiation_failed'), // unexpected command after a page
  113: before('carrier_unavailable'), // the file is gone
  117: before('no_fax'), // no pages
  119: within('line_lost'), // simulated on request
  131: within('line_lost'), // incomplete
  132: before('no_fax'), // no fax tone
  133: before('number_refused'), // number not permitted
};

const CONVERSION = 'documentConversionError';

/** Why Phaxio calls a fax failed. */
export interface Failure {
  readonly type: string | null;
  readonly id: number | null;
  /** Calls that Phaxio made by itself after the first one. */
  readonly retries: number;
}

/** The end of a fax as the carrier tells it; undefined: it is under way, also in a state that is not known. */
export function endOf(fax: PhaxioFax, pages: number): CallResult | undefined {
  switch (fax.status) {
    case 'success':
      return delivered(pages);
    case 'failure':
      return failed(readFailure(fax));
    case 'partialsuccess':
      // It is about some of several receivers; ours have one.
      return inTheDark('uncertain', 'Phaxio: partial success');
    default:
      return undefined;
  }
}

/** The carrier says that all pages arrived. */
function delivered(pages: number): CallResult {
  return { ...nothingSent('ok', 'Phaxio: success'), pagesConfirmed: pages };
}

/**
 * The result of a fax that Phaxio calls failed; an error that it has not documented is `uncertain` and stands in the detail.
 * An error is that of the last call: when Phaxio itself called more than once, nobody knows how far a former call came.
 */
export function failed({ type, id, retries }: Failure): CallResult {
  const words = `${plainWord(type)} ${id ?? 'without a number'}`;
  const table = type === CONVERSION ? MEANING_OF_CONVERSION : MEANING_OF_ERROR;
  const meaning = id === null ? undefined : table[id];
  if (meaning === undefined) return inTheDark('uncertain', `Phaxio: failed for a reason that is not known: ${words}`);
  if (retries > 0 && type !== CONVERSION && meaning.cause !== 'canceled') {
    return inTheDark('uncertain', `Phaxio: called again by itself, then ${words}`);
  }
  return meaning.paper ? inTheDark(meaning.cause, `Phaxio: ${words}`) : nothingSent(meaning.cause, `Phaxio: ${words}`);
}

/** The order was refused: nothing of it was done. */
export function refused(status: number): CallResult {
  return nothingSent(causeOfStatus(status), `Phaxio: the order was answered ${status}`);
}

/** A word that may stand in a detail: what a stranger wrote might be anything. */
function plainWord(word: string | null): string {
  if (word === null) return 'an error without a type';
  return /^[A-Za-z_]{1,40}$/.test(word) ? word : 'an unreadable type';
}
