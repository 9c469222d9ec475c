import { deflateSync } from 'node:zlib';
import { DocumentError } from '../imaging/documents/error.ts';
import { createPdfWriter, pngFromBitmap } from '../imaging/out/index.ts';
import type { CodedPage } from '../imaging/page.ts';
import { decodeT6 } from '../imaging/t4-t6/index.ts';
import { createTiffFWriter } from '../imaging/tiff-f/index.ts';
import type { Assignment } from './assignment.ts';
import { openOutput, readObject } from './objects.ts';
import type { ConvertOrder } from './order.ts';

/** Coded bytes of one stored page: noise at 204×391 takes 4 MB. */
const MOST_PAGE_BYTES = 32 * 1024 * 1024;

/** Turns pages into a file, piece by piece. */
interface FileWriter {
  page(page: CodedPage, last: boolean): Iterable<Uint8Array>;
  finish(): Iterable<Uint8Array>;
}

/** Reads the pages of `order` from the pipe and writes the file made of them; one page is in memory at a time. */
export async function convertPages(job: Assignment, order: ConvertOrder): Promise<void> {
  const writer = writerFor(order);
  const output = await openOutput(job, order.fax);
  for (const [index, page] of order.pages.entries()) {
    job.document = index;
    const t6 = await readObject(job, order.fax, page.object, MOST_PAGE_BYTES);
    const { width, rows, xDpi, yDpi } = page;
    for (const piece of writer.page({ width, rows, xDpi, yDpi, t6 }, index === order.pages.length - 1)) {
      await output.write(piece);
    }
    t6.fill(0);
  }
  for (const piece of writer.finish()) await output.write(piece);
  await output.end();
  job.pipe.writeJson('done', {});
}

function writerFor(order: ConvertOrder): FileWriter {
  switch (order.format) {
    case 'pdf':
      return createPdfWriter({
        ...(order.title === null ? {} : { title: order.title }),
        ...(order.createdAt === null ? {} : { created: new Date(order.createdAt) }),
        producer: 'Sealfax',
      });
    case 'tiff':
      return { ...createTiffFWriter({ software: 'Sealfax' }, order.pages.length), finish: () => [] };
    case 'png':
      return { page: (page) => [pngOf(page, order.squarePixels)], finish: () => [] };
  }
}

function pngOf(page: CodedPage, square: boolean): Uint8Array {
  const { bitmap, badRows } = decodeT6(page.t6, { width: page.width, rows: page.rows, maxRows: page.rows });
  if (badRows > 0) throw new DocumentError('damaged', 'A stored page is damaged.');
  return pngFromBitmap(bitmap, { xDpi: page.xDpi, yDpi: page.yDpi, square }, deflateSync);
}
