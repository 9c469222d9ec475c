import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PDFDocument, StandardFonts } from 'pdf-lib';
import { setCoverPage } from '../../../../gateway/imaging/cover/cover-page.ts';
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
  for (const template of ['letter', 'form'] as const) {
    test(`${template}: is one page, whatever it is given`, async () => {
      const note = `Привет 漢字 😀\t\u0007${'long '.repeat(3000)}${'w'.repeat(5000)}`;
      const text = {
        template,
        to: 'x'.repeat(999),
        subject: 'y '.repeat(500),
        note,
        confidentiality: 'z '.repeat(999),
      };
      for (const cover of [text, { template }]) {
        const pdf = await PDFDocument.load(await setCoverPage(cover, facts));
        assert.equal(pdf.getPageCount(), 1);
      }
    });
  }
});

test('the sample letter is one A4 page and always the same bytes', async () => {
  const letter = await sampleLetter();
  assert.deepEqual(letter, await sampleLetter());
  const page = (await PDFDocument.load(letter)).getPage(0);
  assert.deepEqual([Math.round(page.getWidth()), Math.round(page.getHeight())], [595, 842]);
});
