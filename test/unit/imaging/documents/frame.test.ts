import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PAPERS } from '../../../../gateway/imaging/documents/document.ts';
import { fitFrames } from '../../../../gateway/imaging/documents/frame.ts';

const target = { xDpi: 204, yDpi: 196, paper: PAPERS.a4, maxPages: 300 };
const mm = (width: number, height: number) => ({ width: (width / 25.4) * 204, rows: (height / 25.4) * 196 });

describe('a page is fitted to a recording width and nothing is cut off', () => {
  test('A4 keeps its size and is centred on 1728 pels', () => {
    assert.deepEqual(fitFrames(mm(210, 297), target, 1728), [
      { width: 1728, rows: 2292, left: 20, top: 0, drawWidth: 1687, drawRows: 2292 },
    ]);
  });

  test('Letter, 0.3 % too wide, and A3 are scaled down to 1728 pels in both directions', () => {
    const [letter] = fitFrames(mm(215.9, 279.4), target, 1728);
    assert.deepEqual([letter?.drawWidth, letter?.drawRows, letter?.left], [1728, 2149, 0]);
    const [a3] = fitFrames(mm(297, 420), target, 1728);
    assert.equal(a3?.drawWidth, 1728);
    assert.equal(a3?.drawRows, Math.round((420 / 297) * (1728 / 204) * 196));
  });

  test('B4 and A3 keep their size when the receiver takes them', () => {
    const b4 = fitFrames(mm(250, 353), target, 2432);
    assert.deepEqual([b4.length, b4[0]?.width, b4[0]?.rows], [1, 2048, 2724]);
    const a3 = fitFrames(mm(297, 420), target, 2432);
    assert.deepEqual([a3.length, a3[0]?.width, a3[0]?.rows], [1, 2432, 3241], 'one sheet, as long as A3 is');
  });

  test('Legal stays one page', () => {
    assert.equal(fitFrames(mm(215.9, 355.6), target, 1728).length, 1);
  });

  test('a till roll continues on further pages with a line in common', () => {
    const frames = fitFrames(mm(80, 1000), target, 1728);
    assert.equal(frames.length, 4);
    let covered = 0;
    for (const { top, rows, drawRows } of frames) {
      assert.ok(-top <= covered, 'no gap');
      covered = -top + rows;
      assert.ok(covered <= drawRows);
    }
    assert.equal(covered, frames[0]?.drawRows);
  });

  test('a speck has at least one pixel', () => {
    assert.deepEqual(fitFrames({ width: 0.01, rows: 0.01 }, target, 1728)[0]?.drawRows, 1);
  });

  test('a page without a size, or of more paper than a fax may have, is refused', () => {
    for (const size of [Number.NaN, 0, -1]) {
      assert.throws(() => fitFrames({ width: 100, rows: size }, target, 1728), { code: 'damaged' });
      assert.throws(() => fitFrames({ width: size, rows: 100 }, target, 1728), { code: 'damaged' });
    }
    for (const rows of [Number.POSITIVE_INFINITY, 1e12, 2292 * 301]) {
      assert.throws(() => fitFrames({ width: 100, rows }, target, 1728), { code: 'too_many_pages' });
    }
    assert.equal(fitFrames({ width: Number.POSITIVE_INFINITY, rows: 100 }, target, 1728)[0]?.drawRows, 1);
  });
});
