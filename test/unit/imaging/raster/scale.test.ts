import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blankBitmap } from '../../../../gateway/imaging/raster/bitmap.ts';
import { placeGrey, scaleBitmap, scaleGrey } from '../../../../gateway/imaging/raster/scale.ts';

const ramp = { width: 4, rows: 2, data: Uint8Array.of(0, 80, 160, 240, 40, 120, 200, 255) };

describe('scaling by area', () => {
  test('halving takes the mean of what a pixel covers', () => {
    assert.deepEqual([...scaleGrey(ramp, 2, 1).data], [60, 214]);
  });

  test('doubling repeats pixels', () => {
    assert.deepEqual([...scaleGrey(ramp, 8, 2).data.subarray(0, 8)], [0, 0, 80, 80, 160, 160, 240, 240]);
  });

  test('by three halves, weights are shared', () => {
    const three = { width: 3, rows: 1, data: Uint8Array.of(0, 90, 180) };
    assert.deepEqual([...scaleGrey(three, 2, 1).data], [30, 150]);
  });

  test('a line of one pixel never vanishes, however it falls', () => {
    for (let x = 0; x < 300; x++) {
      const bitmap = blankBitmap(300, 1);
      bitmap.data[x >> 3] = 0x80 >> (x & 7);
      const scaled = scaleBitmap(bitmap, 101, 1);
      const ink = scaled.data.reduce((sum, level) => sum + 255 - level, 0);
      assert.ok(ink > 70 && ink < 100, `${x}: ${ink}`);
    }
  });
});

describe('placing', () => {
  test('a picture is set into white', () => {
    const placed = placeGrey(ramp, 6, 3, 1, 1);
    assert.deepEqual([...placed.data.subarray(0, 6)], [255, 255, 255, 255, 255, 255]);
    assert.deepEqual([...placed.data.subarray(6, 12)], [255, 0, 80, 160, 240, 255]);
  });

  test('what lies above or beside the page is cut', () => {
    const placed = placeGrey(ramp, 2, 2, -1, -1);
    assert.deepEqual([...placed.data], [120, 200, 255, 255]);
  });
});
