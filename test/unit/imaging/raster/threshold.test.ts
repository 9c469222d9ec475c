import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Grey } from '../../../../gateway/imaging/raster/grey.ts';
import { KernelPage, TILE } from '../../../../gateway/imaging/raster/kernel-page.ts';
import { thresholdGrey } from '../../../../gateway/imaging/raster/threshold.ts';
import { surveyTiles } from '../../../../gateway/imaging/raster/tiles.ts';

/** Pixels of every kind: `grain` levels of it, edges, hairs and rules, from a seeded generator (Marsaglia's xorshift). */
function scribbled(width: number, rows: number, seed: number, grain = 40): Grey {
  let state = seed;
  const random = (below: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  const data = new Uint8Array(width * rows);
  for (let i = 0; i < data.length; i++) data[i] = 255 - random(grain);
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
        const { data } = inKernels(grey, (page) => page.threshold(white, white.slice().fill(limit), 0));
        assert.ok(data.some((byte) => byte !== 0));
        assert.deepEqual(data, pixelByPixel(grey, limit), `seed ${seed}`);
      }
    });
  }

  test('take limits that go over into each other between the middles of tiles', () => {
    const [width, rows, columns, lines] = [200, 101, 7, 4];
    const limits = Uint8Array.from({ length: columns * lines }, (_, at) => (at < 14 ? 160 : 40 + ((at * 53) % 200)));
    const at = (column: number, line: number) =>
      limits[Math.max(0, Math.min(lines - 1, line)) * columns + Math.max(0, Math.min(columns - 1, column))] ?? 0;
    const limitOf = (x: number, y: number, bias: number): number => {
      const [u, v] = [((x >> 3) * 8 + 4) / TILE - 0.5, ((y >> 3) * 8 + 4) / TILE - 0.5];
      const [column, line] = [Math.floor(u), Math.floor(v)];
      const row = (n: number) => at(column, n) * (1 - (u - column)) + at(column + 1, n) * (u - column);
      return Math.floor(Math.max(8, Math.min(250, row(line) * (1 - (v - line)) + row(line + 1) * (v - line) + bias)));
    };
    for (const bias of [0, 26.64, -43.92]) {
      for (let level = 1; level < 255; level += 6) {
        const grey = { width, rows, data: new Uint8Array(width * rows).fill(level) };
        const { data, stride } = inKernels(grey, (page) => page.threshold(limits.slice().fill(0), limits, bias));
        for (let y = 0; y < rows; y++) {
          for (let x = 0; x < width; x += 8) {
            assert.equal(data[y * stride + (x >> 3)], level < limitOf(x, y, bias) ? 255 : 0, `${x}, ${y}`);
          }
        }
      }
    }
  });

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

/** White, dark, tinted and all pixels of every second row of a tile, and whether all of every row are white. */
function inkOf(grey: Grey, left: number, top: number) {
  const count = { white: 0, dark: 0, tinted: 0, total: 0, isBlank: true };
  for (let y = top; y < Math.min(grey.rows, top + TILE); y++) {
    for (let x = left; x < Math.min(grey.width, left + TILE); x++) {
      const level = grey.data[y * grey.width + x] ?? 255;
      if (level !== 255) count.isBlank = false;
      if ((y - top) % 2 === 1) continue;
      count.total++;
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
  test('tells white tiles, plain ones and their tints as they are counted pixel by pixel', () => {
    const seen = { blank: 0, plain: 0, open: 0 };
    for (const grey of [scribbled(200, 130, 4711), scribbled(1001, 345, 12, 1)]) {
      inKernels(grey, (page) => {
        const { blank, tone, open } = page.survey(TILE * TILE);
        for (let at = 0; at < blank.length; at++) {
          const [column, line] = [at % page.columns, Math.floor(at / page.columns)];
          const { white, dark, tinted, total, isBlank } = inkOf(grey, column * TILE, line * TILE);
          const plain = !isBlank && white * 2 >= total && tinted <= total * 0.08 && dark >= total * 0.004;
          seen[isBlank ? 'blank' : plain ? 'plain' : 'open']++;
          assert.equal(blank[at], isBlank ? 1 : 0, `tile ${at}`);
          assert.equal(tone[at], plain ? Math.round((255 * tinted) / total) : 0, `tile ${at}`);
          assert.equal(open.includes(2 * at), !isBlank && !plain, `tile ${at}`);
        }
      });
    }
    assert.ok(seen.blank > 0 && seen.plain > 0 && seen.open > 0, JSON.stringify(seen));
  });

  test('gives a tile up that is hardly white, and passes over one that is white', () => {
    const grey = { width: 64, rows: 32, data: new Uint8Array(64 * 32).fill(255) };
    for (let y = 0; y < 32; y++) grey.data.fill(90, y * 64, y * 64 + 32);
    inKernels(grey, (page) => {
      const { blank, open } = page.survey(64);
      assert.deepEqual([...blank], [0, 1]);
      assert.deepEqual([...open], [1]);
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
