import type { Bitmap } from './bitmap.ts';
import { type KernelPage, TILE } from './kernel-page.ts';
import type { TileSurvey } from './tiles.ts';
import { PAPER_THRESHOLD } from './tiles.ts';

/**
 * Black and white by a threshold that follows the local background, as text and line art need it. Strokes thinner
 * than a pixel are kept as one pixel. `tiles` is the survey of the same picture; `bias` is added to every threshold: positive prints darker.
 */
export function thresholdGrey(page: KernelPage, tiles: TileSurvey, bias = 0): Bitmap {
  return page.threshold(tiles.blank, thresholdsOf(tiles, bias));
}

/** Thresholds between those of the four nearest tiles. */
function thresholdsOf(tiles: TileSurvey, bias: number): (row: Uint8Array, y: number) => void {
  const { columns, lines } = tiles;
  const clamp = (v: number) => Math.max(8, Math.min(250, v));
  const limit = (column: number, line: number): number => {
    const c = Math.max(0, Math.min(columns - 1, column));
    const l = Math.max(0, Math.min(lines - 1, line));
    return tiles.limits[l * columns + c] ?? PAPER_THRESHOLD;
  };
  const clean = Array.from({ length: lines }, (_, line) => isClean(tiles, line));
  return (row, y) => {
    const v = (y + 4) / TILE - 0.5;
    const line = Math.floor(v);
    if (clean[Math.max(0, line)] === true && clean[Math.min(lines - 1, line + 1)] === true) {
      row.fill(clamp(PAPER_THRESHOLD + bias));
      return;
    }
    const fy = v - line;
    for (let group = 0; group < row.length; group++) {
      const u = (group * 8 + 4) / TILE - 0.5;
      const column = Math.floor(u);
      const fx = u - column;
      const upper = limit(column, line) * (1 - fx) + limit(column + 1, line) * fx;
      const lower = limit(column, line + 1) * (1 - fx) + limit(column + 1, line + 1) * fx;
      row[group] = clamp(upper * (1 - fy) + lower * fy + bias);
    }
  };
}

/** Whether all tiles of a line are white paper. */
function isClean({ limits, columns }: TileSurvey, line: number): boolean {
  const first = line * columns;
  for (let at = first; at < first + columns; at++) if (limits[at] !== PAPER_THRESHOLD) return false;
  return true;
}
