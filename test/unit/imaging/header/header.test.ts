import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { headerFont } from '../../../../gateway/imaging/header/font.ts';
import { headerLine } from '../../../../gateway/imaging/header/line.ts';
import { stampHeader } from '../../../../gateway/imaging/header/stamp.ts';
import { type Bitmap, blankBitmap } from '../../../../gateway/imaging/raster/bitmap.ts';

const TEXT = {
  name: 'Riverside Clinic',
  csid: '+49 40 5550101',
  to: '+49405550199',
  at: Date.UTC(2026, 2, 14, 23, 5),
  timeZone: 'Europe/Berlin',
};

describe('the header line', () => {
  test('says when (in the account’s time zone), who, to whom and which page, left, in the middle and right', () => {
    const line = headerLine(TEXT, 2, 5, 120);
    assert.equal(line.length, 120);
    assert.match(line, /^2026-03-15 00:05 {2}Riverside Clinic +\+49 40 5550101 → \+49405550199 +p\. 2\/5$/);
  });

  test('takes keywords of a template and leaves unknown ones alone', () => {
    const template = '{zone} {name}|{csid}|{to}|{page} of {pages} {other}';
    assert.equal(
      headerLine({ ...TEXT, template }, 1, 3, 80).trim(),
      'GMT+1 Riverside Clinic|+49 40 5550101|+49405550199|1 of 3 {other}',
    );
  });

  test('a name that is too long gives way, numbers and page stay', () => {
    const line = headerLine({ ...TEXT, name: 'N'.repeat(300) }, 1, 1, 100);
    assert.equal([...line].length, 100);
    assert.match(line, /N… .*\+49 40 5550101 → \+49405550199 p\. 1\/1$/);
  });

  test('line breaks and directions in a name cannot break the line; a bad time zone is UTC', () => {
    const line = headerLine({ ...TEXT, name: 'a\nb\u202ec', timeZone: 'Nowhere/None' }, 1, 1, 100);
    assert.match(line, /^2026-03-14 23:05 {2}a b c /);
  });
});

describe('the bitmap font', () => {
  const ink = (yDpi: number, character: string) => {
    const font = headerFont(yDpi);
    const from = font.indexOf(character.codePointAt(0) ?? 0) * font.cellRows * font.glyphs.stride;
    return font.glyphs.data.subarray(from, from + font.cellRows * font.glyphs.stride).join();
  };
  for (const yDpi of [98, 196, 391]) {
    test(`has different glyphs for Latin, Greek and Cyrillic letters at ${yDpi} lines per inch`, () => {
      const letters = [...'ABCabcÄßøłžΑΩΔαωάЖЯЩжящїўẤ0123456789+→…€'.replace('Α', '')];
      assert.equal(new Set(letters.map((letter) => ink(yDpi, letter))).size, letters.length);
    });
  }

  test('shows a sign of replacement for what it lacks', () => {
    assert.equal(ink(196, '漢'), ink(196, '\ufffd'));
  });
});

describe('the stamp', () => {
  const rowsWithInk = (page: Bitmap) =>
    Array.from({ length: page.rows }, (_, y) => y).filter((y) =>
      page.data.subarray(y * page.stride, (y + 1) * page.stride).some((byte) => byte !== 0),
    );

  test('takes the white rows at the top and moves nothing', () => {
    const page = blankBitmap(1728, 300);
    page.data.fill(0xff, 100 * page.stride, 110 * page.stride);
    const stamped = stampHeader(page, 196, TEXT, 1, 1);
    assert.equal(stamped.rows, 300);
    assert.deepEqual(rowsWithInk(stamped).slice(-10), [100, 101, 102, 103, 104, 105, 106, 107, 108, 109]);
    assert.ok((rowsWithInk(stamped)[0] ?? 99) < 25);
  });

  test('moves a page without a white top down, and takes the rows from its white end', () => {
    const page = blankBitmap(1728, 300);
    page.data.fill(0xff, 0, 200 * page.stride);
    const stamped = stampHeader(page, 196, TEXT, 1, 1);
    assert.equal(stamped.rows, 300);
    const full = rowsWithInk(stamped).filter((y) => stamped.data[y * stamped.stride] === 0xff);
    assert.equal(full.length, 200, 'no row of the page is lost');
  });

  test('makes a page longer that has no white at all', () => {
    const page = blankBitmap(1728, 300);
    page.data.fill(0xff);
    const stamped = stampHeader(page, 196, TEXT, 1, 1);
    assert.ok(stamped.rows > 330);
    assert.equal(
      stamped.data.subarray(-300 * stamped.stride).every((byte) => byte === 0xff),
      true,
    );
  });
});
