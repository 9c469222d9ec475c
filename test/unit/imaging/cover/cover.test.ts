import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PDFDocument, StandardFonts } from 'pdf-lib';
import { setCoverPage } from '../../../../gateway/imaging/cover/cover-page.ts';
import { fitText } from '../../../../gateway/imaging/cover/fit.ts';
import { sampleLetter } from '../../../../gateway/imaging/cover/index.ts';
import { breakLines } from '../../../../gateway/imaging/cover/sheet.ts';

describe('lines of a cover page', async () => {
  const font = await (await PDFDocument.create()).embedFont(StandardFonts.Courier);
  // Courier is 0.6 of its size wide: ten characters of ten points are 60 points.
  const broken = (text: string) => breakLines(text, font, 10, 60);

  test('are broken at spaces, and inside words that are longer than a line', () => {
    assert.deepEqual(broken('one two three'), ['one two', 'three']);
    assert.deepEqual(broken('abcdefghijklmnopqrstuvwxyz'), ['abcdefghij', 'klmnopqrst', 'uvwxyz']);
    assert.deepEqual(broken('exactly 10 characters'), ['exactly 10', 'characters']);
  });

  test('keep line feeds and lose no character', () => {
    assert.deepEqual(broken('a\n\nb'), ['a', '', 'b']);
    const text = Array.from({ length: 200 }, (_, i) => 'y'.repeat(1 + (i % 17))).join(' ');
    const lines = broken(text);
    assert.ok(lines.every((line) => line.length <= 10));
    assert.equal(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', ''));
  });
});

describe('a cover page', () => {
  const facts = { pages: 3, date: '2026-03-14', paper: { width: 210, height: 297 } };
  const longest = {
    to: 'to '.repeat(33),
    toNumber: '+123456789012345',
    from: 'from '.repeat(20),
    fromCompany: 'W'.repeat(100),
    fromNumber: '+123456789012345',
    subject: 'subject '.repeat(25),
    note: `Привет 漢字 😀\t\u0007${'long '.repeat(795)}`,
    confidentiality: 'secret '.repeat(142),
  };
  for (const template of ['letter', 'form'] as const) {
    test(`${template}: is one page, with the longest texts that the API takes and with none`, async () => {
      for (const cover of [{ ...longest, template }, { template }]) {
        const pdf = await PDFDocument.load(await setCoverPage(cover, facts));
        assert.equal(pdf.getPageCount(), 1);
      }
    });

    test(`${template}: is refused rather than cut when a text does not fit`, async () => {
      const texts = [
        { note: 'line\n'.repeat(400) },
        { note: 'w'.repeat(40_000) },
        { confidentiality: 'line\n'.repeat(100) },
        { fromCompany: 'W'.repeat(600) },
        { subject: 'W'.repeat(4_000) },
      ];
      for (const text of texts) {
        const setting = setCoverPage({ template, ...text }, facts);
        await assert.rejects(setting, { name: 'DocumentError', code: 'cover_overflow' });
      }
    });
  }
});

describe('a text that is fitted', async () => {
  const font = await (await PDFDocument.create()).embedFont(StandardFonts.Courier);
  const room = { width: 60, height: 40, lead: 1 };

  test('keeps its size where it fits, and becomes smaller until it does', () => {
    assert.deepEqual(fitText('one two three', font, room, 10), { lines: ['one two', 'three'], size: 10 });
    const smaller = fitText('one two three four five six seven eight nine', font, room, 10);
    assert.ok(smaller !== undefined && smaller.size < 10 && smaller.size >= 5);
    assert.equal(smaller.lines.join(' '), 'one two three four five six seven eight nine');
    assert.ok(smaller.lines.length * smaller.size <= room.height);
  });

  test('is never cut: what does not fit in the smallest size is said', () => {
    assert.equal(fitText('word '.repeat(100), font, room, 10), undefined);
    assert.equal(fitText('one two three', font, { ...room, height: 8 }, 10, 10), undefined);
    assert.equal(fitText('one two', font, room, 10, 10, 1)?.lines.length, 1);
    assert.equal(fitText('one two three', font, room, 10, 10, 1), undefined);
  });
});

test('the sample letter is one A4 page and always the same bytes', async () => {
  const letter = await sampleLetter();
  assert.deepEqual(letter, await sampleLetter());
  const page = (await PDFDocument.load(letter)).getPage(0);
  assert.deepEqual([Math.round(page.getWidth()), Math.round(page.getHeight())], [595, 842]);
});
