import type { CallResult } from '../../gateway/fax/call-result.ts';
import type { Cause } from '../../gateway/fax/cause.ts';
import { causeOfStatus, inTheDark, nothingSent } from '../http/index.ts';
import type { TelnyxFax } from './wire.ts';

/** What a reason means. `paper`: the call was in its pages, and nobody says how many of them are on paper. */
interface Meaning {
  readonly cause: Cause;
  readonly paper: boolean;
}

const before = (cause: Cause): Meaning => ({ cause, paper: false });
const within = (cause: Cause): Meaning => ({ cause, paper: true });

/** `failure_reason` of a fax, all that Telnyx documents. */
export const MEANING_OF_REASON: Readonly<Record<string, Meaning>> = {
  receiver_call_dropped: within('hung_up'),
  sender_call_dropped: within('line_lost'),
  sender_canceled: within('canceled'),
  carrier_lost: within('line_lost'),
  service_unavailable: before('carrier_unavailable'),
  fax_signaling_error: before('negotiation_failed'),
  receiver_communication_error: within('line_lost'),
  sender_communication_error: within('line_lost'),
  receiver_decline: before('rejected'),
  receiver_recovery_on_timer_expire: before('no_answer'),
  receiver_no_response: before('no_answer'),
  receiver_invalid_number_format: before('number_invalid'),
  receiver_no_answer: before('no_answer'),
  receiver_incompatible_destination: before('negotiation_failed'),
  receiver_unallocated_number: before('number_invalid'),
  destination_unreachable: before('out_of_service'),
  user_busy: before('busy'),
  invalid_ecm_response_from_receiver: within('line_lost'),
  fax_initial_communication_timeout: before('no_fax'),
  destination_not_in_service_plan: before('number_refused'),
  account_disabled: before('carrier_refused'),
  destination_invalid: before('number_invalid'),
  no_outbound_profile: before('carrier_refused'),
  destination_not_in_countries_whitelist: before('number_refused'),
  user_channel_limit_exceeded: before('carrier_unavailable'),
  outbound_profile_channel_limit_exceeded: before('carrier_unavailable'),
  connection_channel_limit_exceeded: before('carrier_unavailable'),
  outbound_profile_daily_spend_limit_exceeded: before('carrier_refused'),
  unverified_origination_number: before('carrier_refused'),
  unverified_destination_not_allowed: before('number_refused'),
  file_format_invalid: before('document_rejected'),
  file_download_failed: before('carrier_unavailable'),
  file_size_limit_exceeded: before('document_rejected'),
  page_count_limit_exceeded: before('document_rejected'),
  media_processing_exception: before('carrier_unavailable'),
};

/** The end of a fax as the carrier tells it; undefined: it is under way, also in a state that is not known. */
export function endOf(fax: TelnyxFax, pages: number): CallResult | undefined {
  const seconds = fax.call_duration_secs ?? null;
  const open = seconds === null ? {} : { lineSeconds: seconds };
  if (fax.status === 'delivered') return { ...delivered(pages), ...open };
  return fax.status === 'failed' ? { ...failed(fax.failure_reason), ...open } : undefined;
}

/** The carrier says that all pages arrived. */
function delivered(pages: number): CallResult {
  return { ...nothingSent('ok', 'Telnyx: delivered'), pagesConfirmed: pages };
}

/** The result of a fax that Telnyx calls failed; a reason that it has not documented is `uncertain` and stands in the detail. */
export function failed(reason: string | null | undefined): CallResult {
  const word = plainWord(reason);
  const meaning = Object.hasOwn(MEANING_OF_REASON, word) ? MEANING_OF_REASON[word] : undefined;
  if (meaning === undefined) return inTheDark('uncertain', `Telnyx: failed for a reason that is not known: ${word}`);
  return meaning.paper ? inTheDark(meaning.cause, `Telnyx: ${word}`) : nothingSent(meaning.cause, `Telnyx: ${word}`);
}

/** A request that was refused: nothing of it was done. The codes of Telnyx's error list stand in the detail. */
export function refused(what: string, status: number, codes: readonly string[]): CallResult {
  const words = codes.length === 0 ? '' : ` (${codes.map(plainWord).join(', ')})`;
  return nothingSent(causeOfStatus(status), `Telnyx: ${what} was answered ${status}${words}`);
}

/** A word that may stand in a detail: what a stranger wrote might be anything. */
function plainWord(word: string | null | undefined): string {
  if (word === null || word === undefined) return 'none given';
  return /^[A-Za-z0-9_.-]{1,60}$/.test(word) ? word : 'unreadable';
}
