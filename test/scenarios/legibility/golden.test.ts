import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { drawGolden, GOLDEN, pixelDistance, readGolden } from '../../golden/pages.ts';

/** Share of a page's black pixels that may change: what another processor's rounding may do, and no more. */
const CLOSE = 0.01;

describe('pages stay as they were when they were looked at', () => {
  for (const page of GOLDEN) {
    test(page.name, async () => {
      const distance = pixelDistance(readGolden(page.name), await drawGolden(page));
      assert.ok(distance <= CLOSE, `${(100 * distance).toFixed(2)} % of the black pixels changed`);
    });
  }

  test('another page is far', () => {
    assert.ok(pixelDistance(readGolden('cover-letter'), readGolden('cover-form')) > 10 * CLOSE);
  });
});
