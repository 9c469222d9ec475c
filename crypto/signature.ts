import { type Curve, webCryptoCurve } from './curve.ts';
import { SealError } from './errors.ts';
import { lab } from './label.ts';
import { pemOfPkcs8, pkcs8OfPem, pointOfPkcs8 } from './private-key.ts';
import { jwkOfPoint, type P521Jwk, type PublicKeyLike, pinOf, pointOf, spkiOfPoint } from './public-key.ts';
import type { CryptoKeyHandle } from './subtle.ts';
import { noteDroppedKey, wipe } from './wipe.ts';

const ECDSA = { name: 'ECDSA', namedCurve: 'P-521' };
const ECDSA_SHA512 = { name: 'ECDSA', hash: 'SHA-512' };

/**
 * Something that signs with ECDSA P-521 and SHA-512 (FIPS 186-5). The private key may be here, in a KMS or in a token:
 * only `sign` is asked for.
 */
export interface SigningKey {
  /** base64url(SHA-256(SPKI)); the same text as `pin`. */
  readonly kid: string;
  /** The pin that customers are given when this is a root key. */
  readonly pin: string;
  /** SubjectPublicKeyInfo DER, 158 octets. */
  readonly publicSpki: Uint8Array;
  readonly publicJwk: P521Jwk;
  /** r ‖ s, 132 octets, over the message itself (hashing is inside). */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** A key that was just made, with the only copy of its private part that leaves WebCrypto. */
export interface GeneratedSigningKey extends SigningKey {
  /** PKCS#8 PEM as ASCII octets: write it where it belongs, then `wipe` it. */
  readonly privatePem: Uint8Array;
}

/** A new P-521 signing key. */
export async function generateSigningKey(): Promise<GeneratedSigningKey> {
  const pair = await globalThis.crypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
  const pkcs8 = new Uint8Array(await globalThis.crypto.subtle.exportKey('pkcs8', pair.privateKey));
  const key = await importPkcs8(pkcs8);
  const privatePem = pemOfPkcs8(pkcs8);
  wipe(pkcs8);
  return { ...key, privatePem };
}

/**
 * A signing key from PKCS#8 PEM (octets, or text where it comes from a person). The public part must belong to the
 * private one: a signature is made and checked. The caller wipes its PEM. Throws `key`.
 */
export async function importSigningKey(pem: Uint8Array | string): Promise<SigningKey> {
  const pkcs8 = pkcs8OfPem(pem);
  try {
    const key = await importPkcs8(pkcs8);
    const probe = lab('self test');
    if (!(await verifySignature(key.publicSpki, probe, await key.sign(probe)))) throw new SealError('key');
    return key;
  } catch {
    throw new SealError('key', 'not a whole P-521 private key');
  } finally {
    wipe(pkcs8);
  }
}

async function importPkcs8(pkcs8: Uint8Array): Promise<SigningKey> {
  const point = pointOfPkcs8(pkcs8);
  noteDroppedKey();
  const privateKey = await globalThis.crypto.subtle.importKey('pkcs8', pkcs8, ECDSA, false, ['sign']);
  return signingKey(point, privateKey);
}

/** A signing key of a WebCrypto handle, such as one that a browser keeps where it cannot be exported. */
export async function signingKey(point: Uint8Array, privateKey: CryptoKeyHandle): Promise<SigningKey> {
  const publicSpki = spkiOfPoint(point);
  const pin = await pinOf(publicSpki);
  return {
    kid: pin,
    pin,
    publicSpki,
    publicJwk: jwkOfPoint(point),
    sign: async (message) => new Uint8Array(await globalThis.crypto.subtle.sign(ECDSA_SHA512, privateKey, message)),
  };
}

/** True when `signature` (r ‖ s, exactly 132 octets) is the key's over `message`. Throws `key` or `point` for a bad key. */
export async function verifySignature(
  key: PublicKeyLike,
  message: Uint8Array,
  signature: Uint8Array,
  curve: Curve = webCryptoCurve(),
): Promise<boolean> {
  return curve.verify(pointOf(key), message, signature);
}
