import { concat, copyBytes, expectLength } from './bytes.ts';
import { SealError } from './errors.ts';
import type { CryptoKeyHandle } from './subtle.ts';
import { wipe } from './wipe.ts';

// Webhook signatures `v1a` of Standard Webhooks are Ed25519 (RFC 8032). Keys are the 32-octet seed and public key.

/** PKCS#8 before the seed (RFC 8410 §7). */
const PKCS8_PREFIX = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20);
const ED25519 = { name: 'Ed25519' };
const SEED_SIZE = 32;
const PUBLIC_SIZE = 32;
/** Octets of a signature. */
const ED25519_SIGNATURE_SIZE = 64;

/** An Ed25519 key pair, both parts raw; the seed belongs to the caller, who wipes it. */
export interface Ed25519Pair {
  /** 32 octets. */
  readonly privateKey: Uint8Array;
  /** 32 octets. */
  readonly publicKey: Uint8Array;
}

/** A new key pair. */
export async function generateEd25519(): Promise<Ed25519Pair> {
  const pair = await globalThis.crypto.subtle.generateKey(ED25519, true, ['sign', 'verify']);
  if (!('privateKey' in pair)) throw new SealError('key');
  const pkcs8 = new Uint8Array(await globalThis.crypto.subtle.exportKey('pkcs8', pair.privateKey));
  const publicKey = new Uint8Array(await globalThis.crypto.subtle.exportKey('raw', pair.publicKey));
  const privateKey = copyBytes(pkcs8, pkcs8.length - SEED_SIZE);
  wipe(pkcs8);
  return { privateKey, publicKey };
}

/** The 64-octet signature of a message. */
export async function signEd25519(seed: Uint8Array, message: Uint8Array): Promise<Uint8Array> {
  const key = await importSeed(seed);
  return new Uint8Array(await globalThis.crypto.subtle.sign(ED25519, key, message));
}

async function importSeed(seed: Uint8Array): Promise<CryptoKeyHandle> {
  expectLength('an Ed25519 seed', seed, SEED_SIZE);
  const pkcs8 = concat(PKCS8_PREFIX, seed);
  try {
    return await globalThis.crypto.subtle.importKey('pkcs8', pkcs8, ED25519, false, ['sign']);
  } finally {
    wipe(pkcs8);
  }
}

/** True when the signature is the key's over the message. A key or signature of another length is false, not an error. */
export async function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (publicKey.length !== PUBLIC_SIZE || signature.length !== ED25519_SIGNATURE_SIZE) return false;
  try {
    const key = await globalThis.crypto.subtle.importKey('raw', publicKey, ED25519, false, ['verify']);
    return await globalThis.crypto.subtle.verify(ED25519, key, signature, message);
  } catch {
    return false;
  }
}
