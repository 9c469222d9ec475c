import { allocate, type Pdfium } from './pdfium.ts';

/** Letters without ascender or descender: their height is the x-height. */
const X_HEIGHT = new Set([...'acemnorsuvwxzαεικμνοπστυωавгежиклмнопстхчшэя'].map((c) => c.codePointAt(0) ?? 0));

/** Characters looked at on a page. */
const MOST_CHARACTERS = 4000;

/** Small letters from which a warning is worth it: a line of small print, not a superscript. */
const FEWEST = 12;

/** Below this many rows the bowls of letters close on a bilevel page. */
const LEGIBLE = 7;

/**
 * Whether type of `size` rows to the em has small letters of {@link LEGIBLE} rows and more: their height is 0.4 em and
 * more in all but a few faces for ornament.
 */
export function isLargeType(size: number): boolean {
  return size * 0.4 >= LEGIBLE;
}

/**
 * A warning when `page` has text whose small letters are lower than seven rows.
 * @param rowsPerPoint rows of the drawn page per point of the page's own space
 */
export function textWarnings(pdfium: Pdfium, page: number, rowsPerPoint: number): string[] {
  const text = pdfium._FPDFText_LoadPage(page);
  if (text === 0) return [];
  const box = allocate(pdfium, 32);
  try {
    let small = 0;
    const count = Math.min(pdfium._FPDFText_CountChars(text), MOST_CHARACTERS);
    for (let index = 0; index < count; index++) {
      if (!X_HEIGHT.has(pdfium._FPDFText_GetUnicode(text, index))) continue;
      if (pdfium._FPDFText_GetCharBox(text, index, box, box + 8, box + 16, box + 24) === 0) continue;
      const view = new DataView(pdfium.HEAPU8.buffer, box, 32);
      const height = (view.getFloat64(24, true) - view.getFloat64(16, true)) * rowsPerPoint;
      if (height > 0 && Math.round(height) < LEGIBLE) small++;
    }
    return small >= FEWEST ? [`text below ${LEGIBLE} px x-height`] : [];
  } finally {
    pdfium.wasmExports.free(box);
    pdfium._FPDFText_ClosePage(text);
  }
}
