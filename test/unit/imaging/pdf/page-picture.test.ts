import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { degrees, PDFDocument } from 'pdf-lib';
import { PAPERS, type Target } from '../../../../gateway/imaging/documents/document.ts';
import { layOutFax } from '../../../../gateway/imaging/documents/fax-layout.ts';
import { openDocument } from '../../../../gateway/imaging/documents/open-document.ts';
import {
  type Bitmap,
  type CodedPage,
  codePage,
  pdfFromT6Pages,
  writeTiffF,
} from '../../../../gateway/imaging/index.ts';

const TARGET: Target = { xDpi: 204, yDpi: 196, paper: PAPERS.a4, maxPages: 20, received: true };

/** Noise: every pixel that is moved or smoothed shows. */
function noise(width: number, rows: number): Bitmap {
  const stride = width / 8;
  const data = Uint8Array.from({ length: stride * rows }, (_, at) => Math.imul(at + 1, 2_654_435_761) >>> 21);
  return { width, rows, stride, data };
}

function coded(bitmap: Bitmap, yDpi: number): CodedPage {
  return { width: bitmap.width, rows: bitmap.rows, xDpi: 204, yDpi, t6: codePage(bitmap) };
}

function pdfOf(...pages: readonly CodedPage[]): Buffer {
  return Buffer.concat([...pdfFromT6Pages(pages)]);
}

async function drawn(pdf: Uint8Array, change: Partial<Target> = {}): Promise<{ bitmap: Bitmap; yDpi: number }[]> {
  const target = { ...TARGET, ...change };
  const document = await openDocument(new Uint8Array(pdf), target);
  const options = { halftone: 'auto', contrast: 0, header: null, cover: null, maxWidth: 2432 } as const;
  const layout = await layOutFax([document], target, options);
  const pages: { bitmap: Bitmap; yDpi: number }[] = [];
  for (const [index, { yDpi }] of layout.pages.entries()) {
    const { bitmap } = await layout.draw(index + 1);
    pages.push({ bitmap: { ...bitmap, data: bitmap.data.slice() }, yDpi });
  }
  document.close();
  return pages;
}

/** Replaces text of the file; PDFium finds the objects again by itself. */
function edited(pdf: Buffer, from: string, to: string): Buffer {
  const text = pdf.toString('latin1');
  assert.ok(text.includes(from));
  return Buffer.from(text.replaceAll(from, to), 'latin1');
}

