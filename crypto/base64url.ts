import { newBytes } from './bytes.ts';
import { SealError } from './errors.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const VALUES = new Map(Array.from(ALPHABET, (character, value) => [character.charCodeAt(0), value]));

/** RFC 4648 §5, without padding. */
export function base64url(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += ALPHABET.charAt(group >>> 18) + ALPHABET.charAt((group >>> 12) & 63);
    if (left > 1) text += ALPHABET.charAt((group >>> 6) & 63);
    if (left > 2) text += ALPHABET.charAt(group & 63);
  }
  return text;
}

/**
 * Strict decoding: no padding, no white space, no other alphabet, and the unused bits of the last character are zero,
 * so that every octet string has exactly one text. Throws `encoding`.
 *
 * @param length when given, the number of octets that must come out
 */
export function fromBase64url(text: string, length?: number): Uint8Array {
  const bytes = sextets(text.length, (at) => VALUES.get(text.charCodeAt(at)));
  if (length !== undefined && bytes.length !== length) throw new SealError('encoding', `expected ${length} bytes`);
  return bytes;
}

/** Packs `count` six-bit values into octets; shared with the PEM reader, which works on octets to keep keys out of strings. */
export function sextets(count: number, valueAt: (at: number) => number | undefined): Uint8Array {
  if (count % 4 === 1) throw new SealError('encoding', 'impossible length');
  const bytes = newBytes(Math.floor((count * 3) / 4));
  let pool = 0;
  let bits = 0;
  let out = 0;
  for (let at = 0; at < count; at++) {
    const value = valueAt(at);
    if (value === undefined) throw new SealError('encoding', 'foreign character');
    pool = ((pool << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[out++] = (pool >>> bits) & 0xff;
    }
  }
  if ((pool & ((1 << bits) - 1)) !== 0) throw new SealError('encoding', 'unused bits are not zero');
  return bytes;
}
