/** Width of a scan line in elements at 204 dpi: 215, 255 and 303 mm (T.4 table 1). */
export type Width = 1728 | 2048 | 2432;

/** Length of the recording paper: 297 mm, 364 mm, any. */
export type Length = 'A4' | 'B4' | 'unlimited';

/** Widths in the order of bits 17 and 18: `00`, `10`, `01`; the widest of those a station has. `11` is invalid and read as `01`. */
export const WIDTHS: Readonly<Record<string, Width>> = { '00': 1728, '10': 2048, '01': 2432, '11': 2432 };

/** Lengths of bits 19 and 20; `11` is invalid and read as any length. */
export const LENGTHS: Readonly<Record<string, Length>> = {
  '00': 'A4',
  '10': 'B4',
  '01': 'unlimited',
  '11': 'unlimited',
};

/** Millimetres of paper. */
export const PAPER_LENGTH: Readonly<Record<Exclude<Length, 'unlimited'>, number>> = { A4: 297, B4: 364 };

/** The notation of two bits for a value of one of the tables above. */
export function notationOf<T>(table: Readonly<Record<string, T>>, value: T): string {
  return Object.keys(table).find((bits) => table[bits] === value) ?? '00';
}
