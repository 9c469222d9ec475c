import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { PDFDocument } from 'pdf-lib';
import { type CodedPage, encodeT6, pdfFromT6Pages } from '../../../../gateway/imaging/index.ts';
import { bilevelPage, installed, inTemporaryFolder } from '../../../vectors/itu/charts.ts';
import { runsPicture, seeded } from '../pictures.ts';

const bitmaps = [
  runsPicture(1728, 60, 90, seeded(1)),
  runsPicture(2048, 40, 30, seeded(2)),
  runsPicture(100, 9, 5, seeded(3)),
];
const pages: CodedPage[] = bitmaps.map((bitmap, index) => ({
  width: bitmap.width,
  rows: bitmap.rows,
  xDpi: 204,
  yDpi: [98, 196, 391][index] ?? 196,
  t6: encodeT6(bitmap),
}));
const META = {
  title: 'Fax (1\\2) für 株式会社',
  producer: 'Sealfax',
  created: new Date(Date.UTC(2030, 0, 2, 3, 4, 5)),
};
const pdf = Buffer.concat([...pdfFromT6Pages(pages, META)]);

describe('PDF of fax pages', () => {
  test('is read by another library: pages in their true size, metadata and nothing else', async () => {
    const read = await PDFDocument.load(pdf, { updateMetadata: false });
    assert.equal(read.getTitle(), META.title);
    assert.equal(read.getProducer(), 'Sealfax');
    assert.equal(read.getAuthor(), undefined);
    assert.equal(read.getCreationDate()?.getTime(), META.created.getTime());
    read.getPages().forEach((page, index) => {
      const { width, rows, xDpi, yDpi } = pages[index] as CodedPage;
      assert.ok(Math.abs(page.getWidth() - (72 * width) / xDpi) < 0.001);
      assert.ok(Math.abs(page.getHeight() - (72 * rows) / yDpi) < 0.001);
    });
  });

  test('has a cross-reference to the byte for every object', () => {
    const text = pdf.toString('latin1');
    const at = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1]);
    const table = /^xref\n0 (\d+)\n((?:\d{10} \d{5} [nf] \n)+)/.exec(text.slice(at));
    const rows = table?.[2]?.match(/.{20}/gs) ?? [];
    assert.equal(rows.length, Number(table?.[1]));
    assert.equal(rows.length, 4 + 3 * pages.length);
    rows.slice(1).forEach((row, index) => {
      assert.ok(text.startsWith(`${index + 1} 0 obj\n`, Number(row.slice(0, 10))), row);
    });
  });

  test('of a page longer than readers take says that its unit is larger', async () => {
    const long = { width: 8, rows: 60_000, xDpi: 204, yDpi: 98, t6: encodeT6(runsPicture(8, 10, 3, seeded(4))) };
    const read = await PDFDocument.load(Buffer.concat([...pdfFromT6Pages([long])]));
    const page = read.getPage(0);
    assert.ok(page.getHeight() <= 14_400);
    assert.match(page.node.toString(), /UserUnit 4/);
  });
});

describe('poppler', {
  skip: installed('pdfimages') ? false : 'pdfimages (Debian poppler-utils) is not installed',
}, () => {
  test('takes the very T.6 data and the very pixels out again', () => {
    inTemporaryFolder((folder) => {
      const path = join(folder, 'fax.pdf');
      writeFileSync(path, pdf);
      execFileSync('pdfimages', ['-ccitt', path, join(folder, 'raw')]);
      execFileSync('pdfimages', ['-tiff', path, join(folder, 'pixels')]);
      pages.forEach(({ t6 }, index) => {
        assert.deepEqual(new Uint8Array(readFileSync(join(folder, `raw-00${index}.ccitt`))), t6);
        assert.deepEqual(bilevelPage(readFileSync(join(folder, `pixels-00${index}.tif`))), bitmaps[index]);
      });
    });
  });

  test('warns of nothing', () => {
    inTemporaryFolder((folder) => {
      const path = join(folder, 'fax.pdf');
      writeFileSync(path, pdf);
      const said = execFileSync('sh', ['-c', 'pdftoppm -r 50 -mono "$1" "$2" 2>&1', 'sh', path, join(folder, 'out')]);
      assert.equal(said.toString(), '');
    });
  });
});
