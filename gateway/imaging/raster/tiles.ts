import type { Grey } from './grey.ts';

/**
 * Grey level below which a pixel on white paper prints. 128 breaks strokes: a 0.1 mm stroke is 0.8 pixels wide, so
 * that it may cover two columns by 0.4 each (grey 153); 160 keeps every stroke of 0.75 pixels and more.
 */
export const PAPER_THRESHOLD = 160;

/** Edge of the square that one local decision covers, in pixels: 4 mm across, about two lines of 8-point text. */
export const TILE = 32;

/** Grey at and above which a background counts as white paper. */
const WHITE = 232;

/** What a page looks like, tile by tile. Arrays hold `columns × lines` values, row by row. */
export interface TileSurvey {
  readonly columns: number;
  readonly lines: number;
  /** Threshold below which a pixel of the tile prints. */
  readonly limits: Uint8Array;
  /** Share of pixels with a smooth middle tone, 0…255: high in photographs, low in text on any ground. */
  readonly tone: Uint8Array;
  /** The same, of tones clearly darker than the tile's own light ground: 0 on grey paper, whatever its grey. */
  readonly shade: Uint8Array;
}

/** Looks at every tile once. Cost: one pass over the pixels that are not white. */
export function surveyTiles(grey: Grey): TileSurvey {
  const columns = Math.ceil(grey.width / TILE);
  const lines = Math.ceil(grey.rows / TILE);
  const limits = new Uint8Array(columns * lines).fill(PAPER_THRESHOLD);
  const [tone, shade] = [new Uint8Array(columns * lines), new Uint8Array(columns * lines)];
  const survey = { columns, lines, limits, tone, shade };
  const count = { all: new Uint32Array(256), flat: new Uint32Array(256), tinted: 0, total: 0 };
  const tints = new Map<number, Tint>();
  for (let at = 0; at < columns * lines; at++) {
    const column = at % columns;
    const line = (at - column) / columns;
    if (isWhiteTile(grey, column, line)) continue;
    countTile(grey, column, line, count);
    if (isPaper(count)) {
      tone[at] = shade[at] = Math.round((255 * count.tinted) / count.total);
      limits[at] = paperLimit(count);
      continue;
    }
    const ground = groundLevel(count);
    tone[at] = toneShare(count, TONE_END);
    shade[at] = toneShare(count, ground < LIGHT_TINT ? TONE_END : Math.min(TONE_END, ground - SHADE));
    if (ground >= WHITE) limits[at] = paperLimit(count);
    else tints.set(at, tintOf(count, at, ground));
  }
  decideTints(survey, tints);
  return survey;
}

function isWhiteTile(grey: Grey, column: number, line: number): boolean {
  const left = column * TILE;
  const right = Math.min(grey.width, left + TILE);
  const bottom = Math.min(grey.rows, (line + 1) * TILE);
  for (let y = line * TILE; y < bottom; y++)
    if (!isWhite(grey, y * grey.width + left, y * grey.width + right)) return false;
  return true;
}

/** Whether the pixels `from ≤ i < to` are all white: eight at a time, because nearly all of a page is. */
function isWhite({ data }: Grey, from: number, to: number): boolean {
  let i = from;
  for (; i + 8 <= to; i += 8) {
    const first = (data[i] ?? 0) & (data[i + 1] ?? 0) & (data[i + 2] ?? 0) & (data[i + 3] ?? 0);
    const second = (data[i + 4] ?? 0) & (data[i + 5] ?? 0) & (data[i + 6] ?? 0) & (data[i + 7] ?? 0);
    if ((first & second) !== 255) return false;
  }
  for (; i < to; i++) if (data[i] !== 255) return false;
  return true;
}

/** Grey levels seen in one tile; `flat` counts only pixels that differ little from their neighbours. */
interface TileCount {
  readonly all: Uint32Array;
  readonly flat: Uint32Array;
  /** Flat pixels with a level of a tint. */
  tinted: number;
  total: number;
}

