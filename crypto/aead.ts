import type { CryptoKeyHandle } from './subtle.ts';
import { noteDroppedKey } from './wipe.ts';

/** AES-GCM tag octets (SP 800-38D: the full 128 bits, no shorter tag is ever accepted). */
export const TAG_SIZE = 16;
/** AES-GCM nonce octets (the 96-bit construction of SP 800-38D §8.2). */
export const NONCE_SIZE = 12;

/** A key with which the runtime itself seals, at once. */
export interface SealingKey {
  /** ciphertext ‖ tag. */
  seal(nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** The same key for WebCrypto, which opens. */
  handle(): CryptoKeyHandle;
}

/** A key of AES-GCM; the octets that it was made of may be wiped. */
export type AesKey = CryptoKeyHandle | SealingKey;

let ownAes: ((key: Uint8Array) => SealingKey) | undefined;

/** Seals with the runtime's own AES-GCM instead of WebCrypto's from here on; the browser-safe door has none. */
export function useAes(own: (key: Uint8Array) => SealingKey): void {
  ownAes = own;
}

/** A handle for AES-128-GCM (16 octets) or AES-256-GCM (32 octets). The caller's copy of the key may be wiped afterwards. */
export async function importAesKey(key: Uint8Array): Promise<AesKey> {
  noteDroppedKey();
  if (ownAes !== undefined) return ownAes(key);
  return globalThis.crypto.subtle.importKey('raw', key, { name: 'AES-GCM' }, false, ['encrypt', 'decrypt']);
}

/** ciphertext ‖ tag. */
export async function aesGcmSeal(
  key: AesKey,
  nonce: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Promise<Uint8Array> {
  if ('seal' in key) return key.seal(nonce, aad, plaintext);
  const algorithm = { name: 'AES-GCM', iv: nonce, additionalData: aad, tagLength: TAG_SIZE * 8 };
  return new Uint8Array(await globalThis.crypto.subtle.encrypt(algorithm, key, plaintext));
}

/** The plaintext, or null when ciphertext, nonce, key or AAD is not the sealed one. */
export async function aesGcmOpen(
  key: AesKey,
  nonce: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
): Promise<Uint8Array | null> {
  if (sealed.length < TAG_SIZE) return null;
  const handle = 'handle' in key ? key.handle() : key;
  const algorithm = { name: 'AES-GCM', iv: nonce, additionalData: aad, tagLength: TAG_SIZE * 8 };
  try {
    return new Uint8Array(await globalThis.crypto.subtle.decrypt(algorithm, handle, sealed));
  } catch {
    return null;
  }
}
