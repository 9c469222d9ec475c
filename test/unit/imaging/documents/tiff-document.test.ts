import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { type OpenDocument, PAPERS } from '../../../../gateway/imaging/documents/document.ts';
import { openTiff } from '../../../../gateway/imaging/documents/tiff-document.ts';
import { buildTiff, long, short } from '../tiff-f/build.ts';

const FINE = { xDpi: 204, yDpi: 196, paper: PAPERS.a4, maxPages: 9 };
const [WIDTH, ROWS] = [16, 8];

/** A grey page of `level`, packed by Deflate; `cut` bytes of it are missing at its end. */
function deflated(level: number, cut = 0) {
  const packed = deflateSync(new Uint8Array(WIDTH * ROWS).fill(level));
  const strips = [packed.subarray(0, packed.length - cut)];
  const fields = [short(256, WIDTH), short(257, ROWS), short(258, 8), short(259, 8), short(262, 1), long(278, ROWS)];
  return { fields, strips };
}

async function levelOf(document: OpenDocument, index: number): Promise<number | undefined> {
  const [width, rows] = [WIDTH, ROWS];
  const frame = { width, rows, left: 0, top: 0, drawWidth: width, drawRows: rows };
  const picture = await document.draw(index, frame);
  return picture.kind === 'grey' ? picture.grey.data[0] : undefined;
}

describe('a TIFF file', () => {
  test('whose Deflate data lacks its check sum is drawn', async () => {
    const document = await openTiff(buildTiff([deflated(70, 4)]), FINE);
    assert.equal(await levelOf(document, 0), 70);
  });

  test('whose Deflate data ends early is refused', async () => {
    await assert.rejects(openTiff(buildTiff([deflated(70, 7)]), FINE), { code: 'damaged' });
  });

  test('draws each page as often as asked, in any order', async () => {
    const document = await openTiff(buildTiff([deflated(70), deflated(90)]), FINE);
    for (const [index, level] of [
      [0, 70],
      [0, 70],
      [1, 90],
      [0, 70],
    ] as const) {
      assert.equal(await levelOf(document, index), level);
    }
    document.close();
  });
});
