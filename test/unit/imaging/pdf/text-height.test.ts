import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PDFDocument, StandardFonts } from 'pdf-lib';
import { PAPERS } from '../../../../gateway/imaging/documents/document.ts';
import { openPdf } from '../../../../gateway/imaging/pdf/pdf-document.ts';

const FINE = { xDpi: 204, yDpi: 196, paper: PAPERS.a4, maxPages: 1 };
const PAGE: [number, number] = [300, 300];

async function textPage(size: number): Promise<PDFDocument> {
  const pdf = await PDFDocument.create();
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  pdf.addPage(PAGE).drawText('a noise can wear us, never mow us', { x: 10, y: 200, size, font });
  return pdf;
}

/** The page of `source` as a form, `scale` times as large. */
async function inForm(source: PDFDocument, scale: number): Promise<PDFDocument> {
  const pdf = await PDFDocument.create();
  const [form] = await pdf.embedPdf(await source.save());
  if (form === undefined) throw new TypeError('one page was embedded');
  pdf.addPage(PAGE).drawPage(form, { xScale: scale, yScale: scale });
  return pdf;
}

async function warnings(pdf: PDFDocument): Promise<string[]> {
  const document = await openPdf(await pdf.save(), FINE);
  const size = { width: 850, rows: 817 };
  const picture = await document.draw(0, { ...size, left: 0, top: 0, drawWidth: size.width, drawRows: size.rows });
  document.close();
  return picture.warnings;
}

describe('the warning of small text', () => {
  const SMALL = ['text below 7 px x-height'];

  test('comes for type of 4 point and not for 10 point', async () => {
    assert.deepEqual(await warnings(await textPage(4)), SMALL);
    assert.deepEqual(await warnings(await textPage(10)), []);
  });

  test('goes by the size on the page: of a form drawn smaller or larger', async () => {
    assert.deepEqual(await warnings(await inForm(await textPage(12), 0.3)), SMALL);
    assert.deepEqual(await warnings(await inForm(await textPage(4), 3)), []);
  });

  test('measures the letters where the size leaves it open', async () => {
    assert.deepEqual(await warnings(await textPage(6)), []);
    assert.deepEqual(await warnings(await textPage(4.1)), SMALL);
  });
});
