/** What a peer is told. Several internal codes share one answer so that a peer learns nothing from a failure. */
export type PeerAnswer = 'sealed_message_rejected' | 'hello_rejected' | 'busy' | 'untrusted_server' | 'internal';

/**
 * The closed table of failures: what a peer may be told, and what the code means to us. SPEC.md §12 prints the same
 * table and a test compares the two.
 */
export const SEAL_ERRORS = {
  header: { peer: 'sealed_message_rejected', meaning: 'the header is not one of this format' },
  direction: { peer: 'sealed_message_rejected', meaning: 'the message is of the other direction' },
  binding: { peer: 'sealed_message_rejected', meaning: 'the response answers another request or session' },
  commit: { peer: 'sealed_message_rejected', meaning: 'the key commitment does not match' },
  record: { peer: 'sealed_message_rejected', meaning: 'a record is not authentic' },
  truncated: { peer: 'sealed_message_rejected', meaning: 'the bytes end too early' },
  head: { peer: 'sealed_message_rejected', meaning: 'the sealed head is malformed' },
  wrap: { peer: 'internal', meaning: 'the wrapped key or small record does not open' },

  hello_malformed: { peer: 'hello_rejected', meaning: 'the hello is malformed' },
  hello_version: { peer: 'hello_rejected', meaning: 'the protocol version is not spoken here' },
  hello_no_suite: { peer: 'hello_rejected', meaning: 'no offered suite is spoken here' },
  hello_host: { peer: 'hello_rejected', meaning: 'the hello is addressed to another host' },
  hello_share: { peer: 'hello_rejected', meaning: 'the ephemeral public key is not a point of P-521' },

  response_malformed: { peer: 'untrusted_server', meaning: 'the answer to the hello is malformed' },
  root_not_pinned: { peer: 'untrusted_server', meaning: 'the root key is not one of the pins' },
  statement_signature: { peer: 'untrusted_server', meaning: 'the statement is not signed by the root' },
  statement_malformed: { peer: 'untrusted_server', meaning: 'the statement is malformed' },
  statement_time: { peer: 'untrusted_server', meaning: 'the statement is not valid at this time' },
  statement_rollback: { peer: 'untrusted_server', meaning: 'the statement is older than one seen before' },
  statement_version: { peer: 'untrusted_server', meaning: 'the statement demands a newer protocol version' },
  statement_host: { peer: 'untrusted_server', meaning: 'the statement does not name this host' },
  hello_key: { peer: 'untrusted_server', meaning: 'the handshake key is not in the statement or not valid now' },
  hello_signature: { peer: 'untrusted_server', meaning: 'the server hello is not signed by the handshake key' },
  hello_payload: { peer: 'untrusted_server', meaning: 'the server hello is malformed' },
  hello_binding: { peer: 'untrusted_server', meaning: 'the server hello answers another client hello' },
  hello_audience: { peer: 'untrusted_server', meaning: 'the server hello is addressed to another host' },
  hello_suite: { peer: 'untrusted_server', meaning: 'the server chose a suite that was not offered' },
  hello_point: { peer: 'untrusted_server', meaning: 'the server share is not a point of P-521' },
  hello_fin: { peer: 'untrusted_server', meaning: 'the server does not hold the session keys' },

  jws: { peer: 'internal', meaning: 'the JWS is malformed' },
  signature: { peer: 'internal', meaning: 'the signature is not valid' },
  point: { peer: 'internal', meaning: 'the bytes are not an uncompressed point of P-521' },
  key: { peer: 'internal', meaning: 'the key is not one that is accepted here' },
  encoding: { peer: 'internal', meaning: 'the text is not strict base64url or hexadecimal' },
  connection_string: { peer: 'internal', meaning: 'the connection string is not usable' },
  password: { peer: 'internal', meaning: 'the password or its stored hash is not usable' },
  busy: { peer: 'busy', meaning: 'too much work of this kind is waiting' },
  usage: { peer: 'internal', meaning: 'a fault of the calling code' },
} as const satisfies Record<string, { peer: PeerAnswer; meaning: string }>;

/** Internal name of a failure: for tests, vectors and our own logs. Never sent to a peer; send {@link SealError.peer}. */
export type SealErrorCode = keyof typeof SEAL_ERRORS;

/**
 * The one error class of `crypto/`. The message is fixed text per code (plus a detail that names a field or a size);
 * it never carries key material, plaintext or personal data.
 */
export class SealError extends Error {
  override readonly name = 'SealError';
  /** Internal class of the failure. */
  readonly code: SealErrorCode;
  /** The only thing that a peer may be told. */
  readonly peer: PeerAnswer;

  constructor(code: SealErrorCode, detail?: string) {
    super(detail === undefined ? SEAL_ERRORS[code].meaning : `${SEAL_ERRORS[code].meaning}: ${detail}`);
    this.code = code;
    this.peer = SEAL_ERRORS[code].peer;
  }
}
