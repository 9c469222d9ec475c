import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PDFDocument } from 'pdf-lib';
import { createPageMark, openObject, sealObject } from '../../../crypto/index.ts';
import type { Bitmap } from '../../../gateway/imaging/raster/bitmap.ts';
import { decodeT6 } from '../../../gateway/imaging/t4-t6/index.ts';
import { DocumentRejected, type RenderedPage, type Renderer } from '../../../gateway/ports/renderer.ts';
import { createRenderer, fileOfPages, renderFile } from '../../../gateway/rendering/index.ts';
import { clinicForm, scriptedForm, xfaForm } from '../../unit/imaging/cover/forms.ts';
import {
  collect,
  DEK,
  encryptedPdf,
  FAX,
  jobOf,
  OPTIONS,
  sampleImage,
  samplePdf,
  sampleTiff,
  smallPrint,
} from './samples.ts';

async function bytesOf(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk.slice());
  return new Uint8Array(Buffer.concat(chunks));
}

async function open(page: RenderedPage): Promise<{ t6: Uint8Array; bitmap: Bitmap }> {
  const t6 = await bytesOf(openObject(DEK, { fax: FAX, object: page.object }, page.sealed));
  const result = decodeT6(t6, { width: page.width, rows: page.rows, maxRows: page.rows });
  assert.equal(result.complete, true);
  assert.equal(result.badRows, 0);
  return { t6, bitmap: result.bitmap };
}

const blackPixels = (bitmap: Bitmap) =>
  bitmap.data.reduce((sum, byte) => sum + (byte.toString(2).match(/1/g)?.length ?? 0), 0);

