import type { Bitmap } from './bitmap.ts';
import { blankBitmap } from './bitmap.ts';
import type { Grey } from './grey.ts';
import type { TileSurvey } from './tiles.ts';
import { PAPER_THRESHOLD, TILE } from './tiles.ts';

/** Faintest grey that the search for hairlines takes for a stroke: 12 % of a pixel covered. */
const HAIRLINE_LIMIT = 224;

/** How much darker than both sides a hairline must be: above the noise of scanners and JPEG. */
const HAIRLINE_CONTRAST = 28;

const ALL_WHITE = 0xffff_ffff;

/**
 * Black and white by a threshold that follows the local background, as text and line art need it. Strokes thinner
 * than a pixel are kept as one pixel. `tiles` is the survey of the same picture; `bias` is added to every threshold: positive prints darker.
 */
export function thresholdGrey(grey: Grey, tiles: TileSurvey, bias = 0): Bitmap {
  const bitmap = blankBitmap(grey.width, grey.rows);
  const limits = thresholdMap(tiles, bias);
  const groups = bitmap.stride;
  const rowLimits = new Uint8Array(groups);
  for (let y = 0; y < grey.rows; y++) {
    if ((y & 7) === 0) limits.fill(rowLimits, y);
    thresholdRow(grey, y, rowLimits, bitmap);
  }
  return bitmap;
}

/** Thresholds of every 8×8 cell of a page, asked for row of cells by row of cells. */
interface ThresholdMap {
  /** Writes the threshold of each group of 8 pixels in row `y`. */
  fill(row: Uint8Array, y: number): void;
}

function thresholdMap(tiles: TileSurvey, bias: number): ThresholdMap {
  const clean = tiles.limits.every((limit) => limit === PAPER_THRESHOLD);
  const limit = (column: number, line: number): number => {
    const c = Math.max(0, Math.min(tiles.columns - 1, column));
    const l = Math.max(0, Math.min(tiles.lines - 1, line));
    return tiles.limits[l * tiles.columns + c] ?? PAPER_THRESHOLD;
  };
  const clamp = (v: number) => Math.max(8, Math.min(250, v));
  return {
    fill(row, y) {
      if (clean) {
        row.fill(clamp(PAPER_THRESHOLD + bias));
        return;
      }
      const v = (y + 4) / TILE - 0.5;
      const line = Math.floor(v);
      const fy = v - line;
      for (let group = 0; group < row.length; group++) {
        const u = (group * 8 + 4) / TILE - 0.5;
        const column = Math.floor(u);
        const fx = u - column;
        const upper = limit(column, line) * (1 - fx) + limit(column + 1, line) * fx;
        const lower = limit(column, line + 1) * (1 - fx) + limit(column + 1, line + 1) * fx;
        row[group] = clamp(upper * (1 - fy) + lower * fy + bias);
      }
    },
  };
}

function thresholdRow(grey: Grey, y: number, limits: Uint8Array, bitmap: Bitmap): void {
  const { width, data } = grey;
  const start = y * width;
  const words = wordsOf(grey, start);
  for (let group = 0; group < bitmap.stride; group++) {
    if (words !== undefined && words[group * 2] === ALL_WHITE && words[group * 2 + 1] === ALL_WHITE) continue;
    const limit = limits[group] ?? PAPER_THRESHOLD;
    const left = group * 8;
    const right = Math.min(width, left + 8);
    let byte = 0;
    for (let x = left; x < right; x++) {
      const value = data[start + x] ?? 255;
      if (value < limit || (value < HAIRLINE_LIMIT && isHairline(grey, x, y, value))) byte |= 0x80 >> (x & 7);
    }
    bitmap.data[y * bitmap.stride + group] = byte;
  }
}

/** The row as 32-bit words when its place in memory allows it: nearly all of a page is white, four pixels at a time. */
function wordsOf(grey: Grey, start: number): Uint32Array | undefined {
  const offset = grey.data.byteOffset + start;
  if ((offset & 3) !== 0 || (grey.width & 7) !== 0) return undefined;
  return new Uint32Array(grey.data.buffer, offset, grey.width >> 2);
}

/**
 * Whether a light grey pixel is the darkest of a thin stroke: a valley across (a vertical stroke) or down (a
 * horizontal one), with lighter paper within two pixels on both sides. Of two equal pixels the later one is taken, so that a
 * stroke of 0.4 pixels split over two rows prints as one row and not as none or two.
 */
function isHairline(grey: Grey, x: number, y: number, value: number): boolean {
  const { width, rows, data } = grey;
  const at = y * width + x;
  if (x < 2 || y < 2 || x >= width - 2 || y >= rows - 2) return false;
  return isValley(data, at, 1, width, value) || isValley(data, at, width, 1, value);
}

/**
 * Whether the pixel at `at` is darker than those one and two `step`s to both sides, and the stroke goes on in both
 * directions `along`: the light grey tip of a letter's stem or bowl is no hairline and would print as a spur.
 */
function isValley(data: Uint8Array, at: number, step: number, along: number, value: number): boolean {
  const before = data[at - step] ?? 255;
  const after = data[at + step] ?? 255;
  if (before < value || after <= value) return false;
  const floor = value + HAIRLINE_CONTRAST;
  const lightBefore = Math.max(before, data[at - 2 * step] ?? 255);
  const lightAfter = Math.max(after, data[at + 2 * step] ?? 255);
  if (lightBefore < floor || lightAfter < floor) return false;
  return goesOn(data, at - along, step, floor) && goesOn(data, at + along, step, floor);
}

/** Whether one of three neighbouring pixels belongs to the stroke; a slanted one moves aside. */
function goesOn(data: Uint8Array, at: number, step: number, floor: number): boolean {
  return (data[at] ?? 255) < floor || (data[at - step] ?? 255) < floor || (data[at + step] ?? 255) < floor;
}
