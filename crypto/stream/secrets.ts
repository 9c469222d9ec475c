import { type AesKey, importAesKey, NONCE_SIZE } from '../aead.ts';
import { copyBytes } from '../bytes.ts';
import { hkdfExpand } from '../digest.ts';
import { wipe } from '../wipe.ts';

/** What one sealed stream is made with. A fresh salt per stream makes all three fresh. */
export interface StreamSecrets {
  /** AES-GCM key of this stream only. */
  readonly key: AesKey;
  /** 12 octets; record nonces are this XOR the record's place (records.ts). */
  readonly iv: Uint8Array;
  /** 32 octets that stand in the header and commit to the key. */
  readonly commit: Uint8Array;
}

/** Octets of the commitment in a header. */
export const COMMIT_SIZE = 32;
const KEY_SPACE = 32;

/**
 * okm = HKDF-Expand(prk, info, 76): key = okm[0..31], iv = okm[32..43], commit = okm[44..75] (SPEC.md §6).
 *
 * @param keySize 32, or 16 for the AES-128 suite, which takes the first half of the key's place
 */
export async function deriveStreamSecrets(
  prk: Uint8Array,
  info: Uint8Array,
  keySize: 16 | 32 = 32,
): Promise<StreamSecrets> {
  const okm = await hkdfExpand(prk, info, KEY_SPACE + NONCE_SIZE + COMMIT_SIZE);
  const key = await importAesKey(okm.subarray(0, keySize));
  const iv = copyBytes(okm, KEY_SPACE, KEY_SPACE + NONCE_SIZE);
  const commit = copyBytes(okm, KEY_SPACE + NONCE_SIZE);
  wipe(okm);
  return { key, iv, commit };
}
