import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Grey } from '../../../../gateway/imaging/raster/grey.ts';
import { KernelPage, TILE } from '../../../../gateway/imaging/raster/kernel-page.ts';
import { thresholdGrey } from '../../../../gateway/imaging/raster/threshold.ts';
import { surveyTiles } from '../../../../gateway/imaging/raster/tiles.ts';

/** Pixels of every kind: grain, edges, hairs and rules of every level, from a seeded generator (Marsaglia's xorshift). */
function scribbled(width: number, rows: number, seed: number): Grey {
  let state = seed;
  const random = (below: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  const data = new Uint8Array(width * rows);
  for (let i = 0; i < data.length; i++) data[i] = 255 - random(40);
  for (let n = 0; n < 400; n++) {
    const [left, top, level] = [random(width), random(rows), random(256)];
    const [right, bottom] = n % 2 === 0 ? [left + 1 + random(3), top + random(60)] : [left + random(60), top + 1];
    for (let y = top; y < Math.min(rows, bottom); y++) {
      data.fill(level, y * width + left, y * width + Math.min(width, right));
    }
  }
  return { width, rows, data };
}

/** What `use` makes of a page in the kernels. */
function inKernels<T>(grey: Grey, use: (page: KernelPage) => T): T {
  const page = new KernelPage(grey);
  try {
    return use(page);
  } finally {
    page.release();
  }
}

/** The bits of a page that is black below `limit`, and its hairlines, pixel by pixel. */
function pixelByPixel({ width, rows, data }: Grey, limit: number): Uint8Array {
  const stride = (width + 7) >> 3;
  const bits = new Uint8Array(stride * rows);
  const level = (x: number, y: number) => data[y * width + x] ?? 255;
  const valley = (x: number, y: number, dx: number, dy: number): boolean => {
    const value = level(x, y);
    const [before, after] = [level(x - dx, y - dy), level(x + dx, y + dy)];
    if (before < value || after <= value) return false;
    if (Math.max(before, level(x - 2 * dx, y - 2 * dy)) < value + 28) return false;
    if (Math.max(after, level(x + 2 * dx, y + 2 * dy)) < value + 28) return false;
    return [-1, 1].every((along) =>
      [-1, 0, 1].some((aside) => level(x + along * dy + aside * dx, y + along * dx + aside * dy) < value + 28),
    );
  };
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x++) {
      const inside = x >= 2 && y >= 2 && x < width - 2 && y < rows - 2;
      const thin = inside && level(x, y) < 224 && (valley(x, y, 1, 0) || valley(x, y, 0, 1));
      if (level(x, y) < limit || thin)
        bits[y * stride + (x >> 3)] = (bits[y * stride + (x >> 3)] ?? 0) | (0x80 >> (x & 7));
    }
  }
  return bits;
}

describe('sixteen pixels compared at a time', () => {
  for (const limit of [88, 160, 180, 240]) {
    test(`print what they do one by one, below ${limit}`, () => {
      for (let seed = 1; seed <= 12; seed++) {
        const grey = scribbled(230 + seed, 90 + seed, seed * 77_777);
        const white = new Uint8Array(Math.ceil(grey.width / TILE) * Math.ceil(grey.rows / TILE));
        const { data } = inKernels(grey, (page) => page.threshold(white, (limits) => limits.fill(limit)));
        assert.ok(data.some((byte) => byte !== 0));
        assert.deepEqual(data, pixelByPixel(grey, limit), `seed ${seed}`);
      }
    });
  }

  test('agree with a limit at every level', () => {
    const levels = Uint8Array.from({ length: 256 }, (_, level) => level);
    const grey = { width: 256, rows: 1, data: levels };
    for (let limit = 8; limit <= 250; limit++) {
      const { data } = inKernels(grey, (page) =>
        thresholdGrey(page, { ...surveyTiles(page), limits: new Uint8Array(8).fill(limit) }),
      );
      for (let level = 0; level < 256; level++) {
        const black = ((data[level >> 3] ?? 0) & (0x80 >> (level & 7))) !== 0;
        assert.equal(black, level < limit, `level ${level}, limit ${limit}`);
      }
    }
  });
});

