/**
 * Characters of identifications and numbers of ECM are sent least significant bit first (T.30 §5.3.6.2.4 and §A.4.3,
 * T.4 §A.4.3.2), while our octets are written in order of transmission: each is its mirror image.
 */
export function mirrored(octet: number): number {
  let out = 0;
  for (let bit = 0; bit < 8; bit++) out |= ((octet >> bit) & 1) << (7 - bit);
  return out;
}
