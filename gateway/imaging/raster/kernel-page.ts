import type { Bitmap } from './bitmap.ts';
import type { Grey } from './grey.ts';
import { behind, kernels, roomFor } from './kernels.ts';

/** Edge of the square that one local decision covers, in pixels: 4 mm across, about two lines of 8-point text. */
export const TILE = 32;

/** Numbers of each list that `countLevels` writes. */
const LEVELS = 257;

/** Octets before and behind a page that may be read, and behind its bits that may be written. */
const MARGIN = 32;

/** White pixels before and behind a page: neighbours of its first and its last. */
const PAPER = 16;

/** The tiles of a page as far as a look at white, dark and tinted pixels tells them: line by line. */
export interface Tiles {
  /** 1: all pixels of the tile are white. */
  readonly blank: Uint8Array;
  /** Share of flat tints (0…255) in the tiles that are plainly paper with ink on it: most of a letter's. */
  readonly tone: Uint8Array;
  /** The tiles of which the levels have to be counted: twice their number, plus 1 where they do not look like paper. */
  readonly open: Int32Array;
}

/** Levels of one tile. Element n tells of the levels below n. */
export interface Levels {
  /** Pixels. */
  readonly all: Int32Array;
  /** Flat pixels. */
  readonly flat: Int32Array;
  /** Sums of the pixels' levels. */
  readonly light: Int32Array;
}

/** Where things lie in the memory of the kernels. */
interface Layout {
  readonly levels: number;
  readonly blank: number;
  readonly tone: number;
  readonly open: number;
  readonly limits: number;
  readonly row: number;
  readonly page: number;
  readonly bits: number;
  readonly end: number;
}

/**
 * A grey page in the memory of the kernels, of which a process has one: a page is done with, and released, before the next one is
 * taken in.
 */
export class KernelPage {
  readonly width: number;
  readonly rows: number;
  readonly columns: number;
  readonly lines: number;
  readonly #kernels = kernels();
  readonly #at: Layout;
  readonly #memory: ArrayBuffer;
  readonly #levels: Levels;

  constructor({ width, rows, data }: Grey) {
    this.width = width;
    this.rows = rows;
    this.columns = Math.ceil(width / TILE);
    this.lines = Math.ceil(rows / TILE);
    this.#at = layoutOf(width, rows, this.columns * this.lines);
    this.#memory = roomFor(this.#kernels, this.#at.end);
    const [light, all, flat] = [0, 1, 2].map((n) => this.#at.levels + n * LEVELS * Int32Array.BYTES_PER_ELEMENT);
    this.#levels = { light: this.#list(light), all: this.#list(all), flat: this.#list(flat) };
    this.#octets(this.#at.page - PAPER, width * rows + 2 * PAPER)
      .fill(255, 0, PAPER)
      .fill(255, PAPER + width * rows);
    this.#octets(this.#at.page, width * rows).set(data);
  }

  #list(at = 0): Int32Array {
    return new Int32Array(this.#memory, at, LEVELS);
  }

  #octets(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory, at, length);
  }

  /** Looks at all tiles. `giveUp`: pixels after which one that is hardly white is no longer taken for paper. */
  survey(giveUp: number): Tiles {
    const { blank, tone, open, page } = this.#at;
    const tiles = this.columns * this.lines;
    this.#octets(blank, tiles).fill(0);
    this.#octets(tone, tiles).fill(0);
    const found = this.#kernels.surveyTiles(page, this.width, this.rows, giveUp, blank, tone, open);
    return {
      blank: this.#octets(blank, tiles).slice(),
      tone: this.#octets(tone, tiles).slice(),
      open: new Int32Array(this.#memory, open, found).slice(),
    };
  }

  /** Counts the levels of a tile, of every `step`th pixel of every second row. Valid until the next call. */
  countLevels(left: number, top: number, step: 1 | 2): Levels {
    this.#kernels.countLevels(this.#at.page, this.width, this.rows, left, top, step, this.#at.levels);
    return this.#levels;
  }

  /**
   * The page in black and white. `blank` has a 1 for each white tile, `limits` the threshold of each tile, to which `bias` is
   * added.
   */
  threshold(blank: Uint8Array, limits: Uint8Array, bias: number): Bitmap {
    const { width, rows } = this;
    const at = this.#at;
    const stride = (width + 7) >> 3;
    const bits = this.#octets(at.bits, stride * rows).fill(0);
    this.#octets(at.blank, blank.length).set(blank);
    this.#octets(at.limits, limits.length).set(limits);
    this.#kernels.thresholdPage(at.page, width, rows, at.limits, at.blank, bias, at.row, at.bits);
    return { width, rows, stride, data: bits.slice() };
  }

  /** Zeroes whatever came from the page: the memory lives on. */
  release(): void {
    this.#octets(0, this.#at.end).fill(0);
  }
}

function layoutOf(width: number, rows: number, tiles: number): Layout {
  const stride = (width + 7) >> 3;
  const levels = 0;
  const blank = behind(levels, 3 * LEVELS * Int32Array.BYTES_PER_ELEMENT);
  const tone = behind(blank, tiles);
  const open = behind(tone, tiles);
  const limits = behind(open, tiles * Int32Array.BYTES_PER_ELEMENT);
  const row = behind(limits, tiles);
  const page = behind(row, stride + MARGIN);
  const bits = behind(page, width * rows + MARGIN);
  const end = behind(bits, stride * rows + MARGIN);
  return { levels, blank, tone, open, limits, row, page, bits, end };
}
