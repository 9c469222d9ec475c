import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Bitmap,
  createT4Decoder,
  createT4Encoder,
  createT6Encoder,
  decodeRuns,
  decodeT4,
  decodeT6,
  encodeT6,
  type RowQuality,
  type T4Mode,
  T6RowReader,
} from '../../../../gateway/imaging/index.ts';
import { runsPicture, seeded } from '../pictures.ts';

function encodeT4(bitmap: Bitmap, mode: T4Mode, k = 4): Uint8Array {
  const encoder = createT4Encoder({ width: bitmap.width, mode, k });
  encoder.rows(bitmap.data, 0, bitmap.rows);
  return encoder.finish();
}

function rowOf(bitmap: Bitmap, y: number): Uint8Array {
  return bitmap.data.subarray(y * bitmap.stride, (y + 1) * bitmap.stride);
}

/** Byte offsets at which each row's EOL begins, from a coder that is asked row by row. */
function rowStarts(bitmap: Bitmap, mode: T4Mode, k: number): number[] {
  const encoder = createT4Encoder({ width: bitmap.width, mode, k });
  const starts: number[] = [];
  let at = 0;
  for (let y = 0; y < bitmap.rows; y++) {
    starts.push(at);
    encoder.rows(bitmap.data, y * bitmap.stride);
    at += encoder.take().length;
  }
  return starts;
}

describe('a cut page ends in a result', () => {
  const bitmap = runsPicture(300, 40, 25, seeded(11));

  test('at every byte of T.6', () => {
    const coded = encodeT6(bitmap);
    for (let length = 0; length < coded.length; length++) {
      const cut = coded.subarray(0, length);
      const open = decodeT6(cut, { width: 300, maxRows: 100 });
      assert.equal(open.complete, false);
      assert.ok(open.rows <= 40 && open.consumed <= length);
      assert.deepEqual(open.bitmap.data, bitmap.data.subarray(0, open.bitmap.data.length));
      const known = decodeT6(cut, { width: 300, rows: 40, maxRows: 100 });
      assert.equal(known.bitmap.rows, 40);
      assert.equal(known.badRows, 40 - known.rows);
    }
  });

  for (const mode of ['MH', 'MR'] as const) {
    test(`at every byte of ${mode}`, () => {
      const coded = encodeT4(bitmap, mode);
      for (let length = 0; length < coded.length; length++) {
        const result = decodeT4(coded.subarray(0, length), { width: 300, rows: 40, maxRows: 100, mode });
        assert.ok(result.rows <= 40 && result.consumed <= length);
        assert.equal(result.badRows, 40 - result.rows);
        assert.deepEqual(result.bitmap.data.subarray(0, result.rows * 38), bitmap.data.subarray(0, result.rows * 38));
      }
    });
  }
});