/** Most tiles of a letter: half of it white and no tint. They are told by two numbers, without a look at the levels. */
function isPaper({ all, tinted, total }: TileCount): boolean {
  return (all[255] ?? 0) * 2 >= total && tinted < total * TINT_SHARE;
}

/**
 * Counts the levels of a tile. Flat pixels are those like their neighbours left, right and below: grounds and photographs are made of
 * them, the flanks of letters are not. Every second row will do, because only shares are asked of the counts.
 */
function countTile(grey: Grey, column: number, line: number, count: TileCount): void {
  const { width, data } = grey;
  const { all, flat } = count;
  const left = column * TILE;
  const right = Math.min(width, left + TILE);
  const bottom = Math.min(grey.rows, (line + 1) * TILE);
  all.fill(0);
  flat.fill(0);
  count.total = 0;
  count.tinted = 0;
  for (let y = line * TILE; y < bottom; y += 2) {
    const below = y + 1 < grey.rows ? width : 0;
    count.total += right - left;
    if (
      isWhite(grey, y * width + left, y * width + right) &&
      isWhite(grey, y * width + below + left, y * width + below + right)
    ) {
      all[255] = (all[255] ?? 0) + right - left;
      flat[255] = (flat[255] ?? 0) + right - left;
      continue;
    }
    let before = data[y * width + left - 1] ?? 255;
    let value = data[y * width + left] ?? 255;
    for (let i = y * width + left, end = y * width + right; i < end; i++) {
      const after = data[i + 1] ?? value;
      const under = data[i + below] ?? value;
      all[value] = (all[value] ?? 0) + 1;
      if (isNear(value, before) && isNear(value, after) && isNear(value, under)) {
        flat[value] = (flat[value] ?? 0) + 1;
        if (value >= 40 && value < WHITE) count.tinted++;
      }
      before = value;
      value = after;
    }
  }
}

/** Whether two neighbouring levels belong to one area: less than 24 apart, in one unsigned comparison. */
function isNear(a: number, b: number): boolean {
  return (a - b + 23) >>> 0 < 47;
}

/** Pixels of `histogram` with `from ≤ level < to`. */
function sumLevels(histogram: Uint32Array, from: number, to: number): number {
  let sum = 0;
  for (let i = Math.max(0, from); i < Math.min(256, to); i++) sum += histogram[i] ?? 0;
  return sum;
}

/** Level from which a tone is taken for paper. */
const TONE_END = 217;

/** Levels below its ground from which a pixel is more than the paper's grain and slope. */
const SHADE = 32;

/** Share (0…255) of flat pixels with a middle tone below `end`. */
function toneShare({ flat, total }: TileCount, end: number): number {
  return Math.round((255 * sumLevels(flat, 40, end)) / total);
}

/** Share of a tile that a flat tint must cover to count as its ground; the strokes of pale letters cover less. */
const TINT_SHARE = 0.08;

/** How far ink must differ from its ground. */
const INK_CONTRAST = 40;

/** The ground of a tile: its tint where it has one, else the level of most pixels. */
function groundLevel({ all, flat, total }: TileCount): number {
  const tint = sumLevels(flat, 40, WHITE) >= total * TINT_SHARE ? peakLevel(flat, 40, WHITE) : 255;
  return tint < WHITE ? tint : peakLevel(all, 0, 256);
}

/** What a tinted tile says about its ground: how much ink is darker and lighter than it, and what that ink's level is. */
interface Tint {
  readonly at: number;
  readonly ground: number;
  readonly darker: number;
  readonly lighter: number;
  readonly darkInk: number;
  readonly lightInk: number;
}

