import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Bitmap,
  createT4Encoder,
  createT6Encoder,
  decodeRuns,
  decodeT4,
  decodeT6,
  encodeT6,
  type T4EncoderOptions,
} from '../../../../gateway/imaging/index.ts';
import { degeneratePictures, runsPicture, seeded, WIDTHS } from '../pictures.ts';

const T4_KINDS: Omit<T4EncoderOptions, 'width'>[] = [
  { mode: 'MH' },
  { mode: 'MH', eolAlign: true, minScanLineBits: 96 },
  { mode: 'MH', bitOrder: 'lsb-first', minScanLineBits: 672 },
  { mode: 'MR' },
  { mode: 'MR', k: 1 },
  { mode: 'MR', k: 4, eolAlign: true },
  { mode: 'MR', k: 8, bitOrder: 'lsb-first', minScanLineBits: 48 },
];

function assertRoundTrips(bitmap: Bitmap): void {
  const size = { width: bitmap.width, maxRows: bitmap.rows + 1 };
  const coded = encodeT6(bitmap);
  const t6 = decodeT6(coded, size);
  assert.deepEqual(t6.bitmap, bitmap);
  assert.deepEqual([t6.complete, t6.rows, t6.badRows, t6.consumed], [true, bitmap.rows, 0, coded.length]);
  for (const kind of T4_KINDS) {
    const encoder = createT4Encoder({ width: bitmap.width, ...kind });
    encoder.rows(bitmap.data, 0, bitmap.rows);
    const bitOrder = kind.bitOrder ?? 'msb-first';
    const t4 = decodeT4(encoder.finish(), { ...size, mode: kind.mode, bitOrder });
    assert.deepEqual([t4.complete, t4.rows, t4.badRows], [true, bitmap.rows, 0], JSON.stringify(kind));
    assert.deepEqual(t4.bitmap, bitmap, JSON.stringify(kind));
  }
}

describe('what is coded is decoded to the same pixels', () => {
  for (const width of WIDTHS) {
    test(`in every mode, degenerate pictures ${width} wide`, () => {
      for (const [, bitmap] of degeneratePictures(width)) assertRoundTrips(bitmap);
    });

    test(`in every mode, random runs ${width} wide`, () => {
      const random = seeded(width);
      for (const longest of [1, 3, 40, 3000]) assertRoundTrips(runsPicture(width, 24, longest, random));
    });
  }

  test('whatever stands in the bits behind the last column', () => {
    const bitmap = runsPicture(13, 5, 4, seeded(7));
    const dirty = { ...bitmap, data: bitmap.data.map((byte, i) => (i % 2 === 1 ? byte | 0b111 : byte)) };
    assert.deepEqual(encodeT6(dirty), encodeT6(bitmap));
  });

  test('whatever chunks the coded bytes are taken in', () => {
    const bitmap = runsPicture(1728, 200, 30, seeded(3));
    const encoder = createT6Encoder(1728);
    const chunks: Uint8Array[] = [];
    for (let y = 0; y < bitmap.rows; y++) {
      encoder.rows(bitmap.data, y * bitmap.stride);
      if (y % 3 === 0) chunks.push(encoder.take());
    }
    chunks.push(encoder.finish());
    assert.deepEqual(new Uint8Array(Buffer.concat(chunks)), encodeT6(bitmap));
  });
});

describe('minimum scan line time', () => {
  test('makes no row with its EOL shorter than asked', () => {
    const white = new Uint8Array(216);
    for (const minScanLineBits of [0, 20, 96, 288, 672]) {
      const encoder = createT4Encoder({ width: 1728, mode: 'MH', minScanLineBits, rtc: false });
      encoder.rows(white);
      const one = encoder.finish().length;
      // EOL and the white row of 1728 pixels have 12 + 9 + 8 bits.
      assert.equal(one, Math.ceil(Math.max(29, minScanLineBits) / 8));
    }
  });
});

describe('rows without EOLs (TIFF compression 2)', () => {
  /** MH rows cut out of a page with EOLs: begin after twelve bits, pad to `align`. */
  function withoutEols(bitmap: Bitmap, align: number): Uint8Array {
    let bits = '';
    for (let y = 0; y < bitmap.rows; y++) {
      const encoder = createT4Encoder({ width: bitmap.width, mode: 'MH' });
      encoder.rows(bitmap.data, y * bitmap.stride);
      const row = [...encoder.finish()].map((byte) => byte.toString(2).padStart(8, '0')).join('');
      bits += row.slice(12, row.indexOf('000000000001'.repeat(6), 12));
      bits = bits.padEnd(Math.ceil(bits.length / align) * align, '0');
    }
    return Uint8Array.from(bits.match(/.{1,8}/g) ?? [], (byte) => Number.parseInt(byte.padEnd(8, '0'), 2));
  }

  for (const alignBits of [1, 8, 16] as const) {
    test(`are read when they begin at multiples of ${alignBits} bits`, () => {
      const bitmap = runsPicture(100, 20, 30, seeded(alignBits));
      const coded = withoutEols(bitmap, alignBits);
      const result = decodeRuns(coded, { width: 100, rows: 20, maxRows: 20, alignBits });
      assert.ok(result.complete);
      assert.deepEqual(result.bitmap, bitmap);
    });
  }

  test('are read by the T.4 decoder too when not one EOL stands in them', () => {
    const bitmap = runsPicture(100, 20, 30, seeded(5));
    const result = decodeT4(withoutEols(bitmap, 1), { width: 100, rows: 20, maxRows: 20, mode: 'MH' });
    assert.ok(result.complete);
    assert.deepEqual(result.bitmap, bitmap);
  });
});
