import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Bitmap, createT6Decoder, decodeT6, encodeT6, type T6Report } from '../../../../gateway/imaging/index.ts';
import { degeneratePictures, runsPicture, seeded } from '../pictures.ts';

/** What comes of coded bytes that arrive in pieces of `size`. */
function decodeIn(
  size: number,
  coded: Uint8Array,
  width: number,
  maxRows = 4000,
): { data: number[]; report: T6Report } {
  const data: number[] = [];
  const decoder = createT6Decoder({ width, maxRows, onRow: (pixels) => data.push(...pixels) });
  for (let at = 0; at < coded.length; at += size) decoder.push(coded.subarray(at, at + size));
  return { data, report: decoder.finish() };
}

function assertArrives(bitmap: Bitmap): void {
  const coded = encodeT6(bitmap);
  for (const size of [1, 7, 256, 100_000]) {
    const { data, report } = decodeIn(size, coded, bitmap.width);
    assert.deepEqual(report, { rows: bitmap.rows, end: 'eofb' });
    assert.deepEqual(Uint8Array.from(data), bitmap.data);
  }
}

describe('a T.6 image that arrives in pieces', () => {
  test('is the same however it is cut', () => {
    for (const width of [1, 33, 1728]) for (const [, bitmap] of degeneratePictures(width)) assertArrives(bitmap);
    for (const longest of [1, 3, 40, 3000]) assertArrives(runsPicture(1728, 60, longest, seeded(longest)));
  });

  test('hands out a row as soon as no row can be longer than what has come', () => {
    const bitmap = runsPicture(1728, 400, 30, seeded(5));
    const coded = encodeT6(bitmap);
    let rows = 0;
    const decoder = createT6Decoder({ width: 1728, maxRows: 1000, onRow: () => rows++ });
    decoder.push(coded.subarray(0, coded.length >> 1));
    assert.ok(rows > 150, `${rows} rows of the first half`);
  });

  test('ends where it is cut, as the decoder of whole images says', () => {
    const coded = encodeT6(runsPicture(300, 40, 25, seeded(11)));
    for (let length = 0; length < coded.length; length++) {
      const cut = coded.subarray(0, length);
      const { report } = decodeIn(13, cut, 300);
      assert.equal(report.rows, decodeT6(cut, { width: 300, maxRows: 4000 }).rows);
      assert.notEqual(report.end, 'eofb');
    }
  });

  test('ends in padding, in damage or at its limit', () => {
    const coded = encodeT6(runsPicture(300, 40, 25, seeded(11)));
    const padded = new Uint8Array(coded.length + 500);
    padded.set(coded);
    assert.equal(decodeIn(64, padded, 300).report.end, 'eofb');
    assert.equal(decodeIn(64, new Uint8Array(900), 300).report.end, 'data-end');
    assert.equal(decodeIn(64, new Uint8Array(0), 300).report.end, 'data-end');
    assert.equal(decodeIn(64, Uint8Array.of(0, 0x70, 0, 1), 300).report.end, 'damaged');
    assert.deepEqual(decodeIn(64, coded, 300, 17).report, { rows: 17, end: 'limit' });
    assert.deepEqual(decodeIn(64, coded, 300, 0).report, { rows: 0, end: 'limit' });
  });
});