describe('a document becomes sealed fax pages in its own child', () => {
  let renderer: Renderer;
  before(async () => {
    renderer = await createRenderer({ pool: { spare: 1, working: 2 } });
  });
  after(() => renderer.close());

  async function pagesOf(documents: Uint8Array[], options = {}) {
    const { events, summary } = await collect(renderer.render(jobOf(documents, options)));
    const [inspected, ...pages] = events;
    assert.equal(inspected?.type, 'inspected');
    const rendered = pages.filter((event) => event.type === 'page');
    assert.equal(rendered.length, summary.pages);
    return { inspected, pages: rendered, summary };
  }

  test('the pages of a PDF come in order, each sealed, marked and whole', async () => {
    const { inspected, pages, summary } = await pagesOf([await samplePdf(3)]);
    assert.deepEqual(inspected, { type: 'inspected', pages: 3, mediaTypes: ['application/pdf'] });
    assert.deepEqual(
      pages.map((page) => page.page),
      [1, 2, 3],
    );
    let bytes = 0;
    for (const page of pages) {
      assert.deepEqual([page.width, page.rows, page.xDpi, page.yDpi], [1728, 2292, 204, 196]);
      const { t6, bitmap } = await open(page);
      const mark = createPageMark(DEK);
      mark.update(t6);
      assert.equal(page.mark, mark.digest());
      assert.equal(page.bytes, t6.length);
      assert.ok(blackPixels(bitmap) > 500, 'a line of text prints');
      bytes += t6.length;
    }
    assert.equal(summary.bytes, bytes);
  });

  test('rows follow the resolution', async () => {
    const pdf = await samplePdf();
    for (const [resolution, rows] of [
      ['standard', 1146],
      ['fine', 2292],
      ['superfine', 4572],
    ] as const) {
      const { pages } = await pagesOf([pdf], { resolution });
      assert.equal(pages[0]?.rows, rows);
    }
  });

  test('several documents of different kinds make one fax in order', async () => {
    const text = new TextEncoder().encode('One line of text.\nAnother: Ωμέγα, Привет, Ärger.\n');
    const documents = [await sampleImage('png'), sampleTiff(), await samplePdf(), text, await sampleImage('jpeg')];
    const { inspected, pages } = await pagesOf(documents);
    const types = ['image/png', 'image/tiff', 'application/pdf', 'text/plain', 'image/jpeg'];
    assert.deepEqual(inspected, { type: 'inspected', pages: 5, mediaTypes: types });
    for (const page of pages) assert.ok(blackPixels((await open(page)).bitmap) > 500);
  });

  test('a fax TIFF keeps its bits, and doubles its rows when a standard page goes out fine', async () => {
    const fine = await pagesOf([sampleTiff(1000, 196)]);
    assert.equal(fine.pages[0]?.rows, 1000);
    const standard = await pagesOf([sampleTiff(500, 98)]);
    const [page] = standard.pages;
    assert.ok(page !== undefined);
    assert.equal(page.rows, 1000);
    const { bitmap } = await open(page);
    assert.equal(blackPixels(bitmap), 70 * 8 * 40 * 2);
  });

  for (const [what, document, cause] of [
    ['an encrypted PDF', encryptedPdf(), 'encrypted'],
    ['a PDF that is none', new TextEncoder().encode('%PDF-1.7\nnothing here'), 'damaged'],
    ['no bytes', new Uint8Array(0), 'empty'],
    ['an archive', new Uint8Array([0x50, 0x4b, 3, 4, 0, 0, 1, 2]), 'unsupported_type'],
    ['a script that the font lacks', new TextEncoder().encode('漢字'), 'unsupported_type'],
  ] as const) {
    test(`${what} is refused as ${cause} before any page`, async () => {
      const run = renderer.render(jobOf([document]));
      await assert.rejects(run.next(), (error) => {
        assert.ok(error instanceof DocumentRejected);
        assert.equal(error.cause, cause);
        assert.equal(error.document, 0);
        return true;
      });
    });
  }

  test('a cut PNG, JPEG or TIFF is refused as damaged before any page', async () => {
    for (const whole of [await sampleImage('png'), await sampleImage('jpeg'), sampleTiff()]) {
      const cut = whole.slice(0, Math.floor(whole.length * 0.6));
      await assert.rejects(renderer.render(jobOf([cut])).next(), { name: 'DocumentRejected', cause: 'damaged' });
    }
  });

  test('too many pages and too many bytes are refused, naming the document', async () => {
    const pages = collect(renderer.render(jobOf([await samplePdf(21)])));
    await assert.rejects(pages, { cause: 'too_many_pages' });
    const small = await createRenderer({ limits: { documentBytes: 400 }, pool: { spare: 0 } });
    const bytes = collect(small.render(jobOf([await samplePdf()])));
    await assert.rejects(bytes, { cause: 'too_large', document: 0 });
    await small.close();
  });

  test('a document sealed under another key or name is refused as damaged', async () => {
    const job = jobOf([await samplePdf()]);
    await assert.rejects(collect(renderer.render({ ...job, dek: new Uint8Array(32) })), { cause: 'damaged' });
    const renamed = { ...jobOf([await samplePdf()]), fax: 'fax_another' };
    await assert.rejects(collect(renderer.render(renamed)), { cause: 'damaged' });
  });

  test('an aborted job ends with the reason of its signal', async () => {
    const stop = new AbortController();
    const run = renderer.render({ ...jobOf([await samplePdf(5)]), signal: stop.signal });
    await run.next();
    stop.abort(new Error('canceled by test'));
    await assert.rejects(collect(run), /canceled by test/);
  });

  test('stored pages become PDF, TIFF-F and PNG files', async () => {
    const { pages } = await pagesOf([await samplePdf(2)]);
    const stored = () =>
      pages.map(({ object, width, rows, xDpi, yDpi, sealed }) => {
        const source = (async function* () {
          yield* sealed;
        })();
        return { object, width, rows, xDpi, yDpi, sealed: source };
      });
    const job = { fax: FAX, dek: DEK };
    const pdf = await bytesOf(renderer.convert({ ...job, pages: stored(), format: 'pdf', info: { title: 'Test' } }));
    const again = await pagesOf([pdf]);
    assert.equal(again.pages.length, 2);
    const tiff = await bytesOf(renderer.convert({ ...job, pages: stored(), format: 'tiff' }));
    const twice = await pagesOf([tiff]);
    assert.deepEqual(
      twice.pages.map((page) => page.mark),
      pages.map((page) => page.mark),
    );
    const [first] = stored();
    assert.ok(first !== undefined);
    const png = await bytesOf(renderer.convert({ ...job, pages: [first], format: 'png' }));
    assert.deepEqual([...png.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  });
});

describe('a fax with a cover page and a header line', () => {
  let renderer: Renderer;
  before(async () => {
    renderer = await createRenderer({ pool: { spare: 1, working: 1 } });
  });
  after(() => renderer.close());

  const header = { name: 'Clinic', csid: '+49 40 1', to: '+49402', at: 0, timeZone: 'UTC' };

  for (const template of ['letter', 'form'] as const) {
    test(`the ${template} cover comes first, is counted, and every page has the header`, async () => {
      const note = `Ελληνικά, кириллица, 漢字.\n${'a long note '.repeat(300)}${'w'.repeat(300)}`;
      const cover = {
        template,
        to: 'Dr A',
        subject: 'S'.repeat(200),
        note,
        confidentiality: 'Confidential. '.repeat(60),
      };
      const run = renderFile(renderer, [{ bytes: await samplePdf(2) }], { ...OPTIONS, header, cover });
      const pages = [];
      for await (const page of run) pages.push(page);
      assert.deepEqual(
        pages.map(({ page }) => page),
        [1, 2, 3],
      );
      for (const { coded } of pages) {
        const { bitmap } = decodeT6(coded.t6, { width: 1728, rows: coded.rows, maxRows: coded.rows });
        const band = bitmap.data.subarray(0, 36 * bitmap.stride);
        assert.ok(band.filter((byte) => byte !== 0).length > 200, 'the header prints');
      }
      assert.equal(pages[0]?.coded.rows, 2292);
      const file = await bytesOf(
        fileOfPages(
          renderer,
          pages.map(({ coded }) => coded),
          'tiff',
        ),
      );
      assert.ok(file.length > 1000);
    });
  }

  test('a cover whose text does not fit refuses the fax, which is no document’s fault', async () => {
    const cover = { template: 'letter', note: 'a line\n'.repeat(500) } as const;
    const run = collect(renderer.render(jobOf([await samplePdf()], { cover })));
    await assert.rejects(run, { cause: 'cover_overflow', document: undefined });
  });

  test('a form of the account’s own takes the place of a cover, with its fields named and its pages counted', async () => {
    const job = jobOf([await samplePdf(2)], { cover: { template: 'letter', to: 'Dr A', note: 'Greetings.' } });
    const sealed = (bytes: Uint8Array) => sealObject(DEK, { fax: FAX, object: 'cover/1' }, [bytes]);
    const coverForm = { object: 'cover/1', sealed: sealed(await clinicForm()) };
    const { events, summary } = await collect(renderer.render({ ...job, coverForm }));
    assert.partialDeepStrictEqual(events[0], { type: 'inspected', pages: 3 });
    assert.ok(events[0]?.type === 'inspected' && events[0].coverFields?.includes('note'));
    assert.equal(summary.pages, 3);
    const hostile: readonly [Uint8Array, string][] = [
      [await scriptedForm(), 'form_script'],
      [await xfaForm(), 'form_xfa'],
      [await samplePdf(), 'form_fields'],
      [encryptedPdf(), 'encrypted'],
      [new Uint8Array(2 * 1024 * 1024 + 1), 'too_large'],
    ];
    for (const [bytes, cause] of hostile) {
      const documents = jobOf([await samplePdf()], { cover: { template: 'letter' } });
      const run = renderer.render({ ...documents, coverForm: { object: 'cover/1', sealed: sealed(bytes) } });
      await assert.rejects(run.next(), { name: 'DocumentRejected', cause, document: undefined });
    }
  });

  test('a cover alone is a fax', async () => {
    const { events } = await collect(renderer.render(jobOf([], { cover: { template: 'letter', to: 'Dr A' } })));
    assert.equal(events.length, 2);
  });

  test('the white end of a page is left out when that is asked for', async () => {
    const { events } = await collect(renderer.render(jobOf([await samplePdf()], { trimBlank: true })));
    const page = events.find((event) => event.type === 'page');
    assert.equal(page?.rows, 764, 'a third of A4 stays, which every machine feeds');
    const low = await collect(renderer.render(jobOf([await samplePdf()], { trimBlank: true, resolution: 'standard' })));
    assert.equal(low.events.find((event) => event.type === 'page')?.rows, 382);
  });

  test('an empty page is warned of, below a header line too', async () => {
    const pdf = await PDFDocument.create();
    pdf.addPage();
    const { events } = await collect(renderer.render(jobOf([await pdf.save()], { header })));
    assert.deepEqual(events.find((event) => event.type === 'page')?.warnings, ['page is blank']);
  });

  test('small print is warned of before anything is dialled', async () => {
    const print = await smallPrint();
    const warned = async (resolution: 'standard' | 'fine') => {
      const { events } = await collect(renderer.render(jobOf([print], { resolution })));
      return events.flatMap((event) => (event.type === 'page' ? event.warnings : []));
    };
    assert.deepEqual(await warned('fine'), []);
    assert.deepEqual(await warned('standard'), ['text below 7 px x-height']);
  });
});