describe('a received PDF whose pages are pictures of fax pages', () => {
  for (const [width, rows, yDpi] of [
    [1728, 1145, 98],
    [1728, 2292, 196],
    [1728, 4500, 391],
    [2048, 2600, 196],
    [2432, 3200, 196],
    [1728, 9, 196],
    // Longer than any sheet: it was one page on the line and stays one.
    [1728, 6000, 196],
  ] as const) {
    test(`keeps each of ${width} × ${rows} pixels at 204×${yDpi}`, async () => {
      const bitmap = noise(width, rows);
      const [page, ...more] = await drawn(pdfOf(coded(bitmap, yDpi)));
      assert.deepEqual([page?.bitmap.width, page?.bitmap.rows, page?.yDpi, more.length], [width, rows, yDpi, 0]);
      assert.ok(Buffer.from(page?.bitmap.data ?? []).equals(Buffer.from(bitmap.data)));
    });
  }

  test('keeps the resolution of each page', async () => {
    const pages = await drawn(pdfOf(coded(noise(1728, 300), 98), coded(noise(1728, 300), 196)));
    assert.deepEqual(
      pages.map(({ yDpi }) => yDpi),
      [98, 196],
    );
  });

  for (const [what, from, to, inverted] of [
    ['whose levels are turned round', '/DeviceGray', '/DeviceGray /Decode [1 0]', true],
    ['whose black is 1', '/BlackIs1 false', '/BlackIs1 true', true],
    ['with a palette', '/DeviceGray', '[/Indexed /DeviceRGB 1 <FFFFFF000000>]', true],
    ['with a palette of the usual order', '/DeviceGray', '[/Indexed /DeviceGray 1 <00FF>]', false],
  ] as const) {
    test(`${what} comes out as a viewer shows it`, async () => {
      const bitmap = noise(1728, 200);
      const [page] = await drawn(edited(pdfOf(coded(bitmap, 196)), from, to));
      const wanted = inverted ? bitmap.data.map((octet) => octet ^ 0xff) : bitmap.data;
      assert.ok(Buffer.from(page?.bitmap.data ?? []).equals(Buffer.from(wanted)));
    });
  }

  for (const form of [[], ['-z'], ['-p', 'letter', '-F']]) {
    test(`made by tiff2pdf ${form.join(' ')} keeps its pixels`, (context) => {
      const folder = mkdtempSync(join(tmpdir(), 'sealfax-pdf-'));
      const bitmap = noise(1728, 2292);
      try {
        writeFileSync(join(folder, 'a.tif'), writeTiffF([coded(bitmap, 196)]));
        execFileSync('tiff2pdf', [...form, '-o', join(folder, 'a.pdf'), join(folder, 'a.tif')], { stdio: 'ignore' });
        const pdf = readFileSync(join(folder, 'a.pdf'));
        return drawn(pdf).then(([page]) => {
          assert.ok(Buffer.from(page?.bitmap.data ?? []).equals(Buffer.from(bitmap.data)));
          assert.equal(page?.yDpi, 196);
        });
      } catch (error) {
        if ((error as { code?: string }).code !== 'ENOENT') throw error;
        return context.skip('tiff2pdf is not installed');
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
});

describe('any other page of a received PDF is drawn', () => {
  const bitmap = noise(1728, 2292);
  const isDrawn = async (pdf: Uint8Array) => {
    const [page] = await drawn(pdf);
    assert.equal(page?.yDpi, 196);
    assert.ok(!Buffer.from(page?.bitmap.data ?? []).equals(Buffer.from(bitmap.data)));
  };

  test('where nobody says that the fax was received', async () => {
    const [page] = await drawn(pdfOf(coded(noise(1728, 1145), 98)), { received: false });
    assert.deepEqual([page?.bitmap.width, page?.bitmap.rows, page?.yDpi], [1728, 2290, 196]);
  });

  test('when something lies over the picture', async () => {
    const document = await PDFDocument.load(pdfOf(coded(bitmap, 196)));
    document.getPage(0).drawText('RECEIVED', { x: 100, y: 400, size: 40 });
    await isDrawn(await document.save());
  });

  test('when it is turned, and then it stands upright', async () => {
    const document = await PDFDocument.load(pdfOf(coded(bitmap, 196)));
    document.getPage(0).setRotation(degrees(180));
    await isDrawn(await document.save());
  });

  test('when its picture is mirrored', async () => {
    const pdf = edited(pdfOf(coded(bitmap, 196)), 'q 609.8824 0 0 841.9592 0 0 cm', 'q -609.882 0 0 841.959 609 0 cm');
    await isDrawn(pdf);
  });

  test('when its picture is a stencil, and comes out alike', async () => {
    const small = noise(1728, 200);
    const [page] = await drawn(edited(pdfOf(coded(small, 196)), '/ColorSpace /DeviceGray', '/ImageMask true'));
    assert.ok(Buffer.from(page?.bitmap.data ?? []).equals(Buffer.from(small.data)));
  });

  test('when its picture has another width than fax pages have', async () => {
    const [page] = await drawn(pdfOf(coded(noise(1000, 500), 196)));
    assert.equal(page?.bitmap.width, 1728);
  });

  test('when its picture says that it is larger than any page, in the size that the page has', async () => {
    const [page] = await drawn(edited(pdfOf(coded(noise(1728, 100), 196)), '/Height 100', '/Height 2000000000'));
    assert.deepEqual([page?.bitmap.width, page?.bitmap.rows, page?.yDpi], [1728, 100, 196]);
  });
});
