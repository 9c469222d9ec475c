import type { PageGeometry, PageTerms } from '../../t30/page-terms.ts';

/** Where a page stands on the lines that are sent: `width × rows` of it from column `left` of lines of `lineWidth`. */
export interface Fit {
  readonly width: number;
  readonly rows: number;
  /** A multiple of 8. */
  readonly left: number;
  readonly lineWidth: number;
}

/**
 * Resolutions by what T.30 lets stand for each other (table 2, notes on bits 43 and 44): those per 25.4 mm and those per
 * inch differ by 2 %, and no station scales between them.
 */
const ACROSS: ReadonlyMap<number, number> = new Map([
  [200, 2],
  [204, 2],
  [300, 3],
  [400, 4],
  [408, 4],
]);
const DOWN: ReadonlyMap<number, number> = new Map([
  [98, 1],
  [100, 1],
  [196, 2],
  [200, 2],
  [300, 3],
  [391, 4],
  [400, 4],
]);

/** Widths of scaled pages are multiples of this: eight pels are a byte. */
const WIDTH_STEP = 8;

/**
 * How `page` goes by `terms`: at its size, or scaled down in both directions when it is wider or longer than the paper;
 * nothing is cut off. A narrower page stands in the middle.
 */
export function fitPage(page: PageGeometry, terms: PageTerms): Fit {
  const wanted = {
    width: page.width * ratio(ACROSS, page.xDpi, terms.xDpi),
    rows: page.rows * ratio(DOWN, page.yDpi, terms.yDpi),
  };
  const shrink = Math.min(1, terms.width / wanted.width, lengthShrink(wanted.rows, terms.maxRows));
  const width = shrink === 1 ? Math.round(wanted.width) : wholeSteps(wanted.width * shrink, terms.width);
  const rows = Math.max(1, Math.round(wanted.rows * shrink));
  const left = (terms.width - width) >> 1;
  return { width, rows, left: left - (left % WIDTH_STEP), lineWidth: terms.width };
}

function ratio(classes: ReadonlyMap<number, number>, from: number, to: number): number {
  const [source, target] = [classes.get(from), classes.get(to)];
  return source === undefined || target === undefined ? to / from : target / source;
}

function lengthShrink(rows: number, maxRows: number | null): number {
  return maxRows === null || rows <= maxRows ? 1 : maxRows / rows;
}

function wholeSteps(width: number, most: number): number {
  return Math.min(most, Math.max(WIDTH_STEP, WIDTH_STEP * Math.round(width / WIDTH_STEP)));
}
