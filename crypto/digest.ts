import { newBytes } from './bytes.ts';
import type { CryptoKeyHandle } from './subtle.ts';
import { noteDroppedKey, wipe } from './wipe.ts';

type Sha = 'SHA-256' | 'SHA-512';

/** FIPS 180-4 SHA-256 over WebCrypto: 32 octets. */
export async function digestSha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', bytes));
}

/** FIPS 180-4 SHA-512 over WebCrypto: 64 octets. */
export async function digestSha512(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await globalThis.crypto.subtle.digest('SHA-512', bytes));
}

/** RFC 2104 HMAC over WebCrypto. The key must not be empty (WebCrypto refuses such keys). */
export async function mac(hash: Sha, key: Uint8Array, message: Uint8Array): Promise<Uint8Array> {
  if (hash === 'SHA-512' && ownMac512 !== undefined) return ownMac512(key, message);
  return macWith(await importMacKey(hash, key), message);
}

/** HMAC-SHA-512 of a message, owned by the caller. */
type Mac512 = (key: Uint8Array, message: Uint8Array) => Uint8Array;

let ownMac512: Mac512 | undefined;

/** Takes the runtime's own HMAC-SHA-512 instead of WebCrypto's from here on; the browser-safe door has none. */
export function useMac512(own: Mac512): void {
  ownMac512 = own;
}

/** HMAC-SHA-512 of many messages under one key. */
async function keyedMac512(key: Uint8Array): Promise<(message: Uint8Array) => Uint8Array | Promise<Uint8Array>> {
  const own = ownMac512;
  if (own !== undefined) return (message) => own(key, message);
  const handle = await importMacKey('SHA-512', key);
  return (message) => macWith(handle, message);
}

async function importMacKey(hash: Sha, key: Uint8Array): Promise<CryptoKeyHandle> {
  noteDroppedKey();
  return globalThis.crypto.subtle.importKey('raw', key, { name: 'HMAC', hash }, false, ['sign']);
}

async function macWith(key: CryptoKeyHandle, message: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await globalThis.crypto.subtle.sign('HMAC', key, message));
}

/** Octets of SHA-512 = length of an HKDF-SHA-512 pseudorandom key. */
export const SHA512_SIZE = 64;

/** RFC 5869 §2.2 with SHA-512. An empty salt means 64 zero octets, as there. */
export async function hkdfExtract(salt: Uint8Array, ikm: Uint8Array): Promise<Uint8Array> {
  return mac('SHA-512', salt.length === 0 ? new Uint8Array(SHA512_SIZE) : salt, ikm);
}

/**
 * RFC 5869 §2.3 with SHA-512. WebCrypto's own HKDF cannot start from a pseudorandom key, which the session keys are,
 * so the expansion is written out over HMAC.
 *
 * @param length at most 255 × 64 octets
 */
export async function hkdfExpand(prk: Uint8Array, info: Uint8Array, length: number): Promise<Uint8Array> {
  if (length > 255 * SHA512_SIZE) throw new RangeError('HKDF-Expand gives at most 16320 bytes');
  const mac512 = await keyedMac512(prk);
  const okm = newBytes(length);
  let block: Uint8Array = newBytes(0);
  for (let filled = 0, counter = 1; filled < length; filled += SHA512_SIZE, counter++) {
    const input = newBytes(block.length + info.length + 1);
    input.set(block);
    input.set(info, block.length);
    input[input.length - 1] = counter;
    wipe(block);
    block = await mac512(input);
    wipe(input);
    okm.set(block.subarray(0, length - filled), filled);
  }
  wipe(block);
  return okm;
}
