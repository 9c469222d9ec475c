/**
 * How a T.30 procedure ended; each is mapped to the one cause table by the adapter. `t*_expired` name timers of T.30.
 * The list is closed: add a row before a new way to end is written.
 */
export const OUTCOMES = {
  ok: 'every page was confirmed',
  no_fax_heard: 'no fax signal within T1',
  incompatible: 'the far station is no fax receiver or sender of the kinds we know',
  no_common_modem: 'no modulation that both stations have',
  cannot_receive: 'the far station does not receive now',
  training_failed: 'training failed at every rate',
  no_answer_to_dcs: 'no answer to three DCS',
  no_answer_to_message: 'no answer to three post-message commands: the page may be on paper',
  bad_answer_to_dcs: 'an answer to DCS that T.30 does not allow there',
  bad_answer_to_message: 'an answer to a post-message command that T.30 does not allow there',
  dcn_in_phase_b: 'the far station disconnected before a page was sent',
  dcn_in_page: 'the far station disconnected while a page was being sent',
  dcn_after_message: 'the far station disconnected where a confirmation was due: the page may be on paper',
  page_refused: 'the far station refused a page (RTN) too often',
  too_many_retries: 'ECM: frames stayed bad after every repetition',
  not_ready_too_long: 'ECM: the far station was not ready (RNR) for longer than T5',
  t1_expired: 'no command within T1',
  t2_expired: 'no command within T2 after a page',
  no_page_data: 'a page was announced and none came',
  dcn_before_page: 'the caller disconnected before its first page',
  dcn_unexpected: 'the caller disconnected without end of procedure',
  page_not_kept: 'a received page could not be stored',
  page_missing: 'a page to be sent could not be read',
  polling_refused: 'the far station wants to poll, which is not offered',
  interrupted: 'procedure interrupt (PRI) that nobody answers',
  canceled: 'ended by us',
  call_too_long: 'the call made no headway or lasted longer than any fax may',
  carrier_lost: 'what carries the bits went away',
} as const;

/** A key of the table. */
export type Outcome = keyof typeof OUTCOMES;
