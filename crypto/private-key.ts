import { sextets } from './base64url.ts';
import { copyBytes, equalBytes, newBytes, utf8 } from './bytes.ts';
import { SealError } from './errors.ts';
import { POINT_SIZE } from './public-key.ts';
import { wipe } from './wipe.ts';

const BEGIN = utf8('-----BEGIN PRIVATE KEY-----');
const END = utf8('-----END PRIVATE KEY-----');
const ALPHABET = utf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const VALUES = new Map(Array.from(ALPHABET, (octet, value) => [octet, value]));
const LINE = 64;
/** A PKCS#8 P-521 key has 241 octets; everything far larger is not one. */
const PEM_LIMIT = 4_096;

/** What stands before the point at the end of a PKCS#8 EC key: [1] { BIT STRING { 0 unused bits } } (RFC 5915 §3). */
const PUBLIC_PART = Uint8Array.of(0xa1, 0x81, 0x89, 0x03, 0x81, 0x86, 0x00);

/** RFC 7468 PEM of PKCS#8 as ASCII octets: private keys never stand in strings, which cannot be wiped. */
export function pemOfPkcs8(der: Uint8Array): Uint8Array {
  const full = Math.ceil(der.length / 3) * 4;
  const pem = new Uint8Array(BEGIN.length + END.length + full + Math.ceil(full / LINE) + 2);
  pem.set(BEGIN);
  let at = BEGIN.length;
  for (let sextet = 0; sextet < full; sextet++) {
    if (sextet % LINE === 0) pem[at++] = 0x0a;
    pem[at++] = base64Octet(der, sextet);
  }
  pem[at++] = 0x0a;
  pem.set(END, at);
  pem[at + END.length] = 0x0a;
  return pem;
}

function base64Octet(der: Uint8Array, sextet: number): number {
  const bit = sextet * 6;
  const at = bit >>> 3;
  if (at >= der.length) return 0x3d;
  const pair = ((der[at] ?? 0) << 8) | (der[at + 1] ?? 0);
  return ALPHABET[(pair >>> (10 - (bit & 7))) & 63] ?? 0x3d;
}

/** PKCS#8 DER of a PEM private key, owned by the caller. Throws `key` saying what is wrong. */
export function pkcs8OfPem(pem: Uint8Array | string): Uint8Array {
  const text = typeof pem === 'string' ? utf8(pem) : pem;
  if (text.length > PEM_LIMIT) throw new SealError('key', 'too long for a PEM private key');
  const from = indexOf(text, BEGIN);
  const to = indexOf(text, END);
  if (from < 0 || to < from) {
    throw new SealError(
      'key',
      'no "BEGIN PRIVATE KEY" block (PKCS#8); `openssl pkcs8 -topk8 -nocrypt` converts others',
    );
  }
  const body = base64Octets(text.subarray(from + BEGIN.length, to));
  try {
    return sextets(body.length, (at) => VALUES.get(body[at] ?? 0));
  } catch {
    throw new SealError('key', 'the PEM block is not base64');
  } finally {
    wipe(body);
    if (typeof pem === 'string') wipe(text);
  }
}

/** The octets that are neither white space nor padding, in memory that can be wiped. */
function base64Octets(lines: Uint8Array): Uint8Array {
  const body = newBytes(lines.length);
  let length = 0;
  for (const octet of lines) {
    if (octet > 0x20 && octet !== 0x3d) body[length++] = octet;
  }
  return body.subarray(0, length);
}

function indexOf(text: Uint8Array, word: Uint8Array): number {
  for (let at = 0; at + word.length <= text.length; at++) {
    if (equalBytes(text.subarray(at, at + word.length), word)) return at;
  }
  return -1;
}

/**
 * The public point that stands in a PKCS#8 EC key. Reading it avoids exporting the key as a JWK, which would put the
 * private number into a string. Importers check that it belongs to the private number.
 */
export function pointOfPkcs8(der: Uint8Array): Uint8Array {
  const at = der.length - POINT_SIZE;
  const before = der.subarray(Math.max(0, at - PUBLIC_PART.length), Math.max(0, at));
  if (!equalBytes(before, PUBLIC_PART) || der[at] !== 0x04) {
    throw new SealError('key', 'the private key is not on P-521 or lacks its public part');
  }
  return copyBytes(der, at);
}
