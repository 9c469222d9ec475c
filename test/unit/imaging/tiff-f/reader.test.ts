import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deflateSync, inflateSync } from 'node:zlib';
import { encodeT6, readTiff, reverseBits, TiffError, type TiffErrorCode } from '../../../../gateway/imaging/index.ts';
import { runsPicture, seeded } from '../pictures.ts';
import { type BuiltPage, buildTiff, long, rational, short } from './build.ts';

const LIMITS = { maxPages: 5, maxPixels: 1_000_000 };

/** A 2 × 2 grey page by default; later fields replace earlier ones. */
function page(strip: readonly number[], ...fields: BuiltPage['fields'][number][]): BuiltPage {
  const all = new Map([short(256, 2), short(257, 2), short(258, 8), short(262, 1)].map((field) => [field.tag, field]));
  for (const field of fields) all.set(field.tag, field);
  return { fields: [...all.values()], strips: [Uint8Array.from(strip)] };
}

function greyOf(built: BuiltPage, littleEndian = true): number[] {
  const inflate = (packed: Uint8Array, size: number) => new Uint8Array(inflateSync(packed)).subarray(0, size);
  const picture = readTiff(buildTiff([built], littleEndian), { ...LIMITS, inflate }).pages[0]?.decode();
  assert.equal(picture?.kind, 'grey');
  assert.ok(picture.complete);
  return [...picture.grey.data];
}

function bitsOf(built: BuiltPage): number[] {
  const picture = readTiff(buildTiff([built]), LIMITS).pages[0]?.decode();
  assert.equal(picture?.kind, 'bilevel');
  return [...picture.bitmap.data];
}

function assertRefused(file: Uint8Array, code: TiffErrorCode, limits = LIMITS): void {
  assert.throws(
    () => readTiff(file, limits).pages[0]?.decode(),
    (error: unknown) => error instanceof TiffError && error.code === code,
  );
}

describe('bilevel pages', () => {
  const bilevel = (strip: readonly number[], ...fields: BuiltPage['fields'][number][]) =>
    page(strip, short(256, 10), short(258, 1), short(262, 0), ...fields);

  test('have 1 for black whichever way the file has it', () => {
    assert.deepEqual(bitsOf(bilevel([0xa5, 0x40, 0, 0])), [0xa5, 0x40, 0, 0]);
    assert.deepEqual(bitsOf(bilevel([0x5a, 0xbf, 0xff, 0xff], short(262, 1))), [0xa5, 0x40, 0, 0]);
  });

  test('have white bits behind the last column', () => {
    assert.deepEqual(bitsOf(bilevel([0, 0xff, 0xff, 0x3f])), [0, 0xc0, 0xff, 0]);
  });

  test('are read in either bit order', () => {
    assert.deepEqual(bitsOf(bilevel([0xa5, 0x02, 1, 0], short(266, 2))), [0xa5, 0x40, 0x80, 0]);
  });

  test('are unpacked from PackBits, idle bytes included', () => {
    assert.deepEqual(bitsOf(bilevel([128, 1, 0xa5, 0x40, 255, 0x80], short(259, 32_773))), [0xa5, 0x40, 0x80, 0x80]);
  });

  test('of several strips are joined, the last one shorter', () => {
    const bitmap = runsPicture(100, 25, 20, seeded(4));
    const strips = [0, 10, 20].map((first) => {
      const rows = Math.min(10, 25 - first);
      return encodeT6({ ...bitmap, rows, data: bitmap.data.subarray(first * 13, (first + rows) * 13) });
    });
    const fields = [short(256, 100), short(257, 25), short(258, 1), short(259, 4), short(262, 0), short(278, 10)];
    assert.deepEqual(bitsOf({ fields, strips }), [...bitmap.data]);
    const reversed = strips.map((strip) => reverseBits(strip.slice()));
    assert.deepEqual(bitsOf({ fields: [...fields, short(266, 2)], strips: reversed }), [...bitmap.data]);
  });

  test('in tiles are joined and cut at the page’s edges', () => {
    const tile = (byte: number) => new Uint8Array(32).fill(byte);
    const strips = [tile(0xff), tile(0x0f), tile(0), tile(0xf0)];
    const fields = [short(256, 20), short(257, 17), short(258, 1), short(262, 0), short(322, 16), short(323, 16)];
    const bits = bitsOf({ fields, strips, tiles: true });
    assert.deepEqual(bits.slice(0, 3), [0xff, 0xff, 0x00]);
    assert.deepEqual(bits.slice(48), [0, 0, 0xf0]);
  });

  test('that are cut off are white below and say so', () => {
    const picture = readTiff(buildTiff([bilevel([0xff, 0xc0, 0xff])]), LIMITS).pages[0]?.decode();
    assert.deepEqual([picture?.complete, picture?.badRows, picture?.longestBadRun], [false, 1, 1]);
  });

  test('keep what the file says of their resolution', () => {
    const of = (...fields: BuiltPage['fields'][number][]) => {
      const read = readTiff(buildTiff([bilevel([0, 0, 0, 0], ...fields)]), LIMITS).pages[0];
      return [read?.xDpi, read?.yDpi, read?.resolutionStated];
    };
    assert.deepEqual(of(rational(282, 204), rational(283, 98)), [204, 98, true]);
    assert.deepEqual(of(rational(282, 80.315), rational(283, 154), short(296, 3)), [204, 391, true]);
    assert.deepEqual(of(rational(282, 1), rational(283, 1), short(296, 1)), [72, 72, false]);
    assert.deepEqual(of(rational(282, 0), rational(283, 1)), [72, 72, false]);
    assert.deepEqual(of(), [72, 72, false]);
    assert.deepEqual(of(short(256, 1728)), [204, 196, false]);
  });
});

