import { createHmac } from 'node:crypto';
import { u64, utf8 } from './bytes.ts';
import { constantTimeEqual } from './hash.ts';
import { randomBytes } from './random.ts';

/** RFC 4226 §4 R6 recommends a shared secret of 160 bits, the output length of HMAC-SHA-1. Octets. */
const SECRET_SIZE = 20;
/** RFC 6238 §4.1: X = 30 s, T0 = 0. Milliseconds. */
const STEP = 30_000;
/** RFC 4648 §6, the alphabet of the `otpauth:` URI; not that of our ids. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A fresh shared secret. The caller owns it and wipes it. */
export function newTotpSecret(): Uint8Array {
  return randomBytes(SECRET_SIZE);
}

/**
 * The six digits of a time step: HOTP of RFC 4226 §5.3 over HMAC-SHA-1, which is what authenticator apps compute.
 * No library stands here because there is nothing to it but one HMAC and a truncation. SHA-1 is safe in this place: HMAC
 * does not rest on collision resistance.
 */
export function totpCode(secret: Uint8Array, step: number): string {
  const mac = createHmac('sha1', secret).update(u64(step)).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0x0f;
  const code = (mac.readUInt32BE(offset) & 0x7f_ff_ff_ff) % 1_000_000;
  return String(code).padStart(6, '0');
}

/**
 * The time step that `code` is right for, or null. One step either way is allowed for clocks and typing (RFC 6238
 * §5.2), and none at or before `lastStep`, so that a code opens once. All three are compared in the same time.
 *
 * @param now milliseconds since 1970
 * @param lastStep step of the code accepted before; 0 when there was none
 */
export function acceptedTotpStep(secret: Uint8Array, code: string, now: number, lastStep: number): number | null {
  const current = Math.floor(now / STEP);
  const presented = utf8(code);
  let accepted: number | null = null;
  for (const step of [current - 1, current, current + 1]) {
    const equal = constantTimeEqual(utf8(totpCode(secret, step)), presented);
    if (equal && step > lastStep) accepted = step;
  }
  return accepted;
}

/** The secret as people type it into an authenticator: base32 of RFC 4648 §6 without padding. */
export function totpSecretText(secret: Uint8Array): string {
  let text = '';
  let [bits, held] = [0, 0];
  for (const octet of secret) {
    held = (held << 8) | octet;
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET.charAt((held >>> (bits - 5)) & 31);
    held &= 31;
  }
  return bits === 0 ? text : text + ALPHABET.charAt((held << (5 - bits)) & 31);
}

/** The `otpauth:` URI that authenticators read from a QR code. It holds the secret. */
export function totpUri(secret: Uint8Array, issuer: string, holder: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(holder)}`;
  const settings = `issuer=${encodeURIComponent(issuer)}&algorithm=SHA1&digits=6&period=${STEP / 1_000}`;
  return `otpauth://totp/${label}?secret=${totpSecretText(secret)}&${settings}`;
}
