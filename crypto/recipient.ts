import { aesGcmOpen, aesGcmSeal, importAesKey, NONCE_SIZE, TAG_SIZE } from './aead.ts';
import { concat, copyBytes, equalBytes, expectLength, u16, utf8 } from './bytes.ts';
import { type Curve, deriveShared, webCryptoCurve } from './curve.ts';
import { hkdfExpand, hkdfExtract } from './digest.ts';
import { SealError } from './errors.ts';
import { lab } from './label.ts';
import { pemOfPkcs8, pkcs8OfPem, pointOfPkcs8 } from './private-key.ts';
import { jwkOfPoint, type P521Jwk, POINT_SIZE, type PublicKeyLike, pointOf, spkiOfPoint } from './public-key.ts';
import { noteDroppedKey, wipe } from './wipe.ts';

// A key wrapped to a customer's public key (sealed inbound), SPEC.md §10:
//
//   0 version 1   1 ephemeral point (133)   134 AES-256-GCM(key) = 32 ‖ tag 16        182 octets
//   okm = HKDF-SHA-512(salt = none, ikm = Z, info = lab("inbound") ‖ 1 ‖ epk ‖ recipient ‖ u16|context| ‖ context, 44)
//   key = okm[0..31]   nonce = okm[32..43]   no AAD: all of it is in info

const VERSION = 1;
const KEY_SIZE = 32;
const WRAPPED_SIZE = 1 + POINT_SIZE + KEY_SIZE + TAG_SIZE;
const ECDH = { name: 'ECDH', namedCurve: 'P-521' };

/** The private side of a sealed inbound mailbox. */
export interface RecipientKey {
  /** 133 octets. */
  readonly point: Uint8Array;
  /** SubjectPublicKeyInfo DER, 158 octets: what is registered with the gateway. */
  readonly publicSpki: Uint8Array;
  readonly publicJwk: P521Jwk;
  /** Z with an ephemeral point, 66 octets. */
  derive(peer: Uint8Array): Promise<Uint8Array>;
}

/** A recipient key that was just made, with its private part as PKCS#8 PEM octets. */
export interface GeneratedRecipientKey extends RecipientKey {
  readonly privatePem: Uint8Array;
}

/** A new key for sealed inbound faxes, made on the customer's side. */
export async function generateRecipientKey(): Promise<GeneratedRecipientKey> {
  const pair = await globalThis.crypto.subtle.generateKey(ECDH, true, ['deriveBits']);
  const pkcs8 = new Uint8Array(await globalThis.crypto.subtle.exportKey('pkcs8', pair.privateKey));
  const key = await importPkcs8(pkcs8);
  const privatePem = pemOfPkcs8(pkcs8);
  wipe(pkcs8);
  return { ...key, privatePem };
}

/** A recipient key from PKCS#8 PEM. The public part must belong to the private one. Throws `key`. */
export async function importRecipientKey(pem: Uint8Array | string): Promise<RecipientKey> {
  const pkcs8 = pkcs8OfPem(pem);
  try {
    const key = await importPkcs8(pkcs8);
    const probe = await webCryptoCurve().generate();
    const ours = await key.derive(probe.point);
    const theirs = await probe.derive(key.point);
    const matches = equalBytes(ours, theirs);
    wipe(ours, theirs);
    if (!matches) throw new SealError('key');
    return key;
  } catch {
    throw new SealError('key', 'not a whole P-521 private key');
  } finally {
    wipe(pkcs8);
  }
}

async function importPkcs8(pkcs8: Uint8Array): Promise<RecipientKey> {
  const point = pointOfPkcs8(pkcs8);
  noteDroppedKey();
  const { subtle } = globalThis.crypto;
  const privateKey = await subtle.importKey('pkcs8', pkcs8, ECDH, false, ['deriveBits']);
  return {
    point,
    publicSpki: spkiOfPoint(point),
    publicJwk: jwkOfPoint(point),
    derive: (peer) => deriveShared(subtle, privateKey, peer),
  };
}

/**
 * Wraps a 32-octet key to a registered public key: 182 octets that only its owner opens.
 *
 * @param context names what the key is for (the fax id); the owner must give the same
 */
export async function wrapToPublicKey(
  publicKey: PublicKeyLike,
  key: Uint8Array,
  context: string,
  curve: Curve = webCryptoCurve(),
): Promise<Uint8Array> {
  expectLength('a wrapped key', key, KEY_SIZE);
  const recipient = pointOf(publicKey);
  const ephemeral = await curve.generate();
  const secrets = await inboundSecrets(await ephemeral.derive(recipient), ephemeral.point, recipient, context);
  const sealed = await aesGcmSeal(secrets.key, secrets.nonce, new Uint8Array(0), key);
  return concat(Uint8Array.of(VERSION), ephemeral.point, sealed);
}

/** The wrapped key again, owned by the caller. Throws `wrap` for another owner, another context, or changed bytes. */
export async function unwrapWithPrivateKey(
  privateKey: RecipientKey,
  wrapped: Uint8Array,
  context: string,
): Promise<Uint8Array> {
  if (wrapped.length !== WRAPPED_SIZE || wrapped[0] !== VERSION) throw new SealError('wrap');
  const epk = copyBytes(wrapped, 1, 1 + POINT_SIZE);
  const secrets = await inboundSecrets(await derived(privateKey, epk), epk, privateKey.point, context);
  const key = await aesGcmOpen(secrets.key, secrets.nonce, new Uint8Array(0), wrapped.subarray(1 + POINT_SIZE));
  if (key === null) throw new SealError('wrap');
  return key;
}

async function derived(privateKey: RecipientKey, epk: Uint8Array): Promise<Uint8Array> {
  try {
    return await privateKey.derive(epk);
  } catch {
    throw new SealError('wrap');
  }
}

async function inboundSecrets(z: Uint8Array, epk: Uint8Array, recipient: Uint8Array, context: string) {
  const name = utf8(context);
  const info = concat(lab('inbound'), Uint8Array.of(VERSION), epk, recipient, u16(name.length), name);
  const prk = await hkdfExtract(new Uint8Array(0), z);
  const okm = await hkdfExpand(prk, info, KEY_SIZE + NONCE_SIZE);
  const key = await importAesKey(okm.subarray(0, KEY_SIZE));
  const nonce = copyBytes(okm, KEY_SIZE);
  wipe(z, prk, okm);
  return { key, nonce };
}