describe('a T.6 page', () => {
  test('ends at its EOFB and leaves what stands behind', () => {
    const bitmap = runsPicture(64, 5, 9, seeded(1));
    const coded = encodeT6(bitmap);
    const result = decodeT6(Buffer.concat([coded, Buffer.alloc(50, 0xff)]), { width: 64, maxRows: 100 });
    assert.deepEqual([result.rows, result.complete, result.consumed], [5, true, coded.length]);
  });

  test('without EOFB is complete when all rows that were asked for are there', () => {
    const bitmap = runsPicture(64, 5, 9, seeded(2));
    const encoder = createT6Encoder(64);
    encoder.rows(bitmap.data, 0, 5);
    const coded = encoder.finish().subarray(0, -3);
    assert.equal(decodeT6(coded, { width: 64, rows: 5, maxRows: 100 }).complete, true);
    assert.equal(decodeT6(coded, { width: 64, maxRows: 100 }).complete, false);
  });

  test('of endless white rows stops at maxRows', () => {
    const result = decodeT6(new Uint8Array(1000).fill(0xff), { width: 1728, maxRows: 70 });
    assert.deepEqual([result.rows, result.bitmap.rows, result.complete], [70, 70, false]);
  });

  test('says why it ended', () => {
    const end = (bytes: number[]) => {
      const reader = new T6RowReader(Uint8Array.from(bytes), 8);
      const pixels = new Uint8Array(1);
      while (reader.next(pixels, 0));
      return reader.end;
    };
    assert.equal(end([0x00, 0x10, 0x01]), 'eofb');
    assert.equal(end([0b1000_0000, 0x01, 0x00, 0x10]), 'damaged');
    assert.equal(end([0b0010_0000]), 'data-end');
  });

  /** Code words as bytes, with EOFB. */
  function bytesOf(...words: string[]): Uint8Array {
    const bits = [...words, '000000000001', '000000000001'].join('');
    return Uint8Array.from(bits.match(/.{1,8}/g) ?? [], (byte) => Number.parseInt(byte.padEnd(8, '0'), 2));
  }
  const [HORIZONTAL, WHITE_0, WHITE_2, BLACK_0, BLACK_3, V0] = ['001', '00110101', '0111', '0000110111', '10', '1'];

  test('with runs of no pixels inside a row is read as the row they mean', () => {
    const row = [HORIZONTAL, WHITE_2, BLACK_0, HORIZONTAL, WHITE_0, BLACK_3, V0];
    const result = decodeT6(bytesOf(...row, V0, V0, V0), { width: 8, maxRows: 9 });
    assert.deepEqual([...result.bitmap.data], [0b0011_1000, 0b0011_1000]);
    assert.ok(result.complete);
  });

  test('with more runs of no pixels than the row has columns is no harder', () => {
    const nothing = new Array(5000).fill([HORIZONTAL, WHITE_0, BLACK_0]).flat();
    const row = [...nothing, HORIZONTAL, WHITE_2, BLACK_3, V0];
    const result = decodeT6(bytesOf(...row, V0, V0, V0), { width: 8, maxRows: 9 });
    assert.deepEqual([...result.bitmap.data], [0b0011_1000, 0b0011_1000]);
    assert.ok(result.complete);
  });
});

describe('a damaged T.4 row', () => {
  const bitmap = runsPicture(400, 30, 60, seeded(21));

  test('is replaced by the row above and counted, and the rows behind are whole (MH)', () => {
    const coded = encodeT4(bitmap, 'MH');
    const starts = rowStarts(bitmap, 'MH', 1);
    // Ten zero bits and a few ones: no such code word, and no EOL.
    const at = (starts[10] ?? 0) + 3;
    coded.set([0b1000_0000, 0b0011_0000], at);
    const result = decodeT4(coded, { width: 400, rows: 30, maxRows: 30, mode: 'MH' });
    assert.deepEqual([result.rows, result.badRows, result.longestBadRun, result.complete], [30, 1, 1, true]);
    assert.deepEqual(rowOf(result.bitmap, 10), rowOf(bitmap, 9));
    for (const y of [0, 9, 11, 29]) assert.deepEqual(rowOf(result.bitmap, y), rowOf(bitmap, y));
  });

  test('loses the rows up to the next one-dimensional one, no more (MR, K = 4)', () => {
    const coded = encodeT4(bitmap, 'MR', 4);
    const starts = rowStarts(bitmap, 'MR', 4);
    coded.set([0b1000_0000, 0b0011_0000], (starts[8] ?? 0) + 3);
    const result = decodeT4(coded, { width: 400, rows: 30, maxRows: 30, mode: 'MR' });
    assert.deepEqual([result.rows, result.badRows, result.longestBadRun], [30, 4, 4]);
    for (const y of [8, 9, 10, 11]) assert.deepEqual(rowOf(result.bitmap, y), rowOf(bitmap, 7));
    for (const y of [7, 12, 29]) assert.deepEqual(rowOf(result.bitmap, y), rowOf(bitmap, y));
  });

  test('far too long for its width is dropped in bounded memory', () => {
    const coded = encodeT4(bitmap, 'MH');
    const start = rowStarts(bitmap, 'MH', 1)[10] ?? 0;
    const noise = Buffer.alloc(100_000, 0x55);
    const result = decodeT4(Buffer.concat([coded.subarray(0, start + 4), noise, coded.subarray(start + 4)]), {
      width: 400,
      rows: 30,
      maxRows: 30,
      mode: 'MH',
    });
    assert.deepEqual([result.rows, result.badRows], [30, 1]);
    assert.deepEqual(rowOf(result.bitmap, 29), rowOf(bitmap, 29));
  });
});

