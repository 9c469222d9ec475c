import { aesGcmOpen, aesGcmSeal, importAesKey, NONCE_SIZE, TAG_SIZE } from './aead.ts';
import { concat, expectLength, utf8 } from './bytes.ts';
import { SealError } from './errors.ts';
import { lab } from './label.ts';
import { randomBytes } from './random.ts';

// Wrapped key and small record, SPEC.md §10:   0 version 1 | 1 nonce (12 random) | 13 ciphertext ‖ tag
//   AAD = lab("wrap" or "small") ‖ 1 ‖ context
// Random nonces are safe for 2^32 uses of one key (SP 800-38D §8.3); a KEK lives for one epoch of ten minutes.

const VERSION = 1;
const OVERHEAD = 1 + NONCE_SIZE + TAG_SIZE;
/** Octets of every data, wrapping and session-sealing key. */
export const KEY_SIZE = 32;
/** Largest small record. Larger things are stored objects. */
const SMALL_LIMIT = 1_048_576;

/** A fresh random 256-bit key. The caller owns it and wipes it. */
export function newKey(): Uint8Array {
  return randomBytes(KEY_SIZE);
}

/** Wraps a 32-octet key under another: 61 octets. The context (a fax id, an epoch) must be given again to unwrap. */
export async function wrapKey(kek: Uint8Array, key: Uint8Array, context: string): Promise<Uint8Array> {
  expectLength('a wrapped key', key, KEY_SIZE);
  return seal('wrap', kek, context, key);
}

/** The key again, owned by the caller. Throws `wrap` for a wrong KEK, context, or changed bytes. */
export async function unwrapKey(kek: Uint8Array, wrapped: Uint8Array, context: string): Promise<Uint8Array> {
  if (wrapped.length !== OVERHEAD + KEY_SIZE) throw new SealError('wrap');
  return open('wrap', kek, context, wrapped);
}

/** Seals at most 1 MiB (key slots, session records): 29 octets longer than the plaintext. */
export async function sealSmall(key: Uint8Array, context: string, bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes.length > SMALL_LIMIT) throw new SealError('usage', 'a small record has at most 1 MiB');
  return seal('small', key, context, bytes);
}

/** The plaintext again. Throws `wrap` for a wrong key, context, or changed bytes. */
export async function openSmall(key: Uint8Array, context: string, sealed: Uint8Array): Promise<Uint8Array> {
  if (sealed.length < OVERHEAD || sealed.length > OVERHEAD + SMALL_LIMIT) throw new SealError('wrap');
  return open('small', key, context, sealed);
}

type Purpose = 'wrap' | 'small';

function aad(purpose: Purpose, context: string): Uint8Array {
  return concat(lab(purpose), Uint8Array.of(VERSION), utf8(context));
}

async function seal(purpose: Purpose, key: Uint8Array, context: string, bytes: Uint8Array): Promise<Uint8Array> {
  expectLength('a sealing key', key, KEY_SIZE);
  const nonce = randomBytes(NONCE_SIZE);
  const sealed = await aesGcmSeal(await importAesKey(key), nonce, aad(purpose, context), bytes);
  return concat(Uint8Array.of(VERSION), nonce, sealed);
}

async function open(purpose: Purpose, key: Uint8Array, context: string, sealed: Uint8Array): Promise<Uint8Array> {
  expectLength('a sealing key', key, KEY_SIZE);
  if (sealed[0] !== VERSION) throw new SealError('wrap');
  const nonce = sealed.subarray(1, 1 + NONCE_SIZE);
  const handle = await importAesKey(key);
  const bytes = await aesGcmOpen(handle, nonce, aad(purpose, context), sealed.subarray(1 + NONCE_SIZE));
  if (bytes === null) throw new SealError('wrap');
  return bytes;
}
