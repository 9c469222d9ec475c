import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodePage, type StoredPage } from '../../../../../carrier-adapters/sip-t38/call/pages/encode.ts';
import { fitPage } from '../../../../../carrier-adapters/sip-t38/call/pages/fit.ts';
import type { PageTerms } from '../../../../../carrier-adapters/sip-t38/t30/page-terms.ts';
import {
  type Bitmap,
  blankBitmap,
  createT4Encoder,
  createT6Encoder,
  decodeT4,
  decodeT6,
  encodeT6,
} from '../../../../../gateway/imaging/index.ts';
import { runsPicture, seeded } from '../../../imaging/pictures.ts';
import { MMR_FINE, plain } from './terms.ts';

interface Counted extends StoredPage {
  /** Octets of every chunk that was handed out. */
  readonly chunks: Uint8Array[];
}

/** `bitmap` as a stored page, in chunks that are zeroed as the vault's are. */
function stored(bitmap: Bitmap, xDpi = 204, yDpi = 196, t6 = encodeT6(bitmap)): Counted {
  const chunks: Uint8Array[] = [];
  return {
    width: bitmap.width,
    rows: bitmap.rows,
    xDpi,
    yDpi,
    chunks,
    async *open() {
      for (let at = 0; at < t6.length; at += 1000) {
        const chunk = t6.slice(at, at + 1000);
        chunks.push(chunk);
        yield chunk;
        chunk.fill(0);
      }
    },
  };
}

/** A pause that counts itself. */
function pauses(): { count: number; pause: () => Promise<void> } {
  const counted = { count: 0, pause: async () => void counted.count++ };
  return counted;
}

const noPause = async () => {};
const page = runsPicture(1728, 500, 40, seeded(3));

