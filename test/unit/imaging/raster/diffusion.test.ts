import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blankBitmap } from '../../../../gateway/imaging/raster/bitmap.ts';
import { diffuseRect } from '../../../../gateway/imaging/raster/diffusion.ts';
import { type Grey, whiteGrey } from '../../../../gateway/imaging/raster/grey.ts';

const [WIDTH, ROWS] = [512, 256];

/** An even tone below `margin` white rows, with as much black and white at its end that it is not stretched. */
function evenTone(level: number, margin: number): Grey {
  const grey = whiteGrey(WIDTH, ROWS);
  grey.data.fill(level, margin * WIDTH);
  grey.data.fill(0, -20 * WIDTH, -12 * WIDTH);
  grey.data.fill(255, -12 * WIDTH);
  return grey;
}

function printTone(level: number, margin = 0) {
  const bitmap = blankBitmap(WIDTH, ROWS);
  diffuseRect(evenTone(level, margin), { left: 0, top: 0, right: WIDTH, bottom: ROWS }, bitmap);
  return Array.from({ length: ROWS }, (_, y) =>
    Array.from({ length: WIDTH }, (_, x) => ((bitmap.data[y * bitmap.stride + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1),
  );
}

function longestRun(row: readonly number[]): number {
  let longest = 0;
  let run = 0;
  for (const pixel of row) {
    run = pixel === 1 ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

describe('a tone is printed', () => {
  test('with the ink that its level asks for, less the gain of its dots', () => {
    const shares = [200, 160, 128, 90, 50].map((level) => {
      const body = printTone(level)
        .slice(40, ROWS - 24)
        .flat();
      return body.reduce((sum, pixel) => sum + pixel, 0) / body.length;
    });
    for (const [n, level] of [200, 160, 128, 90, 50].entries()) {
      const wanted = 1 - (level / 255) ** 0.8;
      assert.ok(Math.abs((shares[n] ?? 0) - wanted) < 0.02, `${level}: ${shares[n]} for ${wanted}`);
    }
  });

  test('without long lines where it begins, at the top of the page or below white', () => {
    for (const margin of [0, 9]) {
      for (const level of [210, 180, 150]) {
        const lengths = printTone(level, margin)
          .slice(margin, margin + 24)
          .map(longestRun);
        assert.ok(
          Math.max(...lengths) < 32,
          `level ${level} below ${margin} white rows: a line of ${Math.max(...lengths)}`,
        );
      }
    }
  });

  test('in clusters: fewer than a third of the pixels turn the colour', () => {
    for (const level of [200, 128, 60]) {
      const turns = printTone(level)
        .slice(40, ROWS - 24)
        .map((row) => row.filter((pixel, x) => x > 0 && pixel !== row[x - 1]).length);
      assert.ok(turns.reduce((sum, n) => sum + n, 0) / turns.length < WIDTH / 3);
    }
  });
});