/** Whether the pixel at `at` differs by less than 24 levels from those left, right and below; row by row without a break. */
function isFlat({ width, rows, data }: Grey, at: number): boolean {
  const below = at + width < width * rows ? at + width : at;
  return [at - 1, at + 1, below].every((other) => Math.abs((data[at] ?? 255) - (data[other] ?? 255)) < 24);
}

/** White, dark and tinted pixels of every second row of a tile. */
function inkOf(grey: Grey, left: number, top: number): { white: number; dark: number; tinted: number } {
  const count = { white: 0, dark: 0, tinted: 0 };
  for (let y = top; y < Math.min(grey.rows, top + TILE); y += 2) {
    for (let x = left; x < Math.min(grey.width, left + TILE); x++) {
      const level = grey.data[y * grey.width + x] ?? 255;
      if (level === 255) count.white++;
      if (level < 120) count.dark++;
      if (level >= 40 && level < 232 && isFlat(grey, y * grey.width + x)) count.tinted++;
    }
  }
  return count;
}

/** Pixels, flat pixels and sums of levels below each level, of every `step`th pixel of every second row of a tile. */
function levelsOf(
  grey: Grey,
  left: number,
  top: number,
  step: number,
): { all: number[]; flat: number[]; light: number[] } {
  const lists = { all: zeros(), flat: zeros(), light: zeros() };
  const add = (list: number[], level: number, much: number) => {
    for (let n = level + 1; n < list.length; n++) list[n] = (list[n] ?? 0) + much;
  };
  for (let y = top; y < Math.min(grey.rows, top + TILE); y += 2) {
    for (let x = left + ((y >> 1) & (step - 1)); x < Math.min(grey.width - 1, left + TILE); x += step) {
      const level = grey.data[y * grey.width + x] ?? 255;
      add(lists.all, level, 1);
      add(lists.light, level, level);
      if (isFlat(grey, y * grey.width + x)) add(lists.flat, level, 1);
    }
  }
  return lists;
}

const zeros = (): number[] => new Array(257).fill(0);

describe('the survey of tiles', () => {
  test('counts the ink of a tile as it is counted pixel by pixel', () => {
    const grey = scribbled(200, 130, 4711);
    inKernels(grey, (page) => {
      for (let line = 0; line * TILE < grey.rows; line++) {
        page.countInk(line, TILE * TILE);
        for (let column = 0; column < page.columns; column++) {
          const { white, dark, tinted } = inkOf(grey, column * TILE, line * TILE);
          const found = page.inkAt(column);
          assert.deepEqual({ ...found, blank: false }, { white, dark, tinted, blank: false, givenUp: false });
        }
      }
    });
  });

  test('gives a tile up that is hardly white, and passes over one that is white', () => {
    const grey = { width: 64, rows: 32, data: new Uint8Array(64 * 32).fill(255) };
    for (let y = 0; y < 32; y++) grey.data.fill(90, y * 64, y * 64 + 32);
    inKernels(grey, (page) => {
      page.countInk(0, 64);
      assert.equal(page.inkAt(0).givenUp, true);
      assert.equal(page.inkAt(1).blank, true);
    });
  });

  test('counts the levels of a tile, all of a row or every second pixel', () => {
    const grey = scribbled(100, 70, 99);
    for (const step of [1, 2] as const) {
      inKernels(grey, (page) => {
        const { all, flat, light } = page.countLevels(32, 32, step);
        const expected = levelsOf(grey, 32, 32, step);
        assert.deepEqual({ all: [...all], flat: [...flat], light: [...light] }, expected);
      });
    }
  });

  test('takes a tile of one column or one row', () => {
    for (const [width, rows] of [
      [33, 33],
      [1, 1],
      [32, 1],
      [1, 40],
    ] as const) {
      const grey = { width, rows, data: new Uint8Array(width * rows).fill(0) };
      const { data } = inKernels(grey, (page) => thresholdGrey(page, surveyTiles(page)));
      const black = data.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
      assert.equal(black, width * rows);
    }
  });
});
