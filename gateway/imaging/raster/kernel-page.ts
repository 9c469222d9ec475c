import type { Bitmap } from './bitmap.ts';
import type { Grey } from './grey.ts';
import { behind, kernels, roomFor } from './kernels.ts';

/** Edge of the square that one local decision covers, in pixels: 4 mm across, about two lines of 8-point text. */
export const TILE = 32;

/** Numbers that `countInk` writes for a tile, and what the first of them says. */
const TILE_NUMBERS = 4;
const BLANK = 0;
const GIVEN_UP = 2;

/** Numbers of each list that `countLevels` writes. */
const LEVELS = 257;

/** Rows that share their thresholds. */
const CELL = 8;

/** Octets before and behind a page that may be read, and behind its bits that may be written. */
const MARGIN = 32;

/** White pixels before and behind a page: neighbours of its first and its last. */
const PAPER = 16;

/** Pixels of one tile, as far as most tiles of a letter need it: of every second row. */
export interface Ink {
  /** All pixels of the tile are white: nothing is counted. */
  readonly blank: boolean;
  /** The counting was given up, because the tile does not look like paper. */
  readonly givenUp: boolean;
  /** Pixels of level 255. */
  readonly white: number;
  /** Those darker than the palest ink of plain text. */
  readonly dark: number;
  /** Flat ones with the level of a tint: like their neighbours left, right and below. */
  readonly tinted: number;
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
  readonly ink: number;
  readonly blank: number;
  readonly limits: number;
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
  readonly #kernels = kernels();
  readonly #at: Layout;
  readonly #memory: ArrayBuffer;
  readonly #ink: Uint16Array;
  readonly #levels: Levels;

  constructor({ width, rows, data }: Grey) {
    this.width = width;
    this.rows = rows;
    this.columns = Math.ceil(width / TILE);
    this.#at = layoutOf(width, rows, this.columns);
    this.#memory = roomFor(this.#kernels, this.#at.end);
    this.#ink = new Uint16Array(this.#memory, this.#at.ink, this.columns * TILE_NUMBERS);
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

  /** Looks at one line of tiles; {@link inkAt} then tells of them. `giveUp`: pixels after which a tile that is hardly white is given up. */
  countInk(line: number, giveUp: number): void {
    this.#kernels.countInk(this.#at.page, this.width, this.rows, line, giveUp, this.#at.ink);
  }

  /** What was found in the tile at `column` of the line. */
  inkAt(column: number): Ink {
    const at = column * TILE_NUMBERS;
    const [state, white] = [this.#ink[at], this.#ink[at + 1] ?? 0];
    const [dark, tinted] = [this.#ink[at + 2] ?? 0, this.#ink[at + 3] ?? 0];
    return { blank: state === BLANK, givenUp: state === GIVEN_UP, white, dark, tinted };
  }

  /** Counts the levels of a tile, of every `step`th pixel of every second row. Valid until the next call. */
  countLevels(left: number, top: number, step: 1 | 2): Levels {
    this.#kernels.countLevels(this.#at.page, this.width, this.rows, left, top, step, this.#at.levels);
    return this.#levels;
  }

  /**
   * The page in black and white. `blank` has a 1 for each white tile; `fill` writes the threshold of each group of eight pixels in
   * row `y`, and is asked once in eight rows.
   */
  threshold(blank: Uint8Array, fill: (limits: Uint8Array, y: number) => void): Bitmap {
    const { width, rows, columns } = this;
    const at = this.#at;
    const stride = (width + 7) >> 3;
    const bits = this.#octets(at.bits, stride * rows).fill(0);
    const limits = this.#octets(at.limits, stride);
    const tiles = this.#octets(at.blank, columns);
    for (let y = 0; y < rows; y += CELL) {
      if (y % TILE === 0) tiles.set(blank.subarray((y / TILE) * columns, (y / TILE + 1) * columns));
      fill(limits, y);
      this.#kernels.thresholdRows(at.page, width, rows, y, Math.min(rows, y + CELL), at.limits, at.blank, at.bits);
    }
    return { width, rows, stride, data: bits.slice() };
  }

  /** Zeroes whatever came from the page: the memory lives on. */
  release(): void {
    this.#octets(0, this.#at.end).fill(0);
  }
}

function layoutOf(width: number, rows: number, columns: number): Layout {
  const stride = (width + 7) >> 3;
  const levels = 0;
  const ink = behind(levels, 3 * LEVELS * Int32Array.BYTES_PER_ELEMENT);
  const blank = behind(ink, columns * TILE_NUMBERS * Uint16Array.BYTES_PER_ELEMENT);
  const limits = behind(blank, columns);
  const page = behind(limits, stride + MARGIN);
  const bits = behind(page, width * rows + MARGIN);
  return { levels, ink, blank, limits, page, bits, end: behind(bits, stride * rows + MARGIN) };
}