describe('coding a page as it was agreed on', () => {
  test('a page that fits and goes in MMR is sent in the octets it is stored in', async () => {
    const counted = pauses();
    assert.deepEqual(await encodePage(stored(page), MMR_FINE, counted.pause), encodeT6(page));
    assert.equal(counted.count, 0);
  });

  test('200×200 per inch is 204×196, 200×100 is 204×98 and 400×400 is 408×391', async () => {
    const inch: PageTerms = { ...MMR_FINE, xDpi: 200, yDpi: 200 };
    assert.deepEqual(await encodePage(stored(page), inch, noPause), encodeT6(page));
    const standard: PageTerms = { ...MMR_FINE, xDpi: 200, yDpi: 100 };
    assert.deepEqual(await encodePage(stored(page, 204, 98), standard, noPause), encodeT6(page));
    const wide = runsPicture(3456, 60, 40, seeded(3));
    const dense: PageTerms = { ...MMR_FINE, width: 3456, xDpi: 400, yDpi: 400 };
    assert.deepEqual(await encodePage(stored(wide, 408, 391), dense, noPause), encodeT6(wide));
  });

  test('EOFB is put where it is missing, whatever the padding', async () => {
    const encoder = createT6Encoder(page.width);
    encoder.rows(page.data, 0, page.rows);
    const bare = encoder.take();
    // The bits of the last octet begun come with the EOFB: without it, one octet of the last row is missing but for zeros.
    const whole = encodeT6(page);
    const cut = whole.slice(0, bare.length + 1);
    assert.ok(whole.length > cut.length);
    const got = await encodePage(stored(page, 204, 196, cut), MMR_FINE, noPause);
    assert.deepEqual(got, whole);
    for (let rows = 1; rows <= 12; rows++) {
      const small = runsPicture(64, rows, 9, seeded(rows));
      const terms = { ...MMR_FINE, width: 64 };
      assert.deepEqual(await encodePage(stored(small), terms, noPause), encodeT6(small));
    }
    const empty = blankBitmap(1728, 1);
    assert.deepEqual(await encodePage(stored(empty), MMR_FINE, noPause), encodeT6(empty));
  });

  for (const compression of ['MH', 'MR'] as const) {
    test(`${compression} has its EOLs, fill and RTC`, async () => {
      const counted = pauses();
      const coded = await encodePage(stored(page), plain(compression, { minScanTime: 10 }), counted.pause);
      const expected = createT4Encoder({ width: 1728, mode: compression, k: 4, minScanLineBits: 144 });
      expected.rows(page.data, 0, page.rows);
      assert.deepEqual(coded, expected.finish());
      const decoded = decodeT4(coded, { width: 1728, mode: compression, maxRows: 600 });
      assert.deepEqual([decoded.bitmap, decoded.complete, decoded.badRows], [page, true, 0]);
      assert.equal(counted.count, Math.ceil(500 / 64), 'others may run between bands of 64 rows');
    });
  }

  test('parameter K follows the resolution', async () => {
    for (const [yDpi, k] of [
      [98, 2],
      [196, 4],
      [300, 6],
      [391, 8],
    ] as const) {
      const coded = await encodePage(stored(page, 204, yDpi), plain('MR', { yDpi }), noPause);
      const expected = createT4Encoder({ width: 1728, mode: 'MR', k });
      expected.rows(page.data, 0, page.rows);
      assert.deepEqual(coded, expected.finish(), `${yDpi}`);
    }
  });

  test('every line takes the minimum scan line time at the rate', async () => {
    const blank = blankBitmap(1728, 100);
    for (const [rate, minScanTime] of [
      [14_400, 20],
      [2400, 40],
      [9600, 5],
    ] as const) {
      const coded = await encodePage(stored(blank), plain('MH', { rate, minScanTime }), noPause);
      assert.ok(8 * coded.length >= (100 * rate * minScanTime) / 1000, `${rate} ${minScanTime}`);
    }
  });

  test('a resolution that the receiver lacks is scaled down, not cut', async () => {
    const coded = await encodePage(stored(page), plain('MH', { yDpi: 98 }), noPause);
    const { bitmap, complete } = decodeT4(coded, { width: 1728, mode: 'MH', maxRows: 600 });
    assert.deepEqual([bitmap.rows, complete], [250, true]);
  });

  test('a page of B4 goes on A4 in both directions', async () => {
    const wide = runsPicture(2048, 600, 60, seeded(4));
    const coded = await encodePage(stored(wide), MMR_FINE, noPause);
    const { bitmap, complete } = decodeT6(coded, { width: 1728, maxRows: 700 });
    assert.deepEqual([bitmap.rows, complete], [506, true]);
  });

  test('a narrower page stands in the middle of a wider line', async () => {
    const wider: PageTerms = { ...MMR_FINE, width: 2048 };
    const { bitmap } = decodeT6(await encodePage(stored(page), wider, noPause), { width: 2048, maxRows: 700 });
    assert.equal(bitmap.rows, 500);
    for (let y = 0; y < 500; y++) {
      const row = bitmap.data.subarray(y * bitmap.stride, (y + 1) * bitmap.stride);
      assert.ok(row.subarray(0, 20).every((octet) => octet === 0));
      assert.deepEqual(row.subarray(20, 236), page.data.subarray(y * page.stride, (y + 1) * page.stride));
    }
  });

  test('a stored page that is damaged or too short is no page, and nothing of it stays behind', async () => {
    const t6 = encodeT6(page);
    const damaged = t6.slice();
    damaged.fill(0, 400, 420);
    for (const bad of [damaged, t6.slice(0, 300), new Uint8Array(0)]) {
      const source = stored(page, 204, 196, bad);
      await assert.rejects(encodePage(source, plain('MH'), noPause), { code: 'unreadable' });
      assert.ok(source.chunks.every((chunk) => chunk.every((octet) => octet === 0)));
    }
  });

  test('a page that cannot be read rejects as its source does', async () => {
    const broken: StoredPage = {
      ...stored(page),
      open: () => ({
        [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('the key is gone')) }),
      }),
    };
    await assert.rejects(encodePage(broken, MMR_FINE, noPause), /the key is gone/);
  });
});

describe('where a page stands on the far paper', () => {
  const a4 = { width: 1728, rows: 2292, xDpi: 204, yDpi: 196 };

  test('a page that fits is not touched', () => {
    assert.deepEqual(fitPage(a4, { ...MMR_FINE, maxRows: 2310 }), {
      width: 1728,
      rows: 2292,
      left: 0,
      lineWidth: 1728,
    });
  });

  test('a page of Legal on paper of A4 is smaller in both directions and stands in the middle', () => {
    const fit = fitPage({ ...a4, rows: 2744 }, { ...MMR_FINE, maxRows: 2287 });
    assert.deepEqual(fit, { width: 1440, rows: 2287, left: 144, lineWidth: 1728 });
  });

  test('wide, long and fine at once is scaled once', () => {
    const fit = fitPage({ width: 2432, rows: 6876, xDpi: 204, yDpi: 391 }, { ...MMR_FINE, maxRows: 2287 });
    assert.deepEqual(fit, { width: 1616, rows: 2287, left: 56, lineWidth: 1728 });
  });

  test('300 per inch goes down to 200 and up to 400 by its own measure', () => {
    const page300 = { width: 2592, rows: 3000, xDpi: 300, yDpi: 300 };
    assert.deepEqual(fitPage(page300, MMR_FINE), { width: 1728, rows: 2000, left: 0, lineWidth: 1728 });
    const up = fitPage(page300, { ...MMR_FINE, width: 3456, xDpi: 400, yDpi: 400 });
    assert.deepEqual(up, { width: 3456, rows: 4000, left: 0, lineWidth: 3456 });
  });
});
