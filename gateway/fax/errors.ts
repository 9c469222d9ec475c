/** What a caller of the gateway can be told about bad input. The API maps each code to a status and a page in ERRORS.md. */
export type FaxErrorCode =
  | 'number_invalid'
  | 'number_unknown'
  | 'destination_denied'
  | 'cap_reached'
  | 'document_missing'
  | 'document_rejected'
  | 'document_too_large'
  | 'too_many_pages'
  | 'cover_rejected'
  | 'schedule_in_past'
  | 'deadline_invalid'
  | 'option_invalid'
  | 'fax_not_found'
  | 'batch_not_found'
  | 'page_not_found'
  | 'cover_not_found'
  | 'endpoint_not_found'
  | 'delivery_not_found'
  | 'state_conflict'
  | 'image_wiped'
  | 'image_sealed'
  | 'image_lost'
  | 'lease_held'
  | 'idempotency_mismatch'
  | 'idempotency_running'
  | 'account_paused'
  | 'budget_spent'
  | 'too_many_queued'
  | 'channels_busy'
  | 'restore_unconfirmed'
  | 'draining';

/** A refused request: `pointer` is the JSON pointer (RFC 6901) of the field at fault; the message holds nothing personal. */
export class FaxError extends Error {
  readonly code: FaxErrorCode;
  readonly pointer: string | undefined;
  /** A machine-readable reason below the code, such as a document's `encrypted` or `damaged`. */
  readonly reason: string | undefined;
  /** Seconds after which the same request may be taken. */
  readonly retryAfter: number | undefined;

  constructor(
    code: FaxErrorCode,
    message: string,
    detail: { pointer?: string; reason?: string; retryAfter?: number } = {},
  ) {
    super(message);
    this.name = 'FaxError';
    this.code = code;
    this.pointer = detail.pointer;
    this.reason = detail.reason;
    this.retryAfter = detail.retryAfter;
  }
}
