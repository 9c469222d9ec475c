import { RESOLUTIONS } from '../fax/resolution.ts';
import { type OpenDocument, PAPERS, type Target } from '../imaging/documents/document.ts';
import { openDocument } from '../imaging/documents/open-document.ts';
import { drawPage, type PlannedPage, planPages } from '../imaging/documents/pipeline.ts';
import { encodeT6 } from '../imaging/t4-t6/index.ts';
import type { RenderOptions } from '../ports/renderer.ts';
import type { Assignment } from './assignment.ts';
import { markOf, readObject, writeObject } from './objects.ts';
import type { RenderOrder } from './order.ts';

/** Recording width of every fax machine: 215 mm at 8 pels/mm (T.4 §2.2). */
const A4_WIDTH = 1728;

/**
 * Reads the documents of `order` from the pipe, says what they are, and writes one sealed page after the other. One
 * page raster exists at a time.
 * @throws {DocumentError}
 */
export async function renderDocuments(job: Assignment, order: RenderOrder): Promise<void> {
  const target = targetOf(order.options);
  const documents = await openAll(job, order, target);
  const plan = planPages(documents, target, order.options.maxWidth ?? A4_WIDTH);
  job.pipe.writeJson('inspected', { pages: plan.length, mediaTypes: documents.map(({ mediaType }) => mediaType) });
  let bytes = 0;
  for (const [index, planned] of plan.entries()) bytes += await renderPage(job, order, target, planned, index + 1);
  job.pipe.writeJson('done', { pages: plan.length, bytes });
}

function targetOf(options: RenderOptions): Target {
  return { ...RESOLUTIONS[options.resolution], paper: PAPERS[options.paper], maxPages: options.maxPages };
}

async function openAll(job: Assignment, order: RenderOrder, target: Target): Promise<OpenDocument[]> {
  const documents: OpenDocument[] = [];
  let room = order.documentBytes;
  for (const [index, object] of order.documents.entries()) {
    job.document = index;
    const bytes = await readObject(job, order.fax, object, room);
    room -= bytes.length;
    documents.push(await openDocument(bytes, target));
  }
  job.document = null;
  return documents;
}

/** Draws, codes, seals and writes page `page`; returns the length of its coded data. */
async function renderPage(
  job: Assignment,
  order: RenderOrder,
  target: Target,
  planned: PlannedPage,
  page: number,
): Promise<number> {
  job.document = planned.document;
  job.pipe.writeJson('drawing', { page });
  const { bitmap, warnings } = await drawPage(planned, order.options);
  const t6 = encodeT6(bitmap);
  const { width, rows } = bitmap;
  const { xDpi, yDpi } = target;
  const mark = markOf(job.dek, t6);
  job.pipe.writeJson('page', { page, width, rows, xDpi, yDpi, bytes: t6.length, mark, warnings });
  const bytes = t6.length;
  await writeObject(job, order.fax, `page/${page}`, t6);
  return bytes;
}
