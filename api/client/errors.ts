/** What went wrong before there was an answer of the gateway that can be believed. */
export type ClientErrorCode =
  | 'unreachable'
  | 'timeout'
  | 'aborted'
  | 'untrusted_server'
  | 'transport_rejected'
  | 'answer_rejected'
  | 'busy'
  | 'closed'
  | 'session_over'
  | 'webhook_rejected'
  | 'usage';

/** A fault on the way: no authenticated answer exists, so whether the request was carried out is not known. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: ClientErrorCode;
  /** Which check failed, such as the `SealError` code of a handshake; undefined when there is none. */
  readonly reason: string | undefined;
  /** Milliseconds after which another attempt may help, when the gateway said so. */
  readonly retryAfter: number | undefined;

  constructor(
    code: ClientErrorCode,
    message: string,
    detail: { readonly reason?: string; readonly retryAfter?: number; readonly cause?: unknown } = {},
  ) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.reason = detail.reason;
    this.retryAfter = detail.retryAfter;
  }
}

/** One field at fault. */
export interface FieldProblem {
  /** JSON pointer (RFC 6901) into the request. */
  readonly pointer: string;
  readonly detail: string;
}

/** A refusal by the gateway itself, authenticated by the session (RFC 9457 problem details). */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  /** HTTP status inside the seal. */
  readonly status: number;
  /** Stable code; each has a section in ERRORS.md. */
  readonly code: string;
  /** A reason below the code, such as a document's `encrypted`. */
  readonly reason: string | undefined;
  readonly errors: readonly FieldProblem[];
  /** Milliseconds after which another attempt may help, when the gateway said so. */
  readonly retryAfter: number | undefined;

  constructor(problem: {
    readonly status: number;
    readonly code: string;
    readonly message: string;
    readonly reason?: string | undefined;
    readonly errors?: readonly FieldProblem[];
    readonly retryAfter?: number | undefined;
  }) {
    super(problem.message);
    this.status = problem.status;
    this.code = problem.code;
    this.reason = problem.reason;
    this.errors = problem.errors ?? [];
    this.retryAfter = problem.retryAfter;
  }
}
