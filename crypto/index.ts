// The door for Node: everything of the browser-safe one, and what only a server needs.

import './node-aead.ts';
import './node-mac.ts';

export {
  apiSecretVerifier,
  dummyApiSecretVerifier,
  isApiSecret,
  newApiSecret,
  verifyApiSecret,
} from './api-secret.ts';
export { auditLink } from './audit/chain.ts';
export { type CertificateFacts, readCertificate } from './certificate.ts';
export * from './client.ts';
export { runCollection, scheduleCollection } from './collection.ts';
export { digestHash } from './digest-hash.ts';
export { type Ed25519Pair, generateEd25519, signEd25519 } from './ed25519.ts';
export { isHost } from './handshake/host.ts';
export { verifyTranscript } from './handshake/login.ts';
export {
  createHandshakeServer,
  type HandshakeOptions,
  type HandshakeServer,
  type HelloAnswer,
  type ServerIdentity,
  type ServerSession,
} from './handshake/server.ts';
export { issueStatement, type Statement, type StatementRequest } from './handshake/statement.ts';
export { issueSuccession, SUCCESSION_LIMIT } from './handshake/succession.ts';
export { constantTimeEqual, hmacSha1, hmacSha256, type Sha256Stream, sha1, sha256, sha256Stream } from './hash.ts';
export { signJws } from './jws.ts';
export { signKeyStatement } from './key-statement.ts';
export { KEY_SIZE, newKey, openSmall, sealSmall, unwrapKey, wrapKey } from './keyring.ts';
export { merkleProof, merkleRoot, verifyMerkleProof } from './merkle.ts';
export type { MessageHeader } from './messages/header.ts';
export { type IncomingRequest, type OpenedRequest, openRequest, readRequestHeader } from './messages/request.ts';
export { sealResponse } from './messages/response.ts';
export { SeqWindow, WINDOW_SIZE } from './messages/seq-window.ts';
export { createPageMark, type PageMark } from './page-mark.ts';
export {
  createPasswordHasher,
  dummyPasswordHash,
  hashPassword,
  type PasswordHasher,
  verifyPassword,
} from './password.ts';
export { certifyReceiptKey, type ReceiptKey, signReceipt } from './receipt.ts';
export { wrapToPublicKey } from './recipient.ts';
export { verifySignature } from './signature.ts';
export { type SlotLimits, Slots } from './slots.ts';
export { createObjectSealer, type ObjectSealer, sealObject, storedObjectLength } from './stream/object.ts';
export { acceptedTotpStep, newTotpSecret, totpCode, totpSecretText, totpUri } from './totp.ts';
