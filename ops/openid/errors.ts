/** Why a provider's answer is none: it was not reached, or what came was no answer of a provider. */
export type OpenIdErrorCode =
  | 'unreachable'
  | 'too_large'
  | 'redirected'
  | 'address_refused'
  | 'failing'
  | 'issuer_differs'
  | 'claims_refused';

/** A fault in what a provider answers. Messages hold nothing that it sent. */
export class OpenIdError extends Error {
  readonly code: OpenIdErrorCode;

  constructor(code: OpenIdErrorCode, message: string) {
    super(message);
    this.name = 'OpenIdError';
    this.code = code;
  }
}

/** What says nothing about the person: the provider could not be asked. */
const SILENT: readonly OpenIdErrorCode[] = [
  'unreachable',
  'too_large',
  'redirected',
  'address_refused',
  'failing',
  'issuer_differs',
];

/** Error answers (RFC 6749 §5.2, and those of servers in trouble) and answers of no shape: none of them is about a person. */
const ABOUT_NOBODY = [
  ...['invalid_client', 'unauthorized_client', 'invalid_request', 'invalid_scope', 'unsupported_grant_type'],
  ...['server_error', 'temporarily_unavailable'],
  ...['oauth_parse_error', 'oauth_response_is_not_json', 'oauth_response_is_not_conform'],
  // Keys that have changed within the minute are read again at the next question.
  'oauth_key_selection_failed',
];

/** Whether a refusal for this reason says nothing about the person: the gateway's own place at the provider may be wrong. */
export function isAboutNobody(reason: string): boolean {
  return ABOUT_NOBODY.includes(reason);
}

/** The HTTP status that an exchange ended with, when its error or what caused it tells one. */
export function statusOf(error: unknown): number | undefined {
  const causes = chain(error).flatMap((one) => [one, one instanceof Error ? one.cause : undefined]);
  return causes.map((one) => numberField(one, 'status')).find((status) => status !== undefined);
}

/**
 * What an exchange that has thrown came to, and why: a code of ours, of the provider's error answer (RFC 6749 §5.2) or of
 * the library that checked it.
 */
export function faultOf(error: unknown): { readonly silent: boolean; readonly reason: string } {
  const own = chain(error).find((one) => one instanceof OpenIdError);
  if (own !== undefined) return { silent: SILENT.includes(own.code), reason: own.code };
  const named = chain(error)
    .map((one) => textField(one, 'error') ?? textField(one, 'code'))
    .find((code) => code !== undefined && /^[A-Za-z0-9_-]{1,64}$/.test(code));
  return { silent: false, reason: (named ?? 'answer_rejected').toLowerCase() };
}

/** An error and what has caused it, no deeper than libraries nest them. */
function chain(error: unknown): unknown[] {
  const found: unknown[] = [];
  for (let one = error; one instanceof Error && found.length < 8; one = one.cause) found.push(one);
  return found;
}

function numberField(value: unknown, name: string): number | undefined {
  const field: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return typeof field === 'number' ? field : undefined;
}

function textField(value: unknown, name: string): string | undefined {
  const field: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return typeof field === 'string' ? field : undefined;
}
