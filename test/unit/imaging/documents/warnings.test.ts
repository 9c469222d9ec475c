import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pageWarnings } from '../../../../gateway/imaging/documents/warnings.ts';
import { blankBitmap } from '../../../../gateway/imaging/raster/bitmap.ts';

describe('what a person should know of a page', () => {
  // Rows of 1, 3 and 5 octets from odd places on: nothing ends or begins where words do.
  for (const { width, rows, from } of [
    { width: 8, rows: 1, from: 3 },
    { width: 24, rows: 7, from: 1 },
    { width: 40, rows: 9, from: 2 },
    { width: 1728, rows: 11, from: 0 },
  ]) {
    const stride = width / 8;
    const pageOf = (fill: (data: Uint8Array) => void) => {
      const data = new Uint8Array(from + stride * rows + 3).fill(0xff).subarray(from, from + stride * rows);
      data.fill(0);
      fill(data);
      return { ...blankBitmap(width, rows), data };
    };

    test(`${width} × ${rows} pels: one mark anywhere is one, and half of the page is not yet too black`, () => {
      const octets = stride * rows;
      assert.deepEqual(pageWarnings(pageOf(() => undefined)), ['page is blank']);
      for (let at = 0; at < octets; at++) {
        const marked = pageOf((data) => data.fill(0x10, at, at + 1));
        assert.deepEqual(pageWarnings(marked), [], `octet ${at}`);
        const half = pageOf((data) => data.fill(0x0f));
        assert.deepEqual(pageWarnings(half), []);
        half.data[at] = 0x1f;
        assert.deepEqual(pageWarnings(half), ['page nearly black'], `octet ${at}`);
      }
      assert.deepEqual(pageWarnings(pageOf((data) => data.fill(0xff))), ['page nearly black']);
    });
  }
});
