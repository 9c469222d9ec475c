import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  createTiffFWriter,
  encodeT6,
  readTiff,
  TiffError,
  type TiffFOptions,
  type TiffFPage,
  writeTiffF,
} from '../../../../gateway/imaging/index.ts';
import { installed, inTemporaryFolder, NO_LIBTIFF } from '../../../vectors/itu/charts.ts';
import { runsPicture, seeded } from '../pictures.ts';

const LIMITS = { maxPages: 50, maxPixels: 10_000_000 };

/** Resolutions and widths of T.4 and T.30. */
const KINDS = [
  [1728, 204, 98],
  [1728, 204, 196],
  [2048, 204, 391],
  [2432, 204, 196],
  [2592, 300, 300],
  [3456, 400, 400],
] as const;

const bitmaps = KINDS.map(([width], index) => runsPicture(width, 40 + index, 60, seeded(index + 1)));
const pages: TiffFPage[] = bitmaps.map((bitmap, index) => {
  const [width, xDpi, yDpi] = KINDS[index] ?? [0, 0, 0];
  return { width, rows: bitmap.rows, xDpi, yDpi, t6: encodeT6(bitmap) };
});

const OPTIONS: TiffFOptions[] = [
  {},
  { compression: 'G3-1D' },
  { compression: 'G3-2D', software: 'Sealfax', dateTime: '2030:01:02 03:04:05' },
  { profile: 'S', software: 'odd' },
];

describe('TIFF-F', () => {
  for (const options of OPTIONS) {
    test(`comes back as it went in: ${JSON.stringify(options)}`, () => {
      const read = readTiff(writeTiffF(pages, options), LIMITS).pages;
      assert.equal(read.length, pages.length);
      read.forEach((page, index) => {
        const picture = page.decode();
        assert.equal(picture.kind, 'bilevel');
        assert.ok(picture.complete);
        assert.deepEqual(picture.bitmap, bitmaps[index]);
        const [width, xDpi, yDpi] = KINDS[index] ?? [];
        assert.deepEqual([page.width, page.xDpi, page.yDpi], [width, xDpi, yDpi]);
      });
    });
  }

  test('page by page is the same file as at once', () => {
    const writer = createTiffFWriter({ profile: 'S' }, pages.length);
    const chunks = pages.flatMap((page, index) => writer.page(page, index === pages.length - 1));
    assert.deepEqual(new Uint8Array(Buffer.concat(chunks)), writeTiffF(pages, { profile: 'S' }));
  });

  test('holds stored T.6 data as they are', () => {
    const file = Buffer.from(writeTiffF(pages));
    for (const { t6 } of pages) assert.ok(file.includes(Buffer.from(t6)));
  });

  test('of profile S has its directory right behind the header, Group 3 and the least significant bit first', () => {
    const file = writeTiffF(pages.slice(0, 1), { profile: 'S', compression: 'G4' });
    assert.deepEqual([...file.subarray(0, 8)], [0x49, 0x49, 42, 0, 8, 0, 0, 0]);
    const page = readTiff(file, LIMITS).pages[0];
    assert.deepEqual([page?.compression, page?.fillOrder, page?.photometric], ['g3-1d', 2, 'min-is-white']);
  });

  test('needs a page', () => {
    assert.throws(() => writeTiffF([]), TiffError);
  });

  test('is not coded anew from a stored page that is damaged', () => {
    const broken = { ...(pages[0] as TiffFPage), rows: 1000 };
    assert.throws(() => writeTiffF([broken], { compression: 'G3-1D' }), TiffError);
  });
});

describe('libtiff', { skip: NO_LIBTIFF || (installed('tiffinfo') ? false : 'tiffinfo is not installed') }, () => {
  for (const options of OPTIONS) {
    test(`finds nothing to warn of: ${JSON.stringify(options)}`, () => {
      inTemporaryFolder((folder) => {
        const path = join(folder, 'fax.tif');
        writeFileSync(
          path,
          writeTiffF(
            pages.map((page) => ({ ...page, badRows: 3, longestBadRun: 2 })),
            options,
          ),
        );
        // -D reads the pixels too; warnings stand on standard error, merged here.
        const said = execFileSync('sh', ['-c', 'tiffinfo -D "$1" 2>&1', 'sh', path], { encoding: 'utf8' });
        assert.doesNotMatch(said, /warning|error/i);
        assert.match(said, /Page Number: 5-6/);
        assert.match(said, /Bad Fax Lines: 3/);
        assert.match(said, /Consecutive Bad Fax Lines: 2/);
      });
    });
  }
});
