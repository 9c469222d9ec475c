import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { type Bitmap, pngFromBitmap, squarePixels } from '../../../../gateway/imaging/index.ts';
import { crc32 } from '../../../../gateway/imaging/out/png.ts';
import { degeneratePictures, runsPicture, seeded } from '../pictures.ts';

/** Black pixels as another PNG reader sees them, one byte each. */
async function blackOf(file: Uint8Array): Promise<{ width: number; rows: number; black: number[]; density: number }> {
  const picture = sharp(file).greyscale();
  const { density = 0 } = await sharp(file).metadata();
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, rows: info.height, black: [...data].map((grey) => (grey < 128 ? 1 : 0)), density };
}

function blackPixels({ width, rows, stride, data }: Bitmap): number[] {
  return Array.from({ length: width * rows }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return ((data[y * stride + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1;
  });
}

describe('PNG', () => {
  test('shows exactly the bits of the page', async () => {
    for (const bitmap of [runsPicture(101, 30, 9, seeded(2)), runsPicture(1728, 8, 90, seeded(3))]) {
      const read = await blackOf(pngFromBitmap(bitmap, { xDpi: 204, yDpi: 196 }, deflateSync));
      assert.deepEqual([read.width, read.rows, read.density], [bitmap.width, bitmap.rows, 204]);
      assert.deepEqual(read.black, blackPixels(bitmap));
    }
  });

  test('of square pixels has as many rows as the paper needs', async () => {
    const bitmap = runsPicture(64, 98, 9, seeded(4));
    const read = await blackOf(pngFromBitmap(bitmap, { xDpi: 204, yDpi: 98, square: true }, deflateSync));
    assert.deepEqual([read.width, read.rows], [64, 204]);
  });

  test('has the checksum of RFC 2083', () => {
    assert.equal(crc32(new TextEncoder().encode('123456789')), 0xcbf4_3926);
    assert.equal(crc32(new TextEncoder().encode('IEND')), 0xae42_6082);
  });
});

describe('square pixels', () => {
  test('repeat rows of 204×98 and lose no thin rule of 204×391', () => {
    const rules = degeneratePictures(16).find(([name]) => name === 'black and white rows')?.[1];
    assert.ok(rules);
    const tall = squarePixels(rules, 196, 98);
    assert.deepEqual([...tall.data], [255, 255, 255, 255, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0]);
    const flat = squarePixels(rules, 204, 408);
    assert.deepEqual([...flat.data], [255, 255, 255, 255]);
    assert.equal(squarePixels(rules, 300, 300), rules);
  });
});
