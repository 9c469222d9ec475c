// The browser-safe door: WebCrypto and Uint8Array only. What a client, the SDK and an off-line verifier need.

export {
  AUDIT_START,
  type AuditFacts,
  type AuditFault,
  type AuditFindings,
  type AuditHead,
  type AuditLine,
  AuditReader,
  auditEntryLine,
  signAuditHead,
  verifyAuditHead,
} from './audit/index.ts';
export { base64url, fromBase64url } from './base64url.ts';
export { copyBytes, newBytes } from './bytes.ts';
export { type ConnectionString, formatConnectionString, parseConnectionString } from './connection-string.ts';
export { type Curve, type EphemeralKey, webCryptoCurve } from './curve.ts';
export { digestSha256, digestSha512, mac } from './digest.ts';
export { verifyEd25519 } from './ed25519.ts';
export { type PeerAnswer, SEAL_ERRORS, SealError, type SealErrorCode } from './errors.ts';
export { type ClientHandshake, type ClientSession, type HandshakeRequest, startHandshake } from './handshake/client.ts';
export { passkeyChallenge, signTranscript } from './handshake/login.ts';
export { DEFAULT_SUITE, type Suite } from './handshake/suite.ts';
export { fromHex, hex } from './hex.ts';
export { verifyJws } from './jws.ts';
export {
  type KeyStatement,
  type PublishedKey,
  type StatementFile,
  type VerifiedKeyStatement,
  verifyKeyStatement,
} from './key-statement.ts';
export type { OpenedMessage, RequestHead, ResponseHead } from './messages/head.ts';
export { MESSAGES_PER_SESSION } from './messages/header.ts';
export { type SealedRequest, sealRequest } from './messages/request.ts';
export { type AnsweredRequest, openResponse } from './messages/response.ts';
export { type MessageBody, textBody } from './messages/seal.ts';
export type { MessageSession } from './messages/session.ts';
export { type P521Jwk, type PublicKeyLike, pinOf } from './public-key.ts';
export { randomBytes, randomId } from './random.ts';
export { type CertifiedReceipt, verifyCertifiedReceipt, verifyReceipt } from './receipt.ts';
export {
  type GeneratedRecipientKey,
  generateRecipientKey,
  importRecipientKey,
  type RecipientKey,
  unwrapWithPrivateKey,
} from './recipient.ts';
export {
  type GeneratedSigningKey,
  generateSigningKey,
  importSigningKey,
  type SigningKey,
  signingKey,
} from './signature.ts';
export { type ObjectContext, openObject } from './stream/object.ts';
export type { ByteSource, SealOptions } from './stream/records.ts';
export { wipe } from './wipe.ts';
