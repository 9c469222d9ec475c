import type { Bitmap } from '../raster/bitmap.ts';
import { decodeT6 } from '../t4-t6/index.ts';
import { CELL_WIDTH, CODE_RANGES, STRIKES } from './font-data.ts';

/** A bitmap font of fixed pitch: all glyphs below each other in one picture. */
export interface HeaderFont {
  readonly cellWidth: number;
  readonly cellRows: number;
  /** Times that each row is printed, where the font has no drawing for the resolution. */
  readonly rowRepeat: number;
  readonly glyphs: Bitmap;
  /** Index of the glyph of `code`; that of U+FFFD when the font has none. */
  indexOf(code: number): number;
}

const REPLACEMENT = 0xfffd;

const loaded = new Map<number, HeaderFont>();

/** The header line's font for a vertical resolution. Covers Latin with Vietnamese, Greek and Cyrillic. */
export function headerFont(yDpi: number): HeaderFont {
  const known = loaded.get(yDpi);
  if (known !== undefined) return known;
  const standard = yDpi < 150;
  const strike = STRIKES[standard ? 98 : 196];
  const count = CODE_RANGES.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  const rows = strike.rows * count;
  const { bitmap } = decodeT6(
    Uint8Array.from(atob(strike.t6), (c) => c.charCodeAt(0)),
    {
      width: CELL_WIDTH,
      rows,
      maxRows: rows,
    },
  );
  const font = {
    cellWidth: CELL_WIDTH,
    cellRows: strike.rows,
    rowRepeat: standard ? 1 : Math.max(1, Math.round(yDpi / 196)),
    glyphs: bitmap,
    indexOf: (code: number) => glyphIndex(code) ?? glyphIndex(REPLACEMENT) ?? 0,
  };
  loaded.set(yDpi, font);
  return font;
}

function glyphIndex(code: number): number | undefined {
  let index = 0;
  for (const [first, last] of CODE_RANGES) {
    if (code >= first && code <= last) return index + code - first;
    index += last - first + 1;
  }
  return undefined;
}