describe('grey and colour pages become grey, 255 = white', () => {
  test('from grey of every depth, white at either end', () => {
    assert.deepEqual(greyOf(page([0, 1, 128, 255])), [0, 1, 128, 255]);
    assert.deepEqual(greyOf(page([0, 1, 128, 255], short(262, 0))), [255, 254, 127, 0]);
    assert.deepEqual(greyOf(page([0x0f, 0x5a], short(258, 4))), [0, 255, 85, 170]);
    assert.deepEqual(greyOf(page([0b0011_0000, 0b0110_0000], short(258, 2))), [0, 255, 85, 170]);
    const deep = [0x12, 0x00, 0xff, 0xff, 0x80, 0x01, 0x00, 0xff];
    assert.deepEqual(greyOf(page(deep, short(258, 16)), false), [0x12, 0xff, 0x80, 0]);
    assert.deepEqual(greyOf(page(deep, short(258, 16)), true), [0, 0xff, 1, 0xff]);
  });

  const RGB = [short(258, 8, 8, 8), short(262, 2), short(277, 3)];
  const COLOURS = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255];
  const LUMA = [77, 149, 29, 255];

  test('from RGB, chunky and planar', () => {
    assert.deepEqual(greyOf(page(COLOURS, ...RGB)), LUMA);
    const planes = [0, 1, 2].map((s) => Uint8Array.from([0, 3, 6, 9], (at) => COLOURS[at + s] ?? 0));
    assert.deepEqual(greyOf({ ...page([], ...RGB, short(284, 2)), strips: planes }), LUMA);
  });

  test('from a palette', () => {
    const map = [0, 65_535, 65_535, ...new Array(13).fill(0)];
    const fields = [short(258, 4), short(262, 3), short(320, ...map, ...map, ...map)];
    assert.deepEqual(greyOf(page([0x01, 0x21], ...fields)), [0, 255, 255, 255]);
  });

  test('from CMYK', () => {
    const cmyk = [0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0, 128];
    assert.deepEqual(greyOf(page(cmyk, short(258, 8, 8, 8, 8), short(262, 5), short(277, 4))), [255, 0, 0, 127]);
  });

  test('with alpha laid on white paper', () => {
    const fields = [short(258, 8, 8), short(277, 2)];
    assert.deepEqual(greyOf(page([0, 255, 0, 0, 100, 255, 0, 51], ...fields, short(338, 2))), [0, 255, 100, 204]);
    assert.deepEqual(greyOf(page([0, 255, 0, 0, 50, 128, 51, 51], ...fields, short(338, 1))), [0, 255, 177, 255]);
    assert.deepEqual(greyOf(page([0, 9, 10, 9, 20, 9, 30, 9], ...fields, short(338, 0))), [0, 10, 20, 30]);
  });

  test('from Deflate, with differences from the left neighbour undone', () => {
    const rgb = [10, 20, 30, 1, 1, 1, 200, 200, 200, 55, 55, 55];
    const built = page([...deflateSync(Uint8Array.from(rgb))], ...RGB, short(259, 8), short(317, 2));
    assert.deepEqual(greyOf(built), [18, 19, 200, 255]);
    const deep = page(
      [...deflateSync(Uint8Array.from([1, 0, 1, 255, 0, 0, 0, 1]))],
      short(258, 16),
      short(259, 8),
      short(317, 2),
    );
    assert.deepEqual(greyOf(deep, false), [1, 2, 0, 0]);
  });

  test('but not from Deflate when nobody gave an inflate', () => {
    assertRefused(buildTiff([page([1, 2, 3], short(259, 8))]), 'unsupported');
  });

  test('upright, whatever their orientation', () => {
    const built = (orientation: number) => page([1, 2, 3, 4, 5, 6], short(256, 3), short(274, orientation));
    const upright = [
      [1, 2, 3, 4, 5, 6],
      [3, 2, 1, 6, 5, 4],
      [6, 5, 4, 3, 2, 1],
      [4, 5, 6, 1, 2, 3],
      [1, 4, 2, 5, 3, 6],
      [4, 1, 5, 2, 6, 3],
      [6, 3, 5, 2, 4, 1],
      [3, 6, 2, 5, 1, 4],
    ];
    upright.forEach((expected, index) => {
      assert.deepEqual(greyOf(built(index + 1)), expected, `orientation ${index + 1}`);
    });
    const sideways = readTiff(buildTiff([built(6)]), LIMITS).pages[0];
    assert.deepEqual([sideways?.width, sideways?.rows], [2, 3]);
  });

  test('and bilevel pages too', () => {
    const built = (orientation: number) =>
      page([0b1100_0000, 0b0010_0000], short(256, 3), short(258, 1), short(262, 0), short(274, orientation));
    // 110 / 001 turned a quarter right: 01 / 01 / 10.
    assert.deepEqual(bitsOf(built(6)), [0b0100_0000, 0b0100_0000, 0b1000_0000]);
    assert.deepEqual(bitsOf(built(3)), [0b1000_0000, 0b0110_0000]);
  });
});

