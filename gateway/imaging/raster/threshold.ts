import type { Bitmap } from './bitmap.ts';
import { blankBitmap } from './bitmap.ts';
import type { Grey } from './grey.ts';
import { TILE } from './tile-levels.ts';
import type { TileSurvey } from './tiles.ts';
import { PAPER_THRESHOLD } from './tiles.ts';

/** Faintest grey that the search for hairlines takes for a stroke: 12 % of a pixel covered. */
const HAIRLINE_LIMIT = 224;

/** How much darker than both sides a hairline must be: above the noise of scanners and JPEG. */
const HAIRLINE_CONTRAST = 28;

/** The highest bit of each of four pixels in a word. */
const HIGH = 0x8080_8080 | 0;
/** The other bits. */
const LOW = 0x7f7f_7f7f;
/** The three highest bits: all of them are set where all four pixels are at or above {@link HAIRLINE_LIMIT}. */
const LIGHT = 0xe0e0_e0e0 | 0;
/** One in each byte. */
const ONES = 0x0101_0101;
/** Collects the lowest bits of four bytes, first byte first, in bits 27 to 24 of a product. */
const COLLECT = (1 << 27) | (1 << 18) | (1 << 9) | 1;

/** Whether the first pixel of a word is its lowest byte, as on all but a few old machines. */
const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/**
 * Black and white by a threshold that follows the local background, as text and line art need it. Strokes thinner
 * than a pixel are kept as one pixel. `tiles` is the survey of the same picture; `bias` is added to every threshold: positive prints darker.
 */
