/**
 * Why a fax or call ended as it did: one table over all carriers. T.30 and SIP detail is kept beside it, never instead.
 *
 * `retryable`: another call may help. `billable`: carriers usually charge such a call. `side`: whose doing it was.
 * `action`: what a person should do, in one sentence.
 */
export interface CauseFacts {
  readonly retryable: boolean;
  readonly billable: boolean;
  readonly side: 'none' | 'receiver' | 'sender' | 'carrier' | 'gateway';
  readonly action: string;
}

const row = (retryable: boolean, billable: boolean, side: CauseFacts['side'], action: string): CauseFacts => ({
  retryable,
  billable,
  side,
  action,
});

export const CAUSES = {
  ok: row(false, true, 'none', 'Nothing to do.'),
  busy: row(true, false, 'receiver', 'The line is in use; the gateway calls again.'),
  no_answer: row(true, false, 'receiver', 'Nobody answers; ask the receiver whether the machine is on.'),
  no_fax: row(true, true, 'receiver', 'A person or another device answered; check the number.'),
  number_invalid: row(false, false, 'sender', 'The number does not exist; correct it.'),
  number_refused: row(false, false, 'sender', 'The carrier does not call this number; choose another route.'),
  out_of_service: row(true, false, 'receiver', 'The number is out of service; ask the receiver.'),
  rejected: row(true, false, 'receiver', 'The far side refused the call.'),
  training_failed: row(true, true, 'carrier', 'The line is too poor for fax; the gateway tries a lower speed.'),
  negotiation_failed: row(true, true, 'receiver', 'The machines found no common mode.'),
  paper_too_narrow: row(
    false,
    true,
    'receiver',
    'The paper of the far machine is narrower than the page; send the fax again with width a4.',
  ),
  page_rejected: row(true, true, 'receiver', 'The far machine could not read the page; the gateway sends it again.'),
  hung_up: row(true, true, 'receiver', 'The far side ended the call in the middle; the gateway sends the rest.'),
  line_lost: row(true, true, 'carrier', 'The connection broke; the gateway sends the rest.'),
  carrier_unavailable: row(true, false, 'carrier', 'The carrier does not take calls now; the gateway tries again.'),
  carrier_refused: row(false, false, 'carrier', 'The carrier refused the account or its settings; see the carrier.'),
  carrier_unsuited: row(
    false,
    false,
    'gateway',
    'This carrier cannot take this fax as it is and was not asked; see the reason beside it, or add another route.',
  ),
  uncertain: row(
    false,
    true,
    'gateway',
    'A page may or may not be on paper; ask the receiver, then resend or leave it.',
  ),
  document_rejected: row(false, false, 'sender', 'The document cannot be rendered; see the reason beside it.'),
  image_lost: row(false, false, 'gateway', 'The encrypted image or its key is gone; send the document again.'),
  canceled: row(false, false, 'sender', 'Canceled on request.'),
  deadline_passed: row(false, false, 'sender', 'Not delivered before its deadline; send it again with a later one.'),
  destination_denied: row(
    false,
    false,
    'sender',
    'The rules of the gateway or of the account do not let this number be called; ask the operator.',
  ),
  not_approved: row(
    false,
    false,
    'sender',
    'Nobody allowed the account to call this country in time; ask the operator, then send the fax again.',
  ),
  gateway_stopped: row(true, true, 'gateway', 'The gateway stopped in the middle of the call; it goes on by itself.'),
  storage_full: row(true, false, 'gateway', 'No room for the page; free space in the data directory.'),
  receiver_not_ready: row(true, false, 'gateway', 'No customer was connected to take the fax (inbound_hold is 0).'),
} as const satisfies Record<string, CauseFacts>;

/** A key of the cause table. */
export type Cause = keyof typeof CAUSES;

/** The facts of `cause`. */
export function causeFacts(cause: Cause): CauseFacts {
  return CAUSES[cause];
}
