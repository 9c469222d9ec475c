import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { writeTiff } from '../../../api/client/index.ts';
import { type Bitmap, blankBitmap } from '../../../gateway/imaging/raster/bitmap.ts';
import { encodeT6 } from '../../../gateway/imaging/t4-t6/index.ts';
import { readTiff } from '../../../gateway/imaging/tiff-f/index.ts';

/** A page of stripes; `shift` makes each page another one. */
function stripes(width: number, rows: number, shift: number): Bitmap {
  const bitmap = blankBitmap(width, rows);
  for (let at = shift; at < bitmap.data.length; at += 5) bitmap.data[at] = 0xf0;
  return bitmap;
}

describe('a TIFF-F file of opened pages', () => {
  test('is read back bit by bit, page by page, with its resolution', () => {
    const bitmaps = [stripes(1728, 31, 0), stripes(2048, 8, 2), stripes(1728, 1, 1)];
    const pages = bitmaps.map((bitmap, index) => ({
      ...{ number: index + 1, width: bitmap.width, rows: bitmap.rows, xDpi: 204, yDpi: 98, mark: '', warnings: [] },
      bytes: 0,
      t6: encodeT6(bitmap),
    }));
    const file = readTiff(writeTiff(pages), { maxPages: 10, maxPixels: 1e7 });
    assert.equal(file.pages.length, bitmaps.length);
    for (const [index, page] of file.pages.entries()) {
      assert.deepEqual([page.xDpi, page.yDpi, page.compression], [204, 98, 'g4']);
      const picture = page.decode();
      assert.ok(picture.kind === 'bilevel' && picture.complete);
      assert.deepEqual(picture.bitmap, bitmaps[index]);
    }
  });
});
