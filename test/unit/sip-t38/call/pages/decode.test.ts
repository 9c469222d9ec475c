import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createPageDecoder, type PageReport } from '../../../../../carrier-adapters/sip-t38/call/pages/decode.ts';
import { judge } from '../../../../../carrier-adapters/sip-t38/call/pages/quality.ts';
import type { PageTerms } from '../../../../../carrier-adapters/sip-t38/t30/page-terms.ts';
import { type Bitmap, blankBitmap, createT4Encoder, decodeT6, encodeT6 } from '../../../../../gateway/imaging/index.ts';
import { runsPicture, seeded } from '../../../imaging/pictures.ts';
import { MMR_FINE, plain } from './terms.ts';

const page = runsPicture(1728, 400, 40, seeded(9));

function t4(bitmap: Bitmap, mode: 'MH' | 'MR', rtc = true, minScanLineBits = 0): Uint8Array {
  const encoder = createT4Encoder({ width: bitmap.width, mode, k: 4, rtc, minScanLineBits });
  encoder.rows(bitmap.data, 0, bitmap.rows);
  return encoder.finish();
}

/** What comes of coded octets that arrive in pieces; `gaps`: pieces that are lost. */
function receive(
  coded: Uint8Array,
  terms: PageTerms,
  size = 100,
  gaps: readonly number[] = [],
): { t6: Uint8Array; report: PageReport } {
  const decoder = createPageDecoder(terms);
  const parts: number[] = [];
  let lost = 0;
  for (let at = 0, piece = 0; at < coded.length; at += size, piece++) {
    if (gaps.includes(piece)) lost++;
    else {
      parts.push(...decoder.push(coded.subarray(at, at + size), lost));
      lost = 0;
    }
  }
  if (lost > 0) parts.push(...decoder.push(new Uint8Array(), lost));
  const { t6, report } = decoder.finish();
  return { t6: Uint8Array.from([...parts, ...t6]), report };
}

