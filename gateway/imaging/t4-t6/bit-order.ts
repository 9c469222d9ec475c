/**
 * Bit order of coded bytes. T.4 sends the first bit of a code word first; in bytes that is either the most
 * significant bit (our stored form, TIFF FillOrder 1) or the least significant (modems, TIFF FillOrder 2).
 */
export type BitOrder = 'msb-first' | 'lsb-first';

/** Each byte with its bits in reverse order. */
export const REVERSED: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  let out = 0;
  for (let bit = 0; bit < 8; bit++) out |= ((byte >> bit) & 1) << (7 - bit);
  return out;
});

/** Reverses the bits of every byte in place and returns the same array. */
export function reverseBits(bytes: Uint8Array): Uint8Array {
  for (let i = 0; i < bytes.length; i++) bytes[i] = REVERSED[bytes[i] ?? 0] ?? 0;
  return bytes;
}