describe('the T.4 decoder as bytes arrive', () => {
  const bitmap = runsPicture(200, 25, 20, seeded(31));

  function receive(coded: Uint8Array, mode: T4Mode, chunk: number, maxRows = 100) {
    const rows: { pixels: Uint8Array; quality: RowQuality }[] = [];
    const decoder = createT4Decoder({
      width: 200,
      mode,
      maxRows,
      onRow: (pixels, quality) => rows.push({ pixels: pixels.slice(), quality }),
    });
    for (let at = 0; at < coded.length; at += chunk) decoder.push(coded.subarray(at, at + chunk));
    return { rows, report: decoder.finish() };
  }

  for (const mode of ['MH', 'MR'] as const) {
    test(`gives the same rows for any chunks (${mode})`, () => {
      const coded = encodeT4(bitmap, mode);
      for (const chunk of [1, 2, 3, 40, 10_000]) {
        const { rows, report } = receive(coded, mode, chunk);
        assert.deepEqual(new Uint8Array(Buffer.concat(rows.map(({ pixels }) => pixels))), bitmap.data);
        assert.ok(rows.every(({ quality }) => quality === 'good'));
        assert.deepEqual([report.end, report.rows, report.badRows], ['rtc', 25, 0]);
      }
    });
  }

  test('passes over noise before the first EOL and any fill', () => {
    const coded = Buffer.concat([Buffer.from('a5c39b', 'hex'), Buffer.alloc(5000), encodeT4(bitmap, 'MH')]);
    const { report } = receive(coded, 'MH', 100);
    assert.deepEqual([report.end, report.rows, report.badRows], ['rtc', 25, 0]);
  });

  test('ignores what follows RTC', () => {
    const coded = Buffer.concat([encodeT4(bitmap, 'MR'), encodeT4(bitmap, 'MR')]);
    assert.equal(receive(coded, 'MR', 7).report.rows, 25);
  });

  test('takes a damaged RTC of three EOLs for the end', () => {
    const coded = encodeT4(bitmap, 'MH');
    coded.fill(0xff, coded.length - 4);
    assert.deepEqual([receive(coded, 'MH', 7).report.end, receive(coded, 'MH', 7).report.badRows], ['rtc', 0]);
  });

  test('stops at maxRows', () => {
    const { rows, report } = receive(encodeT4(bitmap, 'MH'), 'MH', 5, 10);
    assert.deepEqual([rows.length, report.end], [10, 'limit']);
  });
});

describe('noise is decoded to a result', () => {
  test('in every mode and both bit orders', () => {
    const random = seeded(99);
    for (let round = 0; round < 300; round++) {
      const noise = Uint8Array.from({ length: random() % 400 }, () => random() >>> 24);
      const width = 1 + (random() % 3000);
      const size = { width, maxRows: 50 };
      for (const result of [
        decodeT6(noise, size),
        decodeT4(noise, { ...size, mode: 'MH' }),
        decodeT4(noise, { ...size, mode: 'MR', bitOrder: 'lsb-first' }),
        decodeT4(noise, { ...size, rows: 9, mode: 'MR' }),
        decodeRuns(noise, { ...size, alignBits: 8 }),
      ]) {
        assert.ok(result.rows <= 50 && result.consumed <= noise.length);
        assert.equal(result.bitmap.data.length, result.bitmap.rows * Math.ceil(width / 8));
      }
    }
  });

  test('a coded page with any single bit turned', () => {
    const bitmap = runsPicture(60, 12, 9, seeded(5));
    const coded = { t6: encodeT6(bitmap), mh: encodeT4(bitmap, 'MH'), mr: encodeT4(bitmap, 'MR', 2) };
    for (const [kind, bytes] of Object.entries(coded)) {
      for (let bit = 0; bit < 8 * bytes.length; bit++) {
        const turned = bytes.slice();
        turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
        const size = { width: 60, rows: 12, maxRows: 12 };
        const result =
          kind === 't6' ? decodeT6(turned, size) : decodeT4(turned, { ...size, mode: kind === 'mh' ? 'MH' : 'MR' });
        assert.equal(result.bitmap.rows, 12);
      }
    }
  });
});

test('a width that no row can have is our own fault', () => {
  for (const width of [0, -1, 1.5, 65_536, Number.NaN]) {
    assert.throws(() => decodeT6(new Uint8Array(1), { width, maxRows: 1 }), RangeError);
    assert.throws(() => createT6Encoder(width), RangeError);
  }
});
