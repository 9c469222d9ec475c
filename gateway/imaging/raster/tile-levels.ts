import type { Grey } from './grey.ts';

/** Edge of the square that one local decision covers, in pixels: 4 mm across, about two lines of 8-point text. */
export const TILE = 32;

/** Grey at and above which a background counts as white paper. */
export const WHITE = 232;

/** Grey from which a flat pixel may belong to a tint and not to ink. */
export const DARKEST_TINT = 40;

/** Darkest ink from which text counts as pale. */
export const PALE = 120;

/** Levels by which flat pixels may differ from their neighbours: less than this. */
const NEAR = 24;

/** Pixels after which a tile that is hardly white is no longer taken for paper with ink on it. */
const MOST_INK = 2 * TILE;

/** Four white pixels. */
const ALL_WHITE = -1;

/**
 * The grey levels of one tile of a page: that of the last `lookAt`. Only every second row is counted,
 * because only shares are asked of the counts.
 */
export class TileLevels {
  readonly #grey: Grey;
  readonly #words: Int32Array | undefined;
  // A tile has 1024 pixels: sixteen bits hold any count.
  readonly #all = new Uint16Array(256);
  readonly #flat = new Uint16Array(256);
  /** Element n counts pixels of levels below n. */
  readonly #allBelow = new Uint16Array(257);
  readonly #flatBelow = new Uint16Array(257);
  /** The sum of their levels. */
  readonly #lightBelow = new Int32Array(257);
  #left = 0;
  #right = 0;
  #top = 0;
  #bottom = 0;
  /** Pixels counted. */
  total = 0;
  /** Those of level 255. */
  white = 0;
  /** Those below {@link PALE}. */
  dark = 0;
  /** Flat ones with the level of a tint: like their neighbours left, right and below. */
  tinted = 0;

  constructor(grey: Grey) {
    this.#grey = grey;
    const aligned = (grey.data.byteOffset & 3) === 0 && (grey.width & 3) === 0;
    this.#words = aligned
      ? new Int32Array(grey.data.buffer, grey.data.byteOffset, (grey.width * grey.rows) >> 2)
      : undefined;
  }

  /** Turns to the tile at `column`, `line`; false when it is all white. */
  lookAt(column: number, line: number): boolean {
    this.#left = column * TILE;
    this.#right = Math.min(this.#grey.width, this.#left + TILE);
    this.#top = line * TILE;
    this.#bottom = Math.min(this.#grey.rows, this.#top + TILE);
    for (let y = this.#top; y < this.#bottom; y++) if (!this.#isWhiteRow(y)) return true;
    return false;
  }

  #isWhiteRow(y: number): boolean {
    const { width, data } = this.#grey;
    const from = y * width + this.#left;
    const to = y * width + this.#right;
    const words = this.#words;
    if (words !== undefined) {
      let both = ALL_WHITE;
      for (let i = from >> 2; i < to >> 2; i++) both &= words[i] ?? 0;
      return both === ALL_WHITE;
    }
    for (let i = from; i < to; i++) if (data[i] !== 255) return false;
    return true;
  }

  /**
   * Counts white, dark and tinted pixels, which is all that most tiles of a letter need; false when it gives up, because
   * the tile does not look like paper: every level has to be counted then.
   */
  countInk(): boolean {
    const { width } = this.#grey;
    const across = this.#right - this.#left;
    this.total = across * ((this.#bottom - this.#top + 1) >> 1);
    this.white = 0;
    this.dark = 0;
    this.tinted = 0;
    for (let y = this.#top, seen = 0; y < this.#bottom; y += 2) {
      this.#countInkRow(y * width, y + 1 < this.#grey.rows ? width : 0);
      seen += across;
      if (this.white * 4 < seen && seen > MOST_INK) return false;
    }
    return true;
  }

  /** Counts one row whose next one lies `below` pixels on. White is passed over four pixels at a time. */
  #countInkRow(row: number, below: number): void {
    const words = this.#words;
    const from = row + this.#left;
    const to = row + this.#right;
    if (words === undefined) {
      this.#countInkPixels(from, to, below);
      return;
    }
    let white = 0;
    for (let i = from; i < to; i += 4) {
      if (words[i >> 2] === ALL_WHITE) white += 4;
      else this.#countInkPixels(i, i + 4, below);
    }
    this.white += white;
  }

  #countInkPixels(from: number, to: number, below: number): void {
    const { data } = this.#grey;
    const end = Math.min(to, data.length - 1);
    for (let i = from; i < end; i++) {
      const value = data[i] ?? 255;
      if (value === 255) this.white++;
      else if (value < PALE) this.dark++;
      if (value >= DARKEST_TINT && value < WHITE && isFlat(data, i, below, value)) this.tinted++;
    }
  }