/** Flat areas beside the tint (paper around a box, another tint) are no ink: only what is not flat counts. */
function tintOf({ all, flat }: TileCount, at: number, ground: number): Tint {
  const ink = (from: number, to: number) => sumLevels(all, from, to) - sumLevels(flat, from, to);
  const dark = ground - INK_CONTRAST;
  const light = ground + INK_CONTRAST;
  return {
    at,
    ground,
    darker: ink(0, dark),
    lighter: ink(light, 256),
    darkInk: sumLevels(all, 0, dark) > 0 ? meanLevel(all, 0, dark) : 0,
    lightInk: sumLevels(all, light, 256) > 0 ? meanLevel(all, light, 256) : 255,
  };
}

/** Tints at and above this level always turn white, those below the other always black; between them their ink decides. */
const LIGHT_TINT = 150;
const DARK_TINT = 110;

/** Levels by which neighbouring tiles of one tint may differ. */
const SAME_TINT = 12;

/**
 * Decides for each group of neighbouring tiles of one tint whether it turns white under dark letters or black under
 * light ones: as a whole, so that a coloured band prints evenly wherever letters stand in it.
 */
function decideTints(survey: TileSurvey, tints: ReadonlyMap<number, Tint>): void {
  const open = new Map(tints);
  for (const first of tints.values()) {
    if (!open.delete(first.at)) continue;
    const group = [first];
    for (const tint of group) {
      for (const next of neighbourTiles(tint.at, survey)) {
        const other = open.get(next);
        if (other === undefined || Math.abs(other.ground - tint.ground) > SAME_TINT) continue;
        open.delete(next);
        group.push(other);
      }
    }
    const white = turnsWhite(group);
    for (const tint of group) survey.limits[tint.at] = Math.round(tintLimit(tint, white));
  }
}

function neighbourTiles(at: number, { columns }: TileSurvey): number[] {
  const column = at % columns;
  return [at - columns, at + columns, ...(column > 0 ? [at - 1] : []), ...(column + 1 < columns ? [at + 1] : [])];
}

function turnsWhite(group: readonly Tint[]): boolean {
  const mean = group.reduce((sum, { ground }) => sum + ground, 0) / group.length;
  if (mean >= LIGHT_TINT) return true;
  if (mean < DARK_TINT) return false;
  const votes = group.reduce((sum, { darker, lighter }) => sum + darker - lighter, 0);
  return votes === 0 ? mean >= 128 : votes > 0;
}

function tintLimit({ ground, darkInk, lightInk }: Tint, white: boolean): number {
  return white ? darkInk + (ground - darkInk) * 0.62 : ground + (lightInk - ground) * 0.5;
}

/** Darkest ink from which text counts as pale, and the palest that is still taken for ink and not for a watermark. */
const PALE = 120;
const PALEST = 190;

function paperLimit({ all, total }: TileCount): number {
  let seen = 0;
  let darkest = 0;
  while (darkest < 255 && seen + (all[darkest] ?? 0) < total * 0.004) seen += all[darkest++] ?? 0;
  if (darkest < PALE || darkest > PALEST) return PAPER_THRESHOLD;
  return Math.max(PAPER_THRESHOLD, Math.round(darkest + (255 - darkest) * 0.5));
}

function meanLevel(histogram: Uint32Array, from: number, to: number): number {
  let sum = 0;
  let count = 0;
  for (let i = Math.max(0, from); i < Math.min(256, to); i++) {
    sum += i * (histogram[i] ?? 0);
    count += histogram[i] ?? 0;
  }
  return count === 0 ? from : sum / count;
}

/** The level around which most pixels between `from` and `to` lie: the middle of the fullest 16 levels. */
function peakLevel(histogram: Uint32Array, from: number, to: number): number {
  let best = -1;
  let first = from;
  let last = from;
  let sum = 0;
  for (let i = from; i < to + 16; i++) {
    sum += i < to ? (histogram[i] ?? 0) : 0;
    sum -= i - 16 >= from ? (histogram[i - 16] ?? 0) : 0;
    if (sum > best) first = i;
    if (sum >= best) last = i;
    best = Math.max(best, sum);
  }
  return Math.max(0, Math.min(255, Math.round((first + last) / 2 - 7.5)));
}
