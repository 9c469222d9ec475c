import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readBmp } from '../../../../gateway/imaging/documents/bmp.ts';

interface Shape {
  width: number;
  height: number;
  bits: number;
  compression?: number;
  /** Palette, or masks, between header and pixels. */
  table?: number[];
  pixels: number[];
}

/** A BMP with a 40-byte info header. */
function bmp({ width, height, bits, compression = 0, table = [], pixels }: Shape): Uint8Array {
  const start = 54 + table.length;
  const bytes = new Uint8Array(start + pixels.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(10, start, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(28, bits, true);
  view.setUint32(30, compression, true);
  view.setUint32(38, 3937, true);
  bytes.set(table, 54);
  bytes.set(pixels, start);
  return bytes;
}

const levels = (shape: Shape) => [...readBmp(bmp(shape)).grey.data];
const BLACK_WHITE = [0, 0, 0, 0, 255, 255, 255, 0];

describe('BMP images are read at every depth', () => {
  test('1 bit, bottom row first, with its resolution', () => {
    const picture = readBmp(
      bmp({ width: 3, height: 2, bits: 1, table: BLACK_WHITE, pixels: [0b1010_0000, 0, 0, 0, 0b0100_0000, 0, 0, 0] }),
    );
    assert.deepEqual([...picture.grey.data], [0, 255, 0, 255, 0, 255]);
    assert.equal(picture.density, 100);
  });

  test('top row first when the height is negative', () => {
    const pixels = [0b1010_0000, 0, 0, 0, 0b0100_0000, 0, 0, 0];
    assert.deepEqual(levels({ width: 3, height: -2, bits: 1, table: BLACK_WHITE, pixels }), [255, 0, 255, 0, 255, 0]);
  });

  test('4 and 8 bits through a palette', () => {
    const table = Array.from({ length: 16 }, (_, i) => [i * 17, i * 17, i * 17, 0]).flat();
    assert.deepEqual(levels({ width: 3, height: 1, bits: 4, table, pixels: [0x0f, 0x30, 0, 0] }), [0, 255, 51]);
    const large = Array.from({ length: 256 }, (_, i) => [i, i, i, 0]).flat();
    assert.deepEqual(levels({ width: 2, height: 1, bits: 8, table: large, pixels: [7, 200, 0, 0] }), [7, 200]);
  });

  const greys = Array.from({ length: 256 }, (_, i) => [i, i, i, 0]).flat();
  test('run lengths of 8 bits: runs, literals, moves, ends of rows', () => {
    const pixels = [3, 9, 0, 0, 0, 3, 1, 2, 3, 0, 0, 2, 1, 1, 2, 7, 0, 1];
    const shape = { width: 4, height: 3, bits: 8, compression: 1, table: greys, pixels };
    assert.deepEqual(levels(shape), [0, 0, 0, 0, 1, 2, 3, 0, 9, 9, 9, 0]);
    const moved = { ...shape, pixels: [0, 2, 1, 2, 2, 7, 0, 1] };
    assert.deepEqual(levels(moved), [0, 7, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert.deepEqual(levels({ ...shape, height: 1, pixels: [255, 5, 0, 0] }), [5, 5, 5, 5]);
  });

  test('run lengths of 4 bits: the halves in turn', () => {
    const table = Array.from({ length: 16 }, (_, i) => [i, i, i, 0]).flat();
    const pixels = [3, 0x9a, 0, 3, 0x12, 0x30, 0, 1];
    assert.deepEqual(levels({ width: 6, height: 1, bits: 4, compression: 2, table, pixels }), [9, 10, 9, 1, 2, 3]);
  });

  test('every truncation of run lengths is damaged', () => {
    const pixels = [3, 9, 0, 0, 0, 3, 1, 2, 3, 0, 0, 2, 1, 0, 2, 7];
    for (let length = 0; length < pixels.length; length++) {
      const shape = { width: 4, height: 3, bits: 8, compression: 1, table: greys, pixels: pixels.slice(0, length) };
      assert.throws(() => levels(shape), { code: 'damaged' }, `${length}`);
    }
  });

  test('16 bits as 5-5-5 and with masks as 5-6-5', () => {
    assert.deepEqual(levels({ width: 2, height: 1, bits: 16, pixels: [0xff, 0x7f, 0, 0] }), [255, 0]);
    const table = [0, 0xf8, 0, 0, 0xe0, 0x07, 0, 0, 0x1f, 0, 0, 0];
    assert.deepEqual(
      levels({ width: 2, height: 1, bits: 16, compression: 3, table, pixels: [0xff, 0xff, 0, 0xf8] }),
      [255, 76],
    );
  });

  test('24 and 32 bits, blue first', () => {
    assert.deepEqual(levels({ width: 1, height: 1, bits: 24, pixels: [255, 0, 0, 0] }), [29]);
    assert.deepEqual(levels({ width: 1, height: 1, bits: 32, pixels: [0, 0, 255, 0] }), [76]);
  });
});

describe('a BMP that is not whole or not read is refused', () => {
  const whole = bmp({ width: 40, height: 40, bits: 24, pixels: new Array(40 * 120).fill(9) });
  test('every truncation is damaged', () => {
    for (let length = 0; length < whole.length; length += 7) {
      assert.throws(() => readBmp(whole.subarray(0, length)), { name: 'DocumentError', code: 'damaged' });
    }
  });

  test('a huge size is a limit and is not allocated', () => {
    const huge = { width: 2 ** 30, height: 2 ** 30, bits: 1, table: BLACK_WHITE, pixels: [0] };
    assert.throws(() => readBmp(bmp(huge)), { code: 'limit' });
  });

  test('another compression is unsupported, no size is damaged', () => {
    const runs = { width: 1, height: 1, bits: 24, compression: 4, pixels: [0, 0, 0, 0] };
    assert.throws(() => readBmp(bmp(runs)), { code: 'unsupported_type' });
    assert.throws(() => readBmp(bmp({ width: 0, height: 1, bits: 24, pixels: [0] })), { code: 'damaged' });
    assert.throws(() => readBmp(bmp({ width: -5, height: 1, bits: 24, pixels: [0] })), { code: 'damaged' });
  });
});
