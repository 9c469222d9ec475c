/** What a customer can be told about an endpoint, beside the FaxError codes `endpoint_not_found` and `delivery_not_found`. */
export type NotifyErrorCode = 'url_refused' | 'option_invalid';

/** A refused endpoint: `pointer` is the JSON pointer (RFC 6901) of the field at fault; the message repeats no input. */
export class NotifyError extends Error {
  override readonly name = 'NotifyError';
  readonly code: NotifyErrorCode;
  readonly pointer: string;
  /** A machine-readable reason below the code, such as a URL's `scheme`. */
  readonly reason: string | undefined;

  constructor(code: NotifyErrorCode, message: string, detail: { readonly pointer: string; readonly reason?: string }) {
    super(message);
    this.code = code;
    this.pointer = detail.pointer;
    this.reason = detail.reason;
  }
}
