import { base64url } from '../base64url.ts';
import { concat, expectLength } from '../bytes.ts';
import { digestSha256, SHA512_SIZE } from '../digest.ts';
import { lab } from '../label.ts';
import type { PublicKeyLike } from '../public-key.ts';
import { type SigningKey, verifySignature } from '../signature.ts';

/**
 * Log-in with a registered P-521 key: r ‖ s (132 octets) over lab("login") ‖ th. The transcript hash is the session's
 * own, so the signature is of no use in another session or to another server.
 */
export async function signTranscript(th: Uint8Array, key: SigningKey): Promise<Uint8Array> {
  return key.sign(loginMessage(th));
}

/** True when the signature is the registered key's over this session's transcript. */
export async function verifyTranscript(
  th: Uint8Array,
  signature: Uint8Array,
  publicKey: PublicKeyLike,
): Promise<boolean> {
  return verifySignature(publicKey, loginMessage(th), signature);
}

/**
 * The challenge that a passkey answers at the log-in (WebAuthn): b64u(SHA-256(lab("passkey") ‖ th)). It is the session's
 * own, so that neither side has to keep or send one, and the answer is of no use elsewhere.
 */
export async function passkeyChallenge(th: Uint8Array): Promise<string> {
  return base64url(await digestSha256(boundTo('passkey', th)));
}

function loginMessage(th: Uint8Array): Uint8Array {
  return boundTo('login', th);
}

function boundTo(use: string, th: Uint8Array): Uint8Array {
  expectLength('a transcript hash', th, SHA512_SIZE);
  return concat(lab(use), th);
}
