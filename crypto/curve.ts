import { SealError } from './errors.ts';
import { expectPoint } from './public-key.ts';
import type { CryptoKeyHandle, Subtle } from './subtle.ts';
import { noteDroppedKey } from './wipe.ts';

/** Octets of the ECDH shared secret Z and of each half of a signature: ⌈521 / 8⌉. */
const FIELD_SIZE = 66;
/** Octets of an ECDSA P-521 signature r ‖ s (IEEE P1363, RFC 7518 §3.4). */
export const SIGNATURE_SIZE = 2 * FIELD_SIZE;

/** One half of an ephemeral exchange. The private part is reachable through `derive` alone. */
export interface EphemeralKey {
  /** 133 octets. */
  readonly point: Uint8Array;
  /** Z, always 66 octets with leading zeros kept, owned by the caller. Throws `point` for a peer that is not on the curve. */
  derive(peer: Uint8Array): Promise<Uint8Array>;
}

/**
 * What the protocol needs of P-521. The default is WebCrypto; a client in a runtime without P-521 passes its own
 * (SPEC.md §11 shows one over a bignum library).
 */
export interface Curve {
  generate(): Promise<EphemeralKey>;
  /** ECDSA P-521 with SHA-512; false for every signature that is not valid, throws `point` for a point off the curve. */
  verify(point: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

const ECDH = { name: 'ECDH', namedCurve: 'P-521' };
const ECDSA = { name: 'ECDSA', namedCurve: 'P-521' };
const ECDSA_SHA512 = { name: 'ECDSA', hash: 'SHA-512' };

/** P-521 over WebCrypto. In Node the work runs on the thread pool and does not hold the event loop. */
export function webCryptoCurve(subtle: Subtle = globalThis.crypto.subtle): Curve {
  return {
    generate: () => generateEphemeral(subtle),
    verify: (point, message, signature) => verifyEcdsa(subtle, point, message, signature),
  };
}

async function generateEphemeral(subtle: Subtle): Promise<EphemeralKey> {
  const pair = await subtle.generateKey(ECDH, false, ['deriveBits']);
  const point = new Uint8Array(await subtle.exportKey('raw', pair.publicKey));
  noteDroppedKey();
  return { point, derive: (peer) => deriveShared(subtle, pair.privateKey, peer) };
}

/** ECDH (SP 800-56A r3 §5.7.1.2): Z = the x coordinate, 66 octets. */
export async function deriveShared(subtle: Subtle, privateKey: CryptoKeyHandle, peer: Uint8Array): Promise<Uint8Array> {
  const publicKey = await importPoint(subtle, peer, ECDH, []);
  // 528 bits: WebCrypto gives whole octets of the field element.
  return new Uint8Array(await subtle.deriveBits({ name: 'ECDH', public: publicKey }, privateKey, FIELD_SIZE * 8));
}

async function verifyEcdsa(
  subtle: Subtle,
  point: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const key = await importPoint(subtle, point, ECDSA, ['verify']);
  if (signature.length !== SIGNATURE_SIZE) return false;
  return subtle.verify(ECDSA_SHA512, key, signature, message);
}

/** Importing checks that the point lies on the curve; P-521 has cofactor 1, so that is full validation (SP 800-56A r3 §5.6.2.3.3). */
async function importPoint(
  subtle: Subtle,
  point: Uint8Array,
  algorithm: typeof ECDH,
  usages: 'verify'[],
): Promise<CryptoKeyHandle> {
  expectPoint(point);
  try {
    return await subtle.importKey('raw', point, algorithm, true, usages);
  } catch {
    throw new SealError('point');
  }
}
