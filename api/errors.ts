import { FaxError } from '../gateway/fax/errors.ts';
import type { Problem } from './schemas/index.ts';

interface Row {
  readonly status: number;
  /** The RFC 9457 title: the same for every occurrence. */
  readonly title: string;
}

const row = (status: number, title: string): Row => ({ status, title });

/** Every code that the API can answer, with its HTTP status and title. ERRORS.md says more; a test keeps the two equal. */
export const PROBLEMS = {
  // Transport of sealed messages; these answers are not sealed.
  session_unknown: row(401, 'The sealed session is unknown or has ended'),
  sequence_used: row(409, 'The sequence number was used before'),
  sealed_message_rejected: row(400, 'The sealed message was rejected'),
  hello_rejected: row(400, 'The hello was rejected'),
  rate_limited: row(429, 'Too many requests from this address'),
  busy: row(503, 'The gateway is busy'),

  // Shape of a request
  request_invalid: row(400, 'The request does not have the documented form'),
  body_invalid: row(400, 'The body cannot be read'),
  body_too_large: row(413, 'The body is too large'),
  unsupported_media_type: row(415, 'The media type of the body is not accepted here'),
  route_not_found: row(404, 'There is no such resource'),
  idempotency_key_missing: row(400, 'An Idempotency-Key is needed'),
  idempotency_key_invalid: row(400, 'The Idempotency-Key cannot be used'),
  inline_document_refused: row(415, 'Documents inside JSON are not accepted in a sealed session'),
  stream_not_sealed: row(409, 'This resource exists on plain HTTPS only'),

  // Who may do what
  login_required: row(401, 'Log in first'),
  access_denied: row(401, 'Access denied'),
  session_ended: row(401, 'The session has ended'),
  step_up_required: row(403, 'Who asks has to prove it again'),
  sealed_required: row(403, 'A sealed session is needed'),
  tls_proxy_refused: row(403, 'The account refuses sessions through a TLS proxy'),
  identity_refused: row(403, 'The identity gives no access here'),
  provider_silent: row(503, 'The identity provider does not answer'),
  suite_not_allowed: row(403, 'The cipher suite of the session is not allowed'),
  realm_forbidden: row(403, 'This realm may not do that'),
  scope_missing: row(403, 'The user may not do that'),
  role_forbidden: row(403, 'The role of the administrator does not allow this'),

  // Sending and receiving
  number_invalid: row(422, 'The number cannot be used'),
  number_unknown: row(422, 'The number does not belong to the account'),
  destination_denied: row(422, 'The number may not be called'),
  cap_reached: row(429, 'A cap on sending is reached'),
  document_missing: row(422, 'A document is missing'),
  document_rejected: row(422, 'The document cannot become fax pages'),
  document_too_large: row(413, 'The document is too large'),
  too_many_pages: row(422, 'The document has too many pages'),
  cover_rejected: row(422, 'The form cannot be a cover'),
  cover_not_found: row(404, 'The account has no such cover'),
  report_not_found: row(404, 'There is no such saved report'),
  report_schedule_not_found: row(404, 'The report is not mailed'),
  mail_off: row(409, 'The gateway has no server for mails'),
  schedule_in_past: row(422, 'The scheduled time has passed'),
  deadline_invalid: row(422, 'The deadline cannot be met'),
  option_invalid: row(422, 'An option cannot be used'),
  fax_not_found: row(404, 'There is no such fax'),
  batch_not_found: row(404, 'There is no such batch'),
  call_not_found: row(404, 'There is no such call that has ended'),
  ladder_not_found: row(404, 'The carrier of this call does not tell its steps'),
  page_not_found: row(404, 'There is no such page'),
  receipt_not_found: row(404, 'There is no receipt yet'),
  state_conflict: row(409, 'The state of the fax does not allow this'),
  image_wiped: row(410, 'The image has been wiped'),
  image_sealed: row(409, 'Only the customer’s own key opens this image'),
  image_lost: row(410, 'The image is lost'),
  lease_held: row(409, 'Another user holds this fax'),
  idempotency_mismatch: row(422, 'The Idempotency-Key belongs to another request'),
  idempotency_running: row(409, 'The request with this Idempotency-Key is still running'),
  account_paused: row(409, 'The account is paused'),
  budget_spent: row(429, 'The budget of the account is spent'),
  channels_busy: row(429, 'All channels are in use'),
  too_many_queued: row(429, 'Too many faxes are waiting'),
  draining: row(503, 'The gateway is stopping'),
  restore_unconfirmed: row(503, 'The gateway was restored and waits for its operator'),
  storage_full: row(507, 'No room is left'),
  epoch_unavailable: row(503, 'The image vault is not ready'),
  unavailable: row(503, 'The records do not answer'),

  // Webhooks
  endpoint_not_found: row(404, 'There is no such webhook endpoint'),
  delivery_not_found: row(404, 'There is no such delivery'),
  url_refused: row(422, 'The webhook URL cannot be used'),

  // Administration
  carrier_unknown: row(404, 'There is no such carrier'),
  account_unknown: row(404, 'There is no such account'),
  account_closed: row(409, 'The account is closed'),
  account_erased: row(409, 'The account was erased'),
  place_unknown: row(404, 'There is no such country or code'),
  user_unknown: row(404, 'There is no such user'),
  number_not_found: row(404, 'The account has no such number'),
  subaddress_not_found: row(404, 'The number has no such subaddress'),
  name_taken: row(409, 'The name is taken'),
  number_taken: row(409, 'The number belongs to an account already'),
  number_shared: row(409, 'Subaddresses of the number belong to somebody'),
  subaddress_taken: row(409, 'The subaddress belongs to an account already'),
  numbers_unlisted: row(409, 'The carrier does not list its numbers'),
  carrier_failed: row(502, 'The carrier did not answer as it should'),
  name_invalid: row(422, 'The name cannot be used'),
  password_weak: row(422, 'The password is too weak'),
  totp_missing: row(409, 'The user has no authenticator'),
  code_wrong: row(422, 'The code is wrong'),
  session_not_found: row(404, 'The user has no such session'),
  cidr_invalid: row(422, 'The CIDR rule cannot be used'),
  client_key_invalid: row(422, 'The public key cannot be used'),
  passkey_invalid: row(422, 'The passkey cannot be registered'),
  passkey_taken: row(409, 'The passkey is registered already'),
  passkey_unknown: row(404, 'There is no such passkey'),
  too_many_passkeys: row(409, 'The user has too many passkeys'),
  policy_invalid: row(422, 'The policy cannot be used'),
  too_many_covers: row(409, 'The account has too many covers'),
  provider_unknown: row(422, 'There is no such identity provider'),
  identity_taken: row(409, 'The identity belongs to another user'),
  realm_mismatch: row(422, 'The user belongs to the other realm'),
  role_invalid: row(422, 'The user cannot have this role'),
  locks_out: row(409, 'The rules would lock you out'),
  last_owner: row(409, 'One owner has to be left'),
  no_next_root: row(409, 'No next root was announced'),
  too_many_keys: row(409, 'There are too many keys of earlier times'),

  internal: row(500, 'The gateway made a mistake'),
} as const satisfies Record<string, Row>;

