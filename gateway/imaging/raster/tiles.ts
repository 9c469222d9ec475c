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
}

/** A flat tinted tile whose neighbours decide whether its ground prints. */
const UNDECIDED = 0;

/** Looks at every tile once. Cost: one pass over the pixels that are not white. */
export function surveyTiles(grey: Grey): TileSurvey {
  const columns = Math.ceil(grey.width / TILE);
  const lines = Math.ceil(grey.rows / TILE);
  const survey = { columns, lines, limits: new Uint8Array(columns * lines), tone: new Uint8Array(columns * lines) };
  const grounds = new Uint8Array(columns * lines);
  const histogram = new Uint32Array(256);
  for (let at = 0; at < columns * lines; at++) {
    const column = at % columns;
    const line = (at - column) / columns;
    survey.limits[at] = PAPER_THRESHOLD;
    grounds[at] = 255;
    if (isWhiteTile(grey, column, line)) continue;
    survey.tone[at] = countTile(grey, column, line, histogram);
    grounds[at] = dominantLevel(histogram);
    survey.limits[at] = tileLimit(histogram, grounds[at] ?? 255);
  }
  decideFlatTiles(survey, grounds);
  return survey;
}

/**
 * Gives each flat tinted tile the polarity of a neighbour with the same ground, so that a coloured band prints evenly
 * whether or not a letter stands in every tile of it; a band without any text prints black only when it is dark.
 */
function decideFlatTiles(survey: TileSurvey, grounds: Uint8Array): void {
  const { columns, lines, limits } = survey;
  const queue: number[] = [];
  for (let at = 0; at < limits.length; at++) if (limits[at] !== UNDECIDED) queue.push(at);
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    const ground = grounds[at] ?? 255;
    const column = at % columns;
    for (const next of [at - columns, at + columns, column > 0 ? at - 1 : -1, column + 1 < columns ? at + 1 : -1]) {
      if (next < 0 || next >= columns * lines || limits[next] !== UNDECIDED) continue;
      if (Math.abs((grounds[next] ?? 255) - ground) > 12) continue;
      limits[next] = limits[at] ?? PAPER_THRESHOLD;
      queue.push(next);
    }
  }
  for (let at = 0; at < limits.length; at++) {
    if (limits[at] === UNDECIDED) limits[at] = flatLimit(grounds[at] ?? 255);
  }
}

function flatLimit(ground: number): number {
  return ground < 96 ? 128 : Math.min(PAPER_THRESHOLD, Math.round(ground * 0.62));
}

function isWhiteTile(grey: Grey, column: number, line: number): boolean {
  const right = Math.min(grey.width, (column + 1) * TILE);
  const bottom = Math.min(grey.rows, (line + 1) * TILE);
  for (let y = line * TILE; y < bottom; y++) {
    for (let i = y * grey.width + column * TILE; i < y * grey.width + right; i++) {
      if (grey.data[i] !== 255) return false;
    }
  }
  return true;
}

/**
 * Fills `histogram` and returns the share (0…255) of middle tones that differ little from their right and lower
 * neighbour: the flanks of letters are steep and do not count.
 */
function countTile(grey: Grey, column: number, line: number, histogram: Uint32Array): number {
  const { width, data } = grey;
  const left = column * TILE;
  const right = Math.min(width, left + TILE);
  const bottom = Math.min(grey.rows, (line + 1) * TILE);
  histogram.fill(0);
  let smooth = 0;
  let total = 0;
  for (let y = line * TILE; y < bottom; y++) {
    const below = y + 1 < grey.rows ? width : 0;
    for (let i = y * width + left, end = y * width + right; i < end; i++) {
      const value = data[i] ?? 255;
      histogram[value] = (histogram[value] ?? 0) + 1;
      total++;
      if (value < 40 || value > 216) continue;
      const beside = data[i + 1] ?? value;
      const under = data[i + below] ?? value;
      if (Math.abs(value - beside) < 24 && Math.abs(value - under) < 24) smooth++;
    }
  }
  return Math.round((255 * smooth) / total);
}

/**
 * The threshold of one tile. White paper with anything on it: the fixed one. A tinted ground: halfway between ground
 * and ink by Otsu's method, on the side of the ground, so that the ground turns white under dark
 * letters and black under light ones.
 */
function tileLimit(histogram: Uint32Array, ground: number): number {
  if (ground >= WHITE) return PAPER_THRESHOLD;
  const { level, lower, upper } = otsu(histogram);
  if (upper - lower < 40) return UNDECIDED;
  if (ground > level) return Math.round(lower + (ground - lower) * 0.62);
  return Math.max(level, Math.round(ground + (upper - ground) * 0.5));
}

/** The level around which most pixels lie (peak of the histogram smoothed over 16 levels). */
function dominantLevel(histogram: Uint32Array): number {
  let best = 0;
  let peak = 0;
  let sum = 0;
  for (let i = 0; i < 256 + 8; i++) {
    sum += (histogram[i] ?? 0) - (histogram[i - 16] ?? 0);
    if (sum > best) {
      best = sum;
      peak = i - 8;
    }
  }
  return Math.max(0, Math.min(255, peak));
}

/** Otsu's threshold (IEEE Trans. SMC 9, 1979) and the mean levels of the two classes it separates. */
function otsu(histogram: Uint32Array): { level: number; lower: number; upper: number } {
  let total = 0;
  let sum = 0;
  for (let i = 0; i < 256; i++) {
    total += histogram[i] ?? 0;
    sum += i * (histogram[i] ?? 0);
  }
  let best = { level: 128, lower: 0, upper: 255 };
  let bestSpread = -1;
  let count = 0;
  let part = 0;
  for (let i = 0; i < 255; i++) {
    count += histogram[i] ?? 0;
    part += i * (histogram[i] ?? 0);
    if (count === 0 || count === total) continue;
    const lower = part / count;
    const upper = (sum - part) / (total - count);
    const spread = count * (total - count) * (upper - lower) ** 2;
    if (spread > bestSpread) {
      bestSpread = spread;
      best = { level: i + 1, lower, upper };
    }
  }
  return best;
}
