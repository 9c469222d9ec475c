import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Bitmap, blankBitmap } from '../../../../gateway/imaging/raster/bitmap.ts';
import { codePage, encodeT6 } from '../../../../gateway/imaging/t4-t6/index.ts';

/** A bitmap whose pixels keep their colour for `run` pixels on average, from a seeded generator (Marsaglia's xorshift). */
function patches(width: number, rows: number, run: number, seed: number): Bitmap {
  const bitmap = blankBitmap(width, rows);
  let state = seed;
  let black = false;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      if ((state >>> 0) % run === 0) black = !black;
      const at = y * bitmap.stride + (x >> 3);
      if (black) bitmap.data[at] = (bitmap.data[at] ?? 0) | (0x80 >> (x & 7));
    }
  }
  return bitmap;
}

/** Rows of one colour, in turn. */
function bands(width: number): Bitmap {
  const bitmap = blankBitmap(width, 4);
  for (const row of [1, 3]) {
    bitmap.data.fill(0xff, row * bitmap.stride, (row + 1) * bitmap.stride);
    bitmap.data[(row + 1) * bitmap.stride - 1] = 0xff << (-width & 7);
  }
  return bitmap;
}

describe('a page coded by the kernels has the octets of the streaming coder', () => {
  for (const run of [1, 2, 3, 20, 400]) {
    test(`at every width to 140, colours changing after ${run} pixels`, () => {
      for (let width = 1; width <= 140; width++) {
        const bitmap = patches(width, 1 + ((width * 7) % 23), run, width * 7919 + run);
        assert.deepEqual(codePage(bitmap), encodeT6(bitmap), `width ${width}`);
      }
    });
  }

  test('with runs as long as a code word can name and longer', () => {
    for (const width of [63, 64, 1728, 2559, 2560, 2561, 2623, 2624, 5183, 5184, 65_535]) {
      assert.deepEqual(codePage(bands(width)), encodeT6(bands(width)), `width ${width}`);
    }
  });

  test('of the rows that it has, when more lie behind them', () => {
    const bitmap = patches(100, 40, 9, 4711);
    const first = { ...bitmap, rows: 17 };
    assert.deepEqual(codePage(first), encodeT6(first));
  });

  test('when a larger page came before it', () => {
    codePage(patches(2432, 300, 2, 5));
    const small = patches(31, 5, 4, 6);
    assert.deepEqual(codePage(small), encodeT6(small));
  });
});
