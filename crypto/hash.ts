import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { hmac, plain } from './node-hmac.ts';

/** FIPS 180-4 SHA-256, at once: 32 octets. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return plain(createHash('sha256').update(bytes).digest());
}

/** RFC 2104 HMAC-SHA-256, at once: 32 octets. */
export function hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return hmac('sha256', key, bytes);
}

/** FIPS 180-4 SHA-1, at once: 20 octets. It resists no collisions: only for what a carrier's signature is made over. */
export function sha1(bytes: Uint8Array): Uint8Array {
  return plain(createHash('sha1').update(bytes).digest());
}

/** RFC 2104 HMAC-SHA-1, at once: 20 octets. Only to check what carriers sign; HMAC does not rest on collision resistance. */
export function hmacSha1(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return plain(createHmac('sha1', key).update(bytes).digest());
}

/** An incremental SHA-256. */
export interface Sha256Stream {
  update(bytes: Uint8Array): void;
  /** 32 octets; the stream takes nothing afterwards. */
  digest(): Uint8Array;
}

/** SHA-256 of what arrives piecewise, such as the ciphertext that a receipt names. */
export function sha256Stream(): Sha256Stream {
  const hash = createHash('sha256');
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    digest: () => plain(hash.digest()),
  };
}

/** Equality in time that depends on the lengths only, which are public in every use. */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
