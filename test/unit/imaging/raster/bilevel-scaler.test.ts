import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BilevelScaler, type Bitmap, blankBitmap } from '../../../../gateway/imaging/index.ts';
import { readGolden } from '../../../golden/pages.ts';
import { setPixel } from '../pictures.ts';

/** `bitmap` scaled, with the rows of the source that were read. */
function scale(bitmap: Bitmap, width: number, rows: number): { scaled: Bitmap; read: number[] } {
  const read: number[] = [];
  const scaler = new BilevelScaler(
    bitmap,
    (y, pixels) => {
      read.push(y);
      pixels.set(bitmap.data.subarray(y * bitmap.stride, (y + 1) * bitmap.stride));
    },
    { width, rows },
  );
  const scaled = blankBitmap(width, rows);
  let at = 0;
  for (let band = scaler.next(); band !== null; band = scaler.next()) {
    scaled.data.set(band.data, at);
    at += band.data.length;
  }
  assert.equal(at, scaled.data.length);
  return { scaled, read };
}

function drawn(width: number, rows: number, black: (x: number, y: number) => boolean): Bitmap {
  const bitmap = blankBitmap(width, rows);
  for (let y = 0; y < rows; y++) for (let x = 0; x < width; x++) if (black(x, y)) setPixel(bitmap, x, y);
  return bitmap;
}

const isBlack = (bitmap: Bitmap, x: number, y: number) =>
  (((bitmap.data[y * bitmap.stride + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1) === 1;

function blackShare(bitmap: Bitmap): number {
  let black = 0;
  for (let y = 0; y < bitmap.rows; y++) for (let x = 0; x < bitmap.width; x++) if (isBlack(bitmap, x, y)) black++;
  return black / (bitmap.width * bitmap.rows);
}

describe('scaling a page of black and white', () => {
  test('reads every row once, in order', () => {
    const { read } = scale(blankBitmap(64, 700), 64, 350);
    assert.deepEqual(
      read,
      Array.from({ length: 700 }, (_, y) => y),
    );
  });

  test('keeps a rule of one row, wherever it falls, at half and at a quarter of the rows', () => {
    for (const factor of [2, 4]) {
      for (let line = 280; line < 300; line++) {
        const { scaled } = scale(
          drawn(160, 600, (_, y) => y === line),
          160,
          600 / factor,
        );
        const rows = Array.from({ length: scaled.rows }, (_, y) => y).filter((y) => isBlack(scaled, 80, y));
        assert.deepEqual(rows, [Math.floor(line / factor)], `row ${line} by ${factor}`);
      }
    }
  });

  test('keeps a rule of one column when a page of B4 goes on A4', () => {
    for (let column = 1000; column < 1016; column++) {
      const { scaled } = scale(
        drawn(2048, 40, (x) => x === column),
        1728,
        34,
      );
      for (let y = 4; y < 30; y++) {
        const black = Array.from({ length: 1728 }, (_, x) => x).filter((x) => isBlack(scaled, x, y));
        assert.ok(black.length >= 1 && black.length <= 2, `column ${column}, row ${y}: ${black}`);
        assert.ok(Math.abs((black[0] ?? 0) - column * (1728 / 2048)) < 2);
      }
    }
  });

  test('keeps the ink of a letter, and is the same in one band and in many', () => {
    const letter = readGolden('letter-8-fine');
    const { scaled } = scale(letter, letter.width, Math.round(letter.rows / 2));
    const [before, after] = [blackShare(letter), blackShare(scaled)];
    assert.ok(after > before * 0.95 && after < before * 1.4, `${before} → ${after}`);
    // Any seam would show where a band of 64 rows ends: text there is no other than text elsewhere.
    const { scaled: shifted } = scale(
      { ...letter, rows: letter.rows - 32, data: letter.data.subarray(32 * letter.stride) },
      letter.width,
      Math.round(letter.rows / 2) - 16,
    );
    let different = 0;
    for (let y = 8; y < shifted.rows - 8; y++) {
      for (let x = 0; x < shifted.stride; x++) {
        if (shifted.data[y * shifted.stride + x] !== scaled.data[(y + 16) * scaled.stride + x]) different++;
      }
    }
    assert.ok(different < 0.001 * shifted.data.length, `${different} of ${shifted.data.length} octets`);
  });
});