/** A code of the table above. */
export type ProblemCode = keyof typeof PROBLEMS;

/** A refusal by the API itself. `detail` and `pointer` hold nothing personal. */
export class ApiError extends Error {
  readonly code: ProblemCode;
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
  /** Seconds after which another attempt makes sense. */
  readonly retryAfter: number | undefined;

  constructor(
    code: ProblemCode,
    detail: string = PROBLEMS[code].title,
    extra: { readonly pointer?: string; readonly errors?: ApiError['errors']; readonly retryAfter?: number } = {},
  ) {
    super(detail);
    this.name = 'ApiError';
    this.code = code;
    this.errors = extra.errors ?? (extra.pointer === undefined ? [] : [{ pointer: extra.pointer, detail }]);
    this.retryAfter = extra.retryAfter;
  }
}

/** Classes whose messages were written for callers. Anything else is a fault of ours and says nothing. */
const SPEAKING = new Set([
  'ApiError',
  'FaxError',
  'AccessError',
  'AccountError',
  'VaultError',
  'NotifyError',
  'RecordsError',
  'RedisError',
  'KeyError',
]);
/** Codes of stages that the table calls by another name. */
const ALIASES: Readonly<Record<string, ProblemCode>> = {
  object_missing: 'image_lost',
  full: 'storage_full',
  hello_malformed: 'hello_rejected',
};
const RETRY_AFTER: Readonly<Partial<Record<ProblemCode, number>>> = {
  busy: 2,
  draining: 5,
  epoch_unavailable: 2,
  // An operator decides: longer than a client waits by itself.
  restore_unconfirmed: 300,
  unavailable: 2,
};

/** An error as it leaves the API. */
export interface ProblemAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Problem;
}

/** The answer to any error; those that no caller can cause become `internal` and nothing more. */
export function problemOf(error: unknown): ProblemAnswer {
  const code = codeOf(error);
  const { status, title } = PROBLEMS[code];
  const speaks = code !== 'internal' && error instanceof Error && SPEAKING.has(error.name);
  const reason = speaks ? textField(error, 'reason') : undefined;
  const errors = speaks ? fieldErrors(error) : [];
  const body: Problem = {
    type: `urn:sealfax:problem:${code}`,
    title,
    status,
    code,
    detail: speaks ? error.message : title,
    ...(reason === undefined ? {} : { reason }),
    ...(errors.length === 0 ? {} : { errors: [...errors] }),
  };
  return { status, headers: headersOf(code, error), body };
}

function codeOf(error: unknown): ProblemCode {
  const code = textField(error, 'code');
  if (code === undefined || !(error instanceof Error)) return 'internal';
  if (SPEAKING.has(error.name) || code === 'busy') return isProblemCode(code) ? code : (ALIASES[code] ?? 'internal');
  return FRAMEWORK_CODES[code] ?? 'internal';
}

/** What fastify and its parsers refuse before a route is asked. */
const FRAMEWORK_CODES: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'body_invalid',
  FST_ERR_CTP_INVALID_JSON_BODY: 'body_invalid',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'body_invalid',
  FST_ERR_BAD_URL: 'route_not_found',
  FST_ERR_NOT_FOUND: 'route_not_found',
  FST_ERR_VALIDATION: 'request_invalid',
  // The caller has gone in the middle of a body.
  ECONNRESET: 'body_invalid',
  FST_ERR_MAX_PARAM_LENGTH: 'route_not_found',
};

/** Whether `text` is a code of the table. */
function isProblemCode(text: string): text is ProblemCode {
  return Object.hasOwn(PROBLEMS, text);
}

function textField(error: unknown, name: string): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : undefined;
}

function fieldErrors(error: Error): ApiError['errors'] {
  if (error instanceof ApiError) return error.errors;
  const pointer = textField(error, 'pointer');
  return pointer === undefined ? [] : [{ pointer, detail: error.message }];
}

function headersOf(code: ProblemCode, error: unknown): Record<string, string> {
  const said = error instanceof ApiError || error instanceof FaxError ? error.retryAfter : undefined;
  const after = said ?? RETRY_AFTER[code];
  return {
    'content-type': 'application/problem+json; charset=utf-8',
    ...(after === undefined ? {} : { 'retry-after': String(after) }),
  };
}
