import type { CallResult } from '../../gateway/fax/call-result.ts';
import type { Cause } from '../../gateway/fax/cause.ts';
import { causeOfStatus, inTheDark, nothingSent } from '../http/index.ts';
import type { SinchFax } from './wire.ts';

/** What a code means. `paper`: the call was in its pages, and nobody says how many of them are on paper. */
interface Meaning {
  readonly cause: Cause;
  readonly paper: boolean;
}

const before = (cause: Cause): Meaning => ({ cause, paper: false });
const within = (cause: Cause): Meaning => ({ cause, paper: true });

/** `errorCode` where `errorType` is CALL_ERROR. */
const CALL: Readonly<Record<string, Meaning>> = {
  11: within('line_lost'),
  15: before('carrier_unavailable'),
  16: before('no_answer'),
  17: before('busy'),
  19: before('rejected'),
  30: before('no_fax'),
  32: before('negotiation_failed'),
  34: before('out_of_service'),
  43: before('carrier_unavailable'),
  49: before('number_invalid'),
};

/** `errorCode` where `errorType` is FAX_ERROR. */
const FAX: Readonly<Record<string, Meaning>> = {
  6: within('line_lost'),
  7: before('paper_too_narrow'),
  8: within('line_lost'),
  10: within('line_lost'),
  12: before('training_failed'),
  13: before('no_fax'),
  14: before('no_fax'),
  18: within('line_lost'),
  20: within('line_lost'),
  // The far machine left after the page was whole: it may lie there.
  21: within('uncertain'),
  22: before('training_failed'),
  25: before('negotiation_failed'),
  26: within('line_lost'),
  28: before('training_failed'),
  29: within('line_lost'),
  31: before('negotiation_failed'),
  38: before('hung_up'),
  40: within('line_lost'),
  41: before('hung_up'),
  44: within('line_lost'),
  // No money in the account.
  46: before('carrier_refused'),
  48: before('no_answer'),
  53: within('uncertain'),
  60: within('line_lost'),
  63: within('line_lost'),
  68: before('negotiation_failed'),
  // By a person, in the carrier's own portal.
  75: within('canceled'),
  76: within('line_lost'),
  77: within('line_lost'),
  79: within('uncertain'),
  80: before('hung_up'),
  82: within('line_lost'),
  84: within('line_lost'),
  // The carrier has lost the file before it sent it.
  113: before('carrier_unavailable'),
  117: before('no_fax'),
  119: before('negotiation_failed'),
  131: within('line_lost'),
  132: before('no_fax'),
  133: before('number_refused'),
};

/** `errorCode` where `errorType` is DOCUMENT_CONVERSION_ERROR: no call was made. */
const CONVERSION: Readonly<Record<string, Meaning>> = {
  4: before('document_rejected'),
  54: before('document_rejected'),
  55: before('document_rejected'),
  57: before('carrier_unavailable'),
  69: before('carrier_unavailable'),
  122: before('document_rejected'),
  128: before('document_rejected'),
  129: before('document_rejected'),
  130: before('document_rejected'),
  133: before('document_rejected'),
};

/**
 * What each `errorType` means by its `errorCode`. Sinch numbers its codes through all types but 133; the types without a
 * list of their own take whatever the lists of calls and faxes say.
 */
export const MEANINGS: Readonly<Record<string, Readonly<Record<string, Meaning>>>> = {
  CALL_ERROR: CALL,
  FAX_ERROR: FAX,
  DOCUMENT_CONVERSION_ERROR: CONVERSION,
  LINE_ERROR: { ...FAX, ...CALL },
  GENERAL_ERROR: { ...FAX, ...CALL },
  FATAL_ERROR: { ...FAX, ...CALL },
};

/** The end of a fax as the carrier tells it; undefined: it is under way, also in a state that is not known. */
export function endOf(fax: SinchFax, pages: number): CallResult | undefined {
  if (fax.status === 'COMPLETED') return { ...nothingSent('ok', 'Sinch: COMPLETED'), pagesConfirmed: pages };
  return fax.status === 'FAILURE' ? failed(fax) : undefined;
}

/** The result of a fax that Sinch calls failed; what it has not documented is `uncertain` and stands in the detail. */
export function failed({ errorType, errorCode }: Pick<SinchFax, 'errorType' | 'errorCode'>): CallResult {
  const words = `${plainWord(errorType)} ${errorCode ?? 'without a code'}`;
  const meaning = meaningOf(errorType ?? '', String(errorCode ?? ''));
  if (meaning === undefined) return inTheDark('uncertain', `Sinch: failed for a reason that is not known: ${words}`);
  return meaning.paper ? inTheDark(meaning.cause, `Sinch: ${words}`) : nothingSent(meaning.cause, `Sinch: ${words}`);
}

function meaningOf(type: string, code: string): Meaning | undefined {
  const codes = Object.hasOwn(MEANINGS, type) ? MEANINGS[type] : undefined;
  if (codes !== undefined && Object.hasOwn(codes, code)) return codes[code];
  // Whatever is wrong with a document, no call was made for it.
  return type === 'DOCUMENT_CONVERSION_ERROR' ? before('document_rejected') : undefined;
}

/** A request that was refused: nothing of it was done. The fields that it finds fault with stand in the detail. */
export function refused(what: string, status: number, fields: readonly string[]): CallResult {
  const words = fields.length === 0 ? '' : ` (${fields.map(plainWord).join(', ')})`;
  const cause = fields.includes('to') ? 'number_invalid' : causeOfStatus(status);
  return nothingSent(cause, `Sinch: ${what} was answered ${status}${words}`);
}

/** A word that may stand in a detail: what a stranger wrote might be anything. */
function plainWord(word: string | null | undefined): string {
  if (word === null || word === undefined) return 'none given';
  return /^[A-Za-z0-9_.-]{1,60}$/.test(word) ? word : 'unreadable';
}
