/** Why access or a change of it was refused. `access_denied` is the one answer to every wrong log-in. */
export type AccessErrorCode =
  | 'access_denied'
  | 'session_ended'
  | 'sealed_required'
  | 'tls_proxy_refused'
  | 'suite_not_allowed'
  | 'name_invalid'
  | 'password_weak'
  | 'cidr_invalid'
  | 'client_key_invalid'
  | 'passkey_invalid'
  | 'passkey_unknown'
  | 'account_unknown'
  | 'user_unknown'
  | 'totp_missing'
  | 'code_wrong'
  | 'realm_mismatch'
  | 'identity_refused'
  | 'provider_silent'
  | 'provider_unknown';

/** A refusal of the access stage. Messages hold nothing that a caller has not sent. */
export class AccessError extends Error {
  readonly code: AccessErrorCode;
  /** JSON pointer (RFC 6901) of the field at fault. */
  readonly pointer: string | undefined;

  constructor(code: AccessErrorCode, message: string, pointer?: string) {
    super(message);
    this.name = 'AccessError';
    this.code = code;
    this.pointer = pointer;
  }
}
