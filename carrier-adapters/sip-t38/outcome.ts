import type { Cause } from '../../gateway/fax/cause.ts';
import type { EndedEvent } from './sip/agent/events.ts';
import { OUTCOMES, type Outcome } from './t30/outcome.ts';

/** A cause with the engine's own words. */
export interface Verdict {
  readonly cause: Cause;
  /** Never a number or page content. */
  readonly detail: string;
}

/** What a T.30 outcome means to a fax; the same for caller and answerer. */
export const CAUSE_OF_OUTCOME: Readonly<Record<Outcome, Cause>> = {
  ok: 'ok',
  no_fax_heard: 'no_fax',
  incompatible: 'negotiation_failed',
  no_common_modem: 'negotiation_failed',
  cannot_receive: 'negotiation_failed',
  training_failed: 'training_failed',
  no_answer_to_dcs: 'training_failed',
  no_answer_to_message: 'uncertain',
  bad_answer_to_dcs: 'negotiation_failed',
  bad_answer_to_message: 'uncertain',
  dcn_in_phase_b: 'hung_up',
  dcn_in_page: 'hung_up',
  dcn_after_message: 'uncertain',
  page_refused: 'page_rejected',
  too_many_retries: 'page_rejected',
  not_ready_too_long: 'uncertain',
  t1_expired: 'no_fax',
  t2_expired: 'line_lost',
  no_page_data: 'line_lost',
  dcn_before_page: 'hung_up',
  dcn_unexpected: 'hung_up',
  page_not_kept: 'gateway_stopped',
  page_missing: 'image_lost',
  polling_refused: 'negotiation_failed',
  interrupted: 'rejected',
  canceled: 'canceled',
  carrier_lost: 'line_lost',
  call_too_long: 'line_lost',
};

/** Final statuses of an INVITE that say one thing (RFC 3261 §21). */
const CAUSE_OF_STATUS: Readonly<Record<number, Cause>> = {
  401: 'carrier_refused',
  402: 'carrier_refused',
  404: 'number_invalid',
  407: 'carrier_refused',
  410: 'number_invalid',
  413: 'carrier_refused',
  414: 'carrier_refused',
  415: 'negotiation_failed',
  420: 'carrier_refused',
  421: 'carrier_refused',
  422: 'carrier_refused',
  484: 'number_invalid',
  485: 'number_invalid',
  486: 'busy',
  488: 'negotiation_failed',
  600: 'busy',
  604: 'number_invalid',
  606: 'negotiation_failed',
};

/** Q.850 causes (table 1): where the status is one that gateways to the telephone network send for many of them. */
const CAUSE_OF_Q850: Readonly<Record<number, Cause>> = {
  1: 'number_invalid',
  2: 'number_invalid',
  3: 'number_invalid',
  17: 'busy',
  18: 'no_answer',
  19: 'no_answer',
  20: 'no_answer',
  21: 'rejected',
  22: 'number_invalid',
  27: 'out_of_service',
  28: 'number_invalid',
  34: 'carrier_unavailable',
  38: 'carrier_unavailable',
  41: 'carrier_unavailable',
  42: 'carrier_unavailable',
  44: 'carrier_unavailable',
  47: 'carrier_unavailable',
  58: 'carrier_unavailable',
  65: 'negotiation_failed',
  79: 'negotiation_failed',
  88: 'negotiation_failed',
  102: 'no_answer',
};

/** Those statuses, when no such cause stands beside them. */
const CAUSE_OF_VAGUE_STATUS: Readonly<Record<number, Cause>> = {
  403: 'rejected',
  408: 'no_answer',
  480: 'no_answer',
  487: 'no_answer',
  603: 'rejected',
};

/** Why a call that was never answered failed; the detail names status and cause. */
export function verdictOfRefusal({ by, status, cause, detail }: EndedEvent): Verdict {
  const reason = cause === null ? '' : `, Q.850 ${cause}`;
  const words = `${status === null ? 'no answer' : `SIP ${status}`}${reason}: ${detail}`;
  // Nobody at the trunk answered at all: that is the trunk's doing, not the receiver's.
  const deaf = by === 'network' && (status === null || status === 408);
  return { cause: deaf ? 'carrier_unavailable' : causeOfRefusal(status, cause), detail: words };
}

function causeOfRefusal(status: number | null, q850: number | null): Cause {
  const clear = status === null ? undefined : CAUSE_OF_STATUS[status];
  const beside = q850 === null ? undefined : CAUSE_OF_Q850[q850];
  return clear ?? beside ?? causeOfVagueStatus(status);
}

function causeOfVagueStatus(status: number | null): Cause {
  if (status === null) return 'line_lost';
  // Redirections that were not followed, and 5xx, speak of the trunk; what is left of 4xx and 6xx of the call.
  const byTrunk = status < 400 || (status >= 500 && status < 600);
  return CAUSE_OF_VAGUE_STATUS[status] ?? (byTrunk ? 'carrier_unavailable' : 'rejected');
}

/** The verdict of a T.30 procedure that ended by itself. */
export function verdictOfProcedure(outcome: Outcome): Verdict {
  return { cause: CAUSE_OF_OUTCOME[outcome], detail: `T.30: ${OUTCOMES[outcome]}` };
}

/** What a call that came in is refused with: a status of its INVITE and the Q.850 cause for its Reason. */
export interface Refusal {
  readonly status: number;
  readonly cause: number;
}

/** How a refusal of the reception is told to the caller's side. */
export function refusalOf(cause: Cause): Refusal {
  switch (cause) {
    case 'number_invalid':
    case 'out_of_service':
      return { status: 404, cause: 1 };
    case 'busy':
      return { status: 486, cause: 17 };
    case 'rejected':
      return { status: 603, cause: 21 };
    case 'negotiation_failed':
      return { status: 488, cause: 65 };
    case 'carrier_unavailable':
    case 'gateway_stopped':
    case 'storage_full':
      return { status: 503, cause: 42 };
    default:
      return { status: 480, cause: 18 };
  }
}

/** The cause of a call that the gateway itself ended: its wish, or its fence or stop. */
export function causeOfAbort(signal: AbortSignal): Cause {
  return signal.reason === 'canceled' ? 'canceled' : 'gateway_stopped';
}
