import { newBytes } from './bytes.ts';
import { SealError } from './errors.ts';

/** A source of octets. Product code passes none; tests pass fixed ones to reproduce vectors. */
export type RandomSource = (length: number) => Uint8Array;

/** WebCrypto refuses more than this in one call. */
const LARGEST_DRAW = 65_536;

/** Octets of the operating system's generator through WebCrypto. */
export function randomBytes(length: number): Uint8Array {
  const bytes = newBytes(length);
  for (let at = 0; at < length; at += LARGEST_DRAW) {
    globalThis.crypto.getRandomValues(bytes.subarray(at, at + LARGEST_DRAW));
  }
  return bytes;
}

/** Crockford's base32 in lower case: no i, l, o, u, so that an id survives being read out over a telephone. */
const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';

/** Lower-case Crockford base32, most significant bits first, the last character filled with zero bits. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  let pool = 0;
  let bits = 0;
  for (const byte of bytes) {
    pool = ((pool << 8) | byte) & 0xfff;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += CROCKFORD.charAt((pool >>> (bits - 5)) & 31);
  }
  return bits === 0 ? text : text + CROCKFORD.charAt((pool << (5 - bits)) & 31);
}

/**
 * `prefix_` and 26 characters: 48 bits of time in milliseconds, then 80 random bits, so that ids sort by the time they
 * were made (like UUIDv7, RFC 9562 §5.7). Ids are names, not secrets.
 *
 * @param prefix 1 to 8 lower-case letters
 * @param now milliseconds since 1970; the machine's clock when left out
 */
export function randomId(prefix: string, now: number = Date.now()): string {
  if (!/^[a-z]{1,8}$/.test(prefix)) throw new SealError('usage', 'an id prefix is 1 to 8 lower-case letters');
  const bytes = randomBytes(16);
  // 128 bits do not fill 26 × 5 = 130: the two spare bits lead, so that the first character is 0 to 7 as in a ULID.
  new DataView(bytes.buffer).setUint16(0, Math.floor(now / 0x1_0000_0000) & 0xffff);
  new DataView(bytes.buffer).setUint32(2, now % 0x1_0000_0000);
  return `${prefix}_${base32Number(bytes)}`;
}

/** 16 octets as one number in 26 base32 digits. */
function base32Number(bytes: Uint8Array): string {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  let text = '';
  for (let digit = 0; digit < 26; digit++, value >>= 5n) text = CROCKFORD.charAt(Number(value & 31n)) + text;
  return text;
}