describe('a page that comes off the line', () => {
  test('is stored as T.6, whatever its coding and pieces', () => {
    for (const size of [1, 37, 256, 65_536]) {
      const pages: [Uint8Array, PageTerms][] = [
        [encodeT6(page), MMR_FINE],
        [t4(page, 'MH'), plain('MH')],
        [t4(page, 'MR'), plain('MR')],
        [t4(page, 'MH'), { ...plain('MH'), ecm: true }],
      ];
      for (const [coded, terms] of pages) {
        const { t6, report } = receive(coded, terms, size);
        assert.deepEqual(report, { rows: 400, badRows: 0, longestBadRun: 0, verdict: 'good' });
        assert.deepEqual(t6, encodeT6(page));
      }
    }
  });

  test('padding of ECM behind the page is left out', () => {
    const coded = encodeT6(page);
    const padded = new Uint8Array(coded.length + 255);
    padded.set(coded);
    assert.deepEqual(receive(padded, MMR_FINE).t6, coded);
  });

  test('with error correction, a page without EOFB or RTC is whole', () => {
    const coded = encodeT6(page);
    // 24 bits of EOFB and up to seven of padding.
    const open = coded.slice(0, -3);
    open[open.length - 1] = 0;
    assert.ok(receive(open, MMR_FINE).report.rows >= 399);
    const bare = t4(page, 'MR', false);
    assert.deepEqual(receive(bare, { ...plain('MR'), ecm: true }).report.verdict, 'good');
  });

  test('without error correction, a page without RTC may lack its end and is refused', () => {
    const coded = t4(page, 'MH');
    assert.equal(receive(coded.subarray(0, coded.length - 12), plain('MH')).report.verdict, 'bad');
    assert.equal(receive(t4(page, 'MR', false), plain('MR')).report.verdict, 'bad');
  });

  test('T.6 that does not decode is refused', () => {
    const coded = encodeT6(page);
    coded.fill(0xaa, 500, 520);
    const { report } = receive(coded, MMR_FINE);
    assert.equal(report.verdict, 'bad');
    assert.ok(report.rows < 400);
  });

  test('a page without a line is refused', () => {
    assert.equal(receive(new Uint8Array(0), MMR_FINE).report.verdict, 'bad');
    assert.equal(receive(new Uint8Array(500), plain('MH')).report.verdict, 'bad');
    assert.equal(receive(encodeT6(blankBitmap(1728, 0)), MMR_FINE).report.verdict, 'bad');
  });

  test('a page of more than two metres is cut and refused', () => {
    // White lines are one bit each in T.6.
    const { report } = receive(new Uint8Array(4000).fill(0xff), { ...MMR_FINE, yDpi: 98 });
    assert.deepEqual(report, { rows: 7717, badRows: 0, longestBadRun: 0, verdict: 'bad' });
  });

  test('octets lost on the way are bad rows, even where every line that is left is right', () => {
    const blank = blankBitmap(1728, 400);
    const coded = t4(blank, 'MH', true, 8 * 20);
    const pieces = Math.ceil(coded.length / 40);
    const { report } = receive(coded, plain('MH'), 40, [Math.floor(pieces / 2)]);
    assert.equal(report.verdict, 'fair', 'two of four hundred');
    assert.ok(report.badRows >= 2 && report.longestBadRun >= 2);
    const many = Array.from({ length: 30 }, (_, i) => 5 * i);
    assert.equal(receive(coded, plain('MH'), 40, many).report.verdict, 'bad');
  });

  test('packets that held more than half a line of type make a page bad, however right the rest is', () => {
    const blank = t4(blankBitmap(1728, 400), 'MH', true, 8 * 20);
    const after = (packets: number) => Array.from({ length: packets }, (_, i) => 50 + i);
    // Two rows a packet, 7.7 rows a millimetre.
    assert.equal(receive(blank, plain('MH'), 40, after(4)).report.verdict, 'fair');
    assert.equal(receive(blank, plain('MH'), 40, after(6)).report.verdict, 'bad');
    assert.equal(receive(t4(page, 'MH'), plain('MH'), 72, after(40)).report.verdict, 'bad');
  });

  test('what is lost behind the end of the page is none of it', () => {
    const coded = t4(page, 'MH');
    const decoder = createPageDecoder(plain('MH'));
    const first = decoder.push(coded);
    decoder.push(new Uint8Array(), 5);
    const { t6, report } = decoder.finish();
    assert.equal(report.verdict, 'good');
    assert.deepEqual(Uint8Array.from([...first, ...t6]), encodeT6(page));
  });

  test('every page with a gap is told from a whole one', () => {
    const random = seeded(77);
    const coded = t4(page, 'MH');
    for (let round = 0; round < 40; round++) {
      const size = 10 + (random() % 90);
      const piece = random() % Math.floor((coded.length - 20) / size);
      const { t6, report } = receive(coded, plain('MH'), size, [piece]);
      assert.ok(report.badRows > 0, `piece ${piece} of ${size}`);
      assert.notEqual(report.verdict, 'good');
      assert.equal(decodeT6(t6, { width: 1728, maxRows: 1000 }).rows, report.rows);
    }
  });

  test('hostile octets end in a result', () => {
    const random = seeded(5);
    for (let round = 0; round < 60; round++) {
      const noise = Uint8Array.from({ length: 3000 }, () => random() & (round % 2 === 0 ? 0xff : random()));
      for (const terms of [MMR_FINE, plain('MH'), plain('MR')]) {
        const { t6, report } = receive(noise, terms, 1 + (random() % 400));
        const kept = decodeT6(t6, { width: 1728, maxRows: 100_000 });
        assert.deepEqual([kept.rows, kept.complete], [report.rows, true]);
      }
    }
  });
});

describe('the verdict on a page', () => {
  const counts = (badRows: number, longestBadRun = Math.min(1, badRows)) => ({ rows: 1000, badRows, longestBadRun });

  test('goes by the share of bad rows', () => {
    assert.equal(judge(counts(0), 196), 'good');
    assert.equal(judge(counts(10), 196), 'good');
    assert.equal(judge(counts(11), 196), 'fair');
    assert.equal(judge(counts(50), 196), 'fair');
    assert.equal(judge(counts(51), 196), 'bad');
  });

  test('and by the height of the highest gap', () => {
    assert.equal(judge(counts(5, 5), 98), 'fair');
    assert.equal(judge(counts(6, 6), 98), 'bad');
    assert.equal(judge(counts(3, 3), 196), 'good');
    assert.equal(judge(counts(4, 4), 196), 'fair');
    assert.equal(judge(counts(10, 10), 196), 'fair');
    assert.equal(judge(counts(11, 11), 196), 'bad');
  });
});
