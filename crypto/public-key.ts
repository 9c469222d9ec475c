import { base64url, fromBase64url } from './base64url.ts';
import { concat, copyBytes, equalBytes, isObject } from './bytes.ts';
import { digestSha256 } from './digest.ts';
import { SealError } from './errors.ts';

/** Octets of an uncompressed point of P-521: 0x04 ‖ X (66) ‖ Y (66), SEC 1 §2.3.3. */
export const POINT_SIZE = 133;
const COORDINATE_SIZE = 66;

/** The DER of SubjectPublicKeyInfo before the point (RFC 5480 §2, id-ecPublicKey with secp521r1): always these 25 octets. */
const SPKI_PREFIX = Uint8Array.of(
  ...[0x30, 0x81, 0x9b, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01],
  ...[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23, 0x03, 0x81, 0x86, 0x00],
);

/** A P-521 public key as RFC 7517 and RFC 7518 §6.2 write it. */
export interface P521Jwk {
  readonly kty: 'EC';
  readonly crv: 'P-521';
  /** base64url of 66 octets. */
  readonly x: string;
  /** base64url of 66 octets. */
  readonly y: string;
}

/** A public key in either accepted form: SPKI DER (158 octets) or JWK. */
export type PublicKeyLike = Uint8Array | P521Jwk;

/** Throws `point` unless the octets have the one accepted form. Whether it lies on the curve is checked at use. */
export function expectPoint(point: Uint8Array): Uint8Array {
  // Compressed (02, 03) and hybrid (06, 07) forms are refused: one key has one encoding.
  if (point.length !== POINT_SIZE || point[0] !== 0x04) throw new SealError('point');
  return point;
}

/** SubjectPublicKeyInfo DER of a point: 158 octets. */
export function spkiOfPoint(point: Uint8Array): Uint8Array {
  return concat(SPKI_PREFIX, expectPoint(point));
}

/** JWK of a point. */
export function jwkOfPoint(point: Uint8Array): P521Jwk {
  expectPoint(point);
  const x = base64url(point.subarray(1, 1 + COORDINATE_SIZE));
  return { kty: 'EC', crv: 'P-521', x, y: base64url(point.subarray(1 + COORDINATE_SIZE)) };
}

/** The point in an SPKI or JWK. Throws `key` with what is wrong; a private JWK is refused by name. */
export function pointOf(key: unknown): Uint8Array {
  if (key instanceof Uint8Array) return pointOfSpki(key);
  if (!isObject(key)) throw new SealError('key', 'expected SPKI DER or a JWK');
  if ('d' in key) throw new SealError('key', 'this is a private key where a public one belongs');
  if (key.kty !== 'EC' || key.crv !== 'P-521') throw new SealError('key', 'the JWK is not an EC key on P-521');
  return concat(Uint8Array.of(0x04), coordinate(key.x), coordinate(key.y));
}

function pointOfSpki(spki: Uint8Array): Uint8Array {
  const fits = spki.length === SPKI_PREFIX.length + POINT_SIZE;
  if (!fits || !equalBytes(spki.subarray(0, SPKI_PREFIX.length), SPKI_PREFIX)) {
    throw new SealError('key', 'the SPKI is not that of an uncompressed P-521 key');
  }
  return expectPoint(copyBytes(spki, SPKI_PREFIX.length));
}

function coordinate(text: unknown): Uint8Array {
  try {
    if (typeof text === 'string') return fromBase64url(text, COORDINATE_SIZE);
  } catch {
    // Falls through to the same answer as a coordinate of another type.
  }
  throw new SealError('key', 'JWK coordinates are base64url of 66 bytes');
}

/** base64url(SHA-256(SPKI DER)), 43 characters: the pin of a root key and the `kid` of every key. */
export async function pinOf(key: PublicKeyLike): Promise<string> {
  return base64url(await digestSha256(spkiOfPoint(pointOf(key))));
}
