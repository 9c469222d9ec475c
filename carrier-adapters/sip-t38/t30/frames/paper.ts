/** Width of a scan line in elements at 204 dpi: 215, 255 and 303 mm (T.4 table 1). */
export type Width = 1728 | 2048 | 2432;

/** Length of the recording paper: 297 mm, 364 mm, any. */
export type Length = 'A4' | 'B4' | 'unlimited';

/** Bits 17 and 18 (T.30 table 2): the widest line that a station has, or that of the pages. */
const WIDTH_BITS: readonly (readonly [bits: string, width: Width])[] = [
  ['00', 1728],
  ['10', 2048],
  ['01', 2432],
];

/** Bits 19 and 20. */
const LENGTH_BITS: readonly (readonly [bits: string, length: Length])[] = [
  ['00', 'A4'],
  ['10', 'B4'],
  ['01', 'unlimited'],
];

/** Millimetres of paper. */
export const PAPER_LENGTH: Readonly<Record<Exclude<Length, 'unlimited'>, number>> = { A4: 297, B4: 364 };

/** The width of bits 17 and 18; `11` is invalid and read as `01`. */
export function widthOfBits(bits: string): Width {
  return WIDTH_BITS.find(([notation]) => notation === bits)?.[1] ?? 2432;
}

/** The notation of bits 17 and 18. */
export function bitsOfWidth(width: Width): string {
  return WIDTH_BITS.find(([, value]) => value === width)?.[0] ?? '00';
}

/** The length of bits 19 and 20; `11` is invalid and read as `01`. */
export function lengthOfBits(bits: string): Length {
  return LENGTH_BITS.find(([notation]) => notation === bits)?.[1] ?? 'unlimited';
}

/** The notation of bits 19 and 20. */
export function bitsOfLength(length: Length): string {
  return LENGTH_BITS.find(([, value]) => value === length)?.[0] ?? '00';
}
