import { createCipheriv, createSecretKey } from 'node:crypto';
import { type SealingKey, TAG_SIZE, useAes } from './aead.ts';
import { newBytes } from './bytes.ts';

const USES = ['encrypt', 'decrypt'] as const;

/**
 * Seals with OpenSSL at once: a record has at most 64 KiB, which take some thirty microseconds, and WebCrypto's way
 * through a thread costs twice that by itself. Opening stays WebCrypto's: Node's decipher copies its plaintext once more
 * and frees the first copy as it is. The key lies in a handle, which cleanses it when the collector frees it, as
 * WebCrypto's does; a cipher forgets it with its last octet.
 *
 * @param key 16 or 32 octets
 */
export function nodeAes(key: Uint8Array): SealingKey {
  const secret = createSecretKey(key);
  const cipherName = key.length === 16 ? 'aes-128-gcm' : 'aes-256-gcm';
  return {
    seal(nonce, aad, plaintext) {
      const cipher = createCipheriv(cipherName, secret, nonce).setAAD(aad);
      const sealed = newBytes(plaintext.length + TAG_SIZE);
      sealed.set(cipher.update(plaintext));
      cipher.final();
      sealed.set(cipher.getAuthTag(), plaintext.length);
      return sealed;
    },
    handle: () => secret.toCryptoKey('AES-GCM', false, [...USES]),
  };
}

useAes(nodeAes);