  /** Counts every level, for the questions below: of every `step`th pixel of a row, as on a chess board where it is 2. */
  countAll(step: 1 | 2): void {
    const { width, rows } = this.#grey;
    this.#all.fill(0);
    this.#flat.fill(0);
    for (let y = this.#top; y < this.#bottom; y += 2) {
      const shift = (y >> 1) & (step - 1);
      this.#countRow(y * width, shift, step, y + 1 < rows ? width : 0);
    }
    this.#sumUp();
    this.total = this.count(0, 256);
    this.white = this.count(255, 256);
    this.dark = this.count(0, PALE);
    this.tinted = this.countFlat(DARKEST_TINT, WHITE);
  }

  /** Counts every `step`th pixel of one row whose next one lies `below` pixels on; `shift` pixels are passed over. */
  #countRow(row: number, shift: number, step: number, below: number): void {
    const { data } = this.#grey;
    const all = this.#all;
    const flat = this.#flat;
    // The first and last pixel of a page's row have neighbours in other rows and are left out.
    const end = row + Math.min(this.#right, this.#grey.width - 1);
    for (let i = row + Math.max(1, this.#left + shift); i < end; i += step) {
      const value = data[i] ?? 255;
      all[value] = (all[value] ?? 0) + 1;
      const near = isNear(value, data[i - 1] ?? 255) && isNear(value, data[i + 1] ?? 255);
      if (near && isNear(value, data[i + below] ?? 255)) flat[value] = (flat[value] ?? 0) + 1;
    }
  }

  #sumUp(): void {
    const allBelow = this.#allBelow;
    const flatBelow = this.#flatBelow;
    const lightBelow = this.#lightBelow;
    for (let i = 0, sum = 0, flatSum = 0, light = 0; i < 256; i++) {
      const count = this.#all[i] ?? 0;
      sum += count;
      light += i * count;
      flatSum += this.#flat[i] ?? 0;
      allBelow[i + 1] = sum;
      flatBelow[i + 1] = flatSum;
      lightBelow[i + 1] = light;
    }
  }

  /** Pixels with `from ≤ level < to`. */
  count(from: number, to: number): number {
    return between(this.#allBelow, from, to);
  }

  /** Flat pixels with `from ≤ level < to`. */
  countFlat(from: number, to: number): number {
    return between(this.#flatBelow, from, to);
  }

  /** Mean of the pixels with `from ≤ level < to`; `from` when there are none. */
  mean(from: number, to: number): number {
    const count = this.count(from, to);
    return count === 0 ? from : between(this.#lightBelow, from, to) / count;
  }

  /** The level around which most pixels lie: the middle of the fullest 16 levels. */
  peak(): number {
    return peakOf(this.#allBelow, 0, 256);
  }

  /** The same of flat pixels with `from ≤ level < to`. */
  flatPeak(from: number, to: number): number {
    return peakOf(this.#flatBelow, from, to);
  }

  /** The level that `count` pixels do not reach. */
  percentile(count: number): number {
    let level = 0;
    while (level < 255 && (this.#allBelow[level + 1] ?? 0) < count) level++;
    return level;
  }
}

/** Whether the pixel at `i` differs little from those left, right and `below`. Flanks of letters are not flat. */
function isFlat(data: Uint8Array, i: number, below: number, value: number): boolean {
  const before = data[i > 0 ? i - 1 : 0] ?? 255;
  return isNear(value, before) && isNear(value, data[i + 1] ?? 255) && isNear(value, data[i + below] ?? 255);
}

/** Whether two neighbouring levels belong to one area, in one unsigned comparison. */
function isNear(a: number, b: number): boolean {
  return (a - b + NEAR - 1) >>> 0 < 2 * NEAR - 1;
}

function between(below: Uint16Array | Int32Array, from: number, to: number): number {
  const first = Math.max(0, from);
  const end = Math.min(256, to);
  return first < end ? (below[end] ?? 0) - (below[first] ?? 0) : 0;
}

/** Levels over which a ground spreads: paper's grain. */
const SPREAD = 16;

function peakOf(below: Uint16Array, from: number, to: number): number {
  let best = -1;
  let first = from;
  let last = from;
  for (let i = from; i < to + SPREAD; i++) {
    const sum = (below[Math.min(to, i + 1)] ?? 0) - (below[Math.max(from, i + 1 - SPREAD)] ?? 0);
    if (sum > best) first = i;
    if (sum >= best) last = i;
    best = Math.max(best, sum);
  }
  return Math.max(0, Math.min(255, Math.round((first + last) / 2 - (SPREAD - 1) / 2)));
}
