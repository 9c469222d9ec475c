import { utf8 } from './bytes.ts';
import { constantTimeEqual, hmacSha256 } from './hash.ts';
import { base32, randomBytes } from './random.ts';
import { wipe } from './wipe.ts';

/** 160 bits: beyond guessing, so that one HMAC is enough where a password needs Argon2id. */
const SECRET_BYTES = 20;
const SECRET_FORM = /^sfk_[0-9a-hjkmnp-tv-z]{32}$/;

/** `sfk_` and 32 characters of base32: 160 random bits. It is shown once, so it is text. */
export function newApiSecret(): string {
  const bytes = randomBytes(SECRET_BYTES);
  const secret = `sfk_${base32(bytes)}`;
  wipe(bytes);
  return secret;
}

/** True when a presented secret has the form of an API secret; the form alone chooses the verifier. */
export function isApiSecret(presented: string): boolean {
  return SECRET_FORM.test(presented);
}

/** What is stored of an API secret: HMAC-SHA-256 under the server's key, 32 octets. */
export function apiSecretVerifier(serverKey: Uint8Array, secret: string): Uint8Array {
  return hmacSha256(serverKey, utf8(secret));
}

/** Compares a presented secret with a stored verifier in constant time. */
export function verifyApiSecret(serverKey: Uint8Array, verifier: Uint8Array, presented: string): boolean {
  return constantTimeEqual(apiSecretVerifier(serverKey, presented), verifier);
}

/** A verifier that no secret has: for unknown accounts and users, at the same cost. */
export function dummyApiSecretVerifier(): Uint8Array {
  return randomBytes(32);
}
