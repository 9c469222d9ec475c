/** Faults of our own; nothing that a peer sends leads here. */
export type SipErrorCode =
  /** A header value, method, URI or reason phrase would end its line early. */
  | 'unsafe_value'
  /** A client transaction was started with the name of a live one. */
  | 'client_reused'
  /** A state machine was to go where its table does not lead. */
  | 'state_impossible'
  /** An order names a trunk that is not configured. */
  | 'trunk_unknown'
  /** A call was placed with the id of a live one. */
  | 'call_reused';

/** The folder's only error. Messages hold no number, address or content. */
export class SipError extends Error {
  readonly code: SipErrorCode;

  constructor(code: SipErrorCode, message: string) {
    super(message);
    this.name = 'SipError';
    this.code = code;
  }
}
