import { type KernelPage, type Levels, TILE } from './kernel-page.ts';

export { TILE } from './kernel-page.ts';

/** Grey at and above which a background counts as white paper. */
export const WHITE = 232;

/** Grey from which a flat pixel may belong to a tint and not to ink. */
export const DARKEST_TINT = 40;

/** Darkest ink from which text counts as pale. */
export const PALE = 120;

/**
 * The grey levels of one tile of a page: that of the last `lookAt`. Only every second row is counted,
 * because only shares are asked of the counts.
 */
export class TileLevels {
  readonly #page: KernelPage;
  #levels: Levels | undefined;
  /** Pixels counted. */
  total = 0;
  /** Those of level 255. */
  white = 0;
  /** Those below {@link PALE}. */
  dark = 0;
  /** Flat ones with the level of a tint: like their neighbours left, right and below. */
  tinted = 0;

  constructor(page: KernelPage) {
    this.#page = page;
  }

  /** Turns to the tile at `column`, `line`: to every `step`th pixel of a row, as on a chess board where it is 2. */
  lookAt(column: number, line: number, step: 1 | 2): void {
    this.#levels = this.#page.countLevels(column * TILE, line * TILE, step);
    this.total = this.count(0, 256);
    this.white = this.count(255, 256);
    this.dark = this.count(0, PALE);
    this.tinted = this.countFlat(DARKEST_TINT, WHITE);
  }

  /** Pixels with `from ≤ level < to`. */
  count(from: number, to: number): number {
    return between(this.#levels?.all, from, to);
  }

  /** Flat pixels with `from ≤ level < to`. */
  countFlat(from: number, to: number): number {
    return between(this.#levels?.flat, from, to);
  }

  /** Mean of the pixels with `from ≤ level < to`; `from` when there are none. */
  mean(from: number, to: number): number {
    const count = this.count(from, to);
    return count === 0 ? from : between(this.#levels?.light, from, to) / count;
  }

  /** The level around which most pixels lie: the middle of the fullest 16 levels. */
  peak(): number {
    return peakOf(this.#levels?.all, 0, 256);
  }

  /** The same of flat pixels with `from ≤ level < to`. */
  flatPeak(from: number, to: number): number {
    return peakOf(this.#levels?.flat, from, to);
  }

  /** The level that `count` pixels do not reach. */
  percentile(count: number): number {
    const below = this.#levels?.all;
    let level = 0;
    while (level < 255 && (below?.[level + 1] ?? 0) < count) level++;
    return level;
  }
}

function between(below: Int32Array | undefined, from: number, to: number): number {
  const first = Math.max(0, from);
  const end = Math.min(256, to);
  return first < end ? (below?.[end] ?? 0) - (below?.[first] ?? 0) : 0;
}

/** Levels over which a ground spreads: paper's grain. */
const SPREAD = 16;

function peakOf(below: Int32Array | undefined, from: number, to: number): number {
  let best = -1;
  let first = from;
  let last = from;
  for (let i = from; i < to + SPREAD; i++) {
    const sum = (below?.[Math.min(to, i + 1)] ?? 0) - (below?.[Math.max(from, i + 1 - SPREAD)] ?? 0);
    if (sum > best) first = i;
    if (sum >= best) last = i;
    best = Math.max(best, sum);
  }
  return Math.max(0, Math.min(255, Math.round((first + last) / 2 - (SPREAD - 1) / 2)));
}