describe('a file of several pages', () => {
  test('is read in order, in either byte order, thumbnails left out', () => {
    const pages = [page([1, 1, 1, 1]), page([9, 9, 9, 9], long(254, 1)), page([2, 2, 2, 2], long(254, 2))];
    for (const littleEndian of [true, false]) {
      const read = readTiff(buildTiff(pages, littleEndian), LIMITS).pages.map((p) => p.decode());
      assert.deepEqual(
        read.map((p) => (p.kind === 'grey' ? p.grey.data[0] : null)),
        [1, 2],
      );
    }
  });

  test('is refused when it has more than it may', () => {
    assertRefused(buildTiff(new Array(6).fill(page([1, 2, 3, 4]))), 'too_many_pages');
  });
});

describe('a file is refused', () => {
  const good = buildTiff([page([1, 2, 3, 4])]);
  const directoryAt = new DataView(good.buffer).getUint32(4, true);

  test('when it is no TIFF', () => {
    assertRefused(new Uint8Array(0), 'not_tiff');
    assertRefused(Buffer.from('%PDF-1.7 and so on'), 'not_tiff');
    assertRefused(Uint8Array.of(0x49, 0x49, 41, 0, 8, 0, 0, 0), 'not_tiff');
  });

  test('when it is a BigTIFF, JPEG, floating point or of odd samples', () => {
    assertRefused(Uint8Array.of(0x49, 0x49, 43, 0, 8, 0, 0, 0), 'unsupported');
    assertRefused(buildTiff([page([1], short(259, 7))]), 'unsupported');
    assertRefused(buildTiff([page([1], short(339, 3))]), 'unsupported');
    assertRefused(buildTiff([page([1], short(258, 12))]), 'unsupported');
    assertRefused(buildTiff([page([1], short(258, 8, 8, 4), short(277, 3), short(262, 2))]), 'unsupported');
    assertRefused(buildTiff([page([1], short(262, 8))]), 'unsupported');
    assertRefused(buildTiff([page([1], short(277, 9))]), 'unsupported');
  });

  test('when its directories loop', () => {
    const file = good.slice();
    const link = directoryAt + 2 + 12 * new DataView(file.buffer).getUint16(directoryAt, true);
    new DataView(file.buffer).setUint32(link, directoryAt, true);
    assertRefused(file, 'damaged');
  });

  test('when a directory lies behind the end', () => {
    const file = good.slice();
    new DataView(file.buffer).setUint32(4, 0xffff_fff0, true);
    assertRefused(file, 'damaged');
  });

  test('when it has no page', () => {
    assertRefused(Uint8Array.of(0x49, 0x49, 42, 0, 0, 0, 0, 0), 'damaged');
  });

  test('when a page is empty or larger than allowed, before anything is allocated', () => {
    assertRefused(buildTiff([page([1], long(256, 0))]), 'damaged');
    assertRefused(buildTiff([page([1], long(257, 0))]), 'damaged');
    assertRefused(buildTiff([page([1], long(256, 0xffff_ffff), long(257, 0xffff_ffff))]), 'too_large');
    assertRefused(buildTiff([page([1], long(256, 60_000), long(257, 60_000))]), 'too_large');
  });

  test('when strips are missing, lie behind the end, or are counted by the million', () => {
    assertRefused(buildTiff([page([1, 2, 3, 4], short(278, 1))]), 'damaged');
    assertRefused(buildTiff([page([1], long(273, 0xffff_ff00))]), 'damaged');
    const file = good.slice();
    const view = new DataView(file.buffer);
    for (let at = directoryAt + 2; at < file.length - 12; at += 12) {
      if (view.getUint16(at, true) === 273) view.setUint32(at + 4, 0xffff_ffff, true);
    }
    assertRefused(file, 'damaged');
  });

  test('when its strips overlap over and over', () => {
    const fields = [short(256, 8), short(257, 64), short(278, 1), short(258, 8), short(262, 1)];
    const offsets = new Array(64).fill(8);
    const strip = new Uint8Array(4000);
    const built = {
      fields: [...fields, long(273, ...offsets), long(279, ...offsets.map(() => 4000))],
      strips: [strip],
    };
    assertRefused(buildTiff([built]), 'damaged');
  });

  test('when tiles are far larger than the page', () => {
    const tiles = [short(322, 65_520), short(323, 60_000), long(324, 8), long(325, 4)];
    assertRefused(buildTiff([{ ...page([0, 0, 0, 0], ...tiles), tiles: true }]), 'damaged');
  });

  test('when facsimile coding is claimed for grey', () => {
    assertRefused(buildTiff([page([1], short(259, 4))]), 'damaged');
  });
});

describe('hostile bytes end in a picture or a TiffError', () => {
  function readAll(file: Uint8Array): void {
    try {
      for (const read of readTiff(file, { maxPages: 5, maxPixels: 100_000 }).pages) read.decode();
    } catch (error) {
      assert.ok(error instanceof TiffError, String(error));
    }
  }

  const bitmap = runsPicture(100, 25, 20, seeded(8));
  const fax = [short(256, 100), short(257, 25), short(258, 1), short(262, 0)];
  const files = [
    buildTiff([{ fields: [...fax, short(259, 4)], strips: [encodeT6(bitmap)] }]),
    buildTiff([page([1, 2, 3, 4], rational(282, 300), rational(283, 300), short(259, 5)), page([1, 2, 3, 4])], false),
  ];

  test('at every truncation', () => {
    for (const file of files) for (let length = 0; length < file.length; length++) readAll(file.subarray(0, length));
  });

  test('with any byte replaced', () => {
    for (const file of files) {
      for (let at = 0; at < file.length; at++) {
        for (const byte of [0, 1, 0x7f, 0x80, 0xff]) {
          const changed = file.slice();
          changed[at] = byte;
          readAll(changed);
        }
      }
    }
  });
});