export function thresholdGrey(grey: Grey, tiles: TileSurvey, bias = 0): Bitmap {
  const bitmap = blankBitmap(grey.width, grey.rows);
  const limits = thresholdMap(tiles, bias);
  const rowLimits = new Uint8Array(bitmap.stride);
  const words = wordsOf(grey);
  for (let y = 0; y < grey.rows; y++) {
    if ((y & 7) === 0) limits.fill(rowLimits, y);
    thresholdRow(grey, words, y, rowLimits, tiles, bitmap);
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

/** Groups of eight pixels that a tile is wide. */
const TILE_GROUPS = TILE / 8;

function thresholdRow(
  grey: Grey,
  words: Int32Array | undefined,
  y: number,
  limits: Uint8Array,
  { blank, columns }: TileSurvey,
  bitmap: Bitmap,
): void {
  const { stride, data } = bitmap;
  const tile = Math.floor(y / TILE) * columns;
  const row = (y * grey.width) >> 2;
  for (let column = 0; column < columns; column++) {
    if (blank[tile + column] === 1) continue;
    const end = Math.min(stride, (column + 1) * TILE_GROUPS);
    for (let group = column * TILE_GROUPS; group < end; group++) {
      const limit = limits[group] ?? PAPER_THRESHOLD;
      if (words === undefined || limit > HAIRLINE_LIMIT) {
        data[y * stride + group] = thresholdPixels(grey, group, y, limit);
        continue;
      }
      const first = words[row + 2 * group] ?? 0;
      const second = words[row + 2 * group + 1] ?? 0;
      if ((first & second & LIGHT) === LIGHT) continue;
      const white = (atLeast(first, limit) << 4) | atLeast(second, limit);
      const open = white & ~((light(first) << 4) | light(second));
      data[y * stride + group] = (white ^ 0xff) | (open === 0 ? 0 : hairlines(grey, words, group, y, open));
    }
  }
}

/** The page as 32-bit words when its place in memory allows it: four pixels are compared at a time. */
function wordsOf({ width, rows, data }: Grey): Int32Array | undefined {
  if (!LITTLE_ENDIAN || (data.byteOffset & 3) !== 0 || (width & 7) !== 0) return undefined;
  return new Int32Array(data.buffer, data.byteOffset, (width * rows) >> 2);
}

/** Which of the four pixels in `word` are at or above `limit`: four bits, the first pixel's highest. */
function atLeast(word: number, limit: number): number {
  // Each byte's lower seven bits are compared by an addition that cannot carry into the next byte; the highest decides
  // before them.
  const lower = ((word & LOW) + Math.imul(0x80 - (limit & 0x7f), ONES)) | 0;
  return collect(limit >= 0x80 ? word & lower : word | lower);
}

/** Which of the four pixels in `word` are at or above {@link HAIRLINE_LIMIT}. */
function light(word: number): number {
  return collect(word & (word << 1) & (word << 2));
}

/**
 * Which of the four pixels in `words[word]` may be hairlines: below {@link HAIRLINE_LIMIT}, with paper within two pixels on
 * both sides. Neither the grain of scanned paper nor the flank of a letter is, so that hardly any are left to be looked
 * at one by one.
 */
function thinPixels(words: Int32Array, word: number, perRow: number): number {
  const left = words[word - 1] ?? 0;
  const here = words[word] ?? 0;
  const right = words[word + 1] ?? 0;
  const tooLight = here & (here << 1) & (here << 2) & HIGH;
  // Light pixels are taken out before the contrast is added, lest one carries into the next byte.
  const paper = ((here & ~Math.imul(tooLight >>> 7, 0xff)) + HAIRLINE_CONTRAST * ONES) | 0;
  const before = reaches((here << 8) | (left >>> 24), paper) | reaches((here << 16) | (left >>> 16), paper);
  const after = reaches((here >>> 8) | (right << 24), paper) | reaches((here >>> 16) | (right << 16), paper);
  const above = reaches(words[word - perRow] ?? 0, paper) | reaches(words[word - 2 * perRow] ?? 0, paper);
  const below = reaches(words[word + perRow] ?? 0, paper) | reaches(words[word + 2 * perRow] ?? 0, paper);
  return collect(((before & after) | (above & below)) & ~tooLight);
}

/** Sets the highest bit of each byte in which `word` is at or above `floor`; the other bits mean nothing. */
function reaches(word: number, floor: number): number {
  const lower = (word | HIGH) - (floor & LOW);
  return (word & ~floor) | (~(word ^ floor) & lower);
}

function collect(word: number): number {
  return (Math.imul((word & HIGH) >>> 7, COLLECT) >>> 24) & 15;
}

/** Those of the eight pixels of `group` that are `open`, neither black nor light, and hairlines. */
function hairlines({ width, rows, data }: Grey, words: Int32Array, group: number, y: number, open: number): number {
  if (y < 2 || y >= rows - 2) return 0;
  const at = y * width + group * 8;
  let thin = open & ((thinPixels(words, at >> 2, width >> 2) << 4) | thinPixels(words, (at >> 2) + 1, width >> 2));
  // The first and last two columns have too few neighbours.
  if (group === 0) thin &= 0x3f;
  if (group * 8 + 8 === width) thin &= 0xfc;
  let found = 0;
  for (let rest = thin; rest !== 0; ) {
    const n = Math.clz32(rest) - 24;
    rest &= ~(0x80 >> n);
    if (isHairline(data, at + n, width)) found |= 0x80 >> n;
  }
  return found;
}

/** The eight pixels of `group`, most significant bit first, one by one; those behind the width are white. */
function thresholdPixels({ width, rows, data }: Grey, group: number, y: number, limit: number): number {
  const left = group * 8;
  const right = Math.min(width, left + 8);
  const inside = y >= 2 && y < rows - 2;
  let byte = 0;
  for (let x = left, at = y * width + left; x < right; x++, at++) {
    const value = data[at] ?? 255;
    const open = value < HAIRLINE_LIMIT && inside && x >= 2 && x < width - 2;
    if (value < limit || (open && isHairline(data, at, width))) byte |= 0x80 >> (x & 7);
  }
  return byte;
}

/**
 * Whether a light grey pixel is the darkest of a thin stroke: a valley across (a vertical stroke) or down (a
 * horizontal one), with lighter paper within two pixels on both sides. Of two equal pixels the later one is taken, so that a
 * stroke of 0.4 pixels split over two rows prints as one row and not as none or two.
 */
function isHairline(data: Uint8Array, at: number, width: number): boolean {
  const value = data[at] ?? 255;
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
