/**
 * Numbers of ECM are sent least significant bit first (T.4 §A.4.3.2, T.30 §A.4.3), while our octets are written in order
 * of transmission: a number is its mirror image.
 */
export function mirrored(octet: number): number {
  let out = 0;
  for (let bit = 0; bit < 8; bit++) out |= ((octet >> bit) & 1) << (7 - bit);
  return out;
}
