import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readTiff } from '../../../../gateway/imaging/index.ts';
import { unpackLzw } from '../../../../gateway/imaging/tiff-f/lzw.ts';
import { NO_LIBTIFF, throughTiffcp } from '../../../vectors/itu/charts.ts';
import { seeded } from '../pictures.ts';
import { buildTiff, short } from './build.ts';

/** Codes of nine bits as bytes. */
function nineBits(...codes: number[]): Uint8Array {
  const bits = codes.map((code) => code.toString(2).padStart(9, '0')).join('');
  return Uint8Array.from(bits.match(/.{1,8}/g) ?? [], (byte) => Number.parseInt(byte.padEnd(8, '0'), 2));
}

describe('LZW', () => {
  test('unpacks the example of TIFF 6.0 §13', () => {
    const packed = nineBits(256, 7, 258, 8, 8, 258, 6, 6, 257);
    const { bytes, filled } = unpackLzw(packed, 11);
    assert.deepEqual([...bytes.subarray(0, filled)], [7, 7, 7, 8, 8, 7, 7, 6, 6]);
  });

  test('never writes more than was asked for', () => {
    assert.deepEqual([...unpackLzw(nineBits(256, 7, 258, 259, 260), 5).bytes], [7, 7, 7, 7, 7]);
  });

  test('ends at a code that names nothing yet', () => {
    assert.equal(unpackLzw(nineBits(256, 7, 300, 8), 9).filled, 1);
    assert.equal(unpackLzw(nineBits(256, 258), 9).filled, 0);
    assert.equal(unpackLzw(nineBits(258), 9).filled, 0);
  });

  test('unpacks what libtiff packs, through every code width and full tables', { skip: NO_LIBTIFF }, () => {
    const random = seeded(17);
    for (const [width, rows, values] of [
      [300, 200, 256],
      [300, 200, 3],
      [301, 100, 1],
    ] as const) {
      const strip = Uint8Array.from({ length: width * rows }, () => (random() >>> 8) % values);
      const fields = [short(256, width), short(257, rows), short(258, 8), short(262, 1)];
      const file = buildTiff([{ fields, strips: [strip] }]);
      for (const kind of ['lzw:1', 'lzw:2', 'packbits']) {
        const packed = throughTiffcp(file, ['-c', kind, '-r', String(rows)]);
        const picture = readTiff(packed, { maxPages: 1, maxPixels: 100_000 }).pages[0]?.decode();
        assert.equal(picture?.kind, 'grey');
        assert.deepEqual(picture.grey.data, strip, kind);
      }
    }
  });
});
