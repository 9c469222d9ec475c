import { RESOLUTIONS } from '../fax/resolution.ts';
import type { CoverForm } from '../imaging/cover/cover-form.ts';
import { type OpenDocument, PAPERS, type Target } from '../imaging/documents/document.ts';
import { type FaxLayout, layOutFax } from '../imaging/documents/fax-layout.ts';
import { openDocument } from '../imaging/documents/open-document.ts';
import { codePage } from '../imaging/t4-t6/index.ts';
import type { RenderOptions } from '../ports/renderer.ts';
import type { Assignment } from './assignment.ts';
import { markOf, readObject, writeObject } from './objects.ts';
import type { RenderOrder } from './order.ts';

/**
 * Reads the documents of `order` from the pipe, says what they are, and writes one sealed page after the other. One
 * page raster exists at a time.
 * @throws {DocumentError}
 */
export async function renderDocuments(job: Assignment, order: RenderOrder): Promise<void> {
  const target = targetOf(order.options);
  const documents = await openAll(job, order, target);
  const form = await openForm(job, order);
  const layout = await layOutFax(documents, target, { ...order.options, ...(form === undefined ? {} : { form }) });
  const pages = layout.pages.length;
  const mediaTypes = documents.map(({ mediaType }) => mediaType);
  job.pipe.writeJson('inspected', { pages, mediaTypes, ...(form === undefined ? {} : { coverFields: form.fields }) });
  let bytes = 0;
  for (let page = 1; page <= pages; page++) bytes += await renderPage(job, order, target, layout, page);
  job.pipe.writeJson('done', { pages, bytes });
}

function targetOf(options: RenderOptions): Target {
  return {
    ...RESOLUTIONS[options.resolution],
    paper: PAPERS[options.paper],
    maxPages: options.maxPages,
    received: options.received,
  };
}

async function openAll(job: Assignment, order: RenderOrder, target: Target): Promise<OpenDocument[]> {
  const documents: OpenDocument[] = [];
  let room = order.documentBytes;
  for (const [index, { object, declared }] of order.documents.entries()) {
    job.document = index;
    const bytes = await readObject(job, order.fax, object, room);
    room -= bytes.length;
    documents.push(await openDocument(bytes, target, declared ?? undefined));
  }
  job.document = null;
  return documents;
}

/** The account's own cover, if the fax has one. The typesetter is loaded only then. */
async function openForm(job: Assignment, order: RenderOrder): Promise<CoverForm | undefined> {
  if (order.coverForm === null) return undefined;
  const { FORM_LIMITS, openCoverForm } = await import('../imaging/cover/cover-form.ts');
  return openCoverForm(await readObject(job, order.fax, order.coverForm, FORM_LIMITS.bytes));
}

/** Draws, codes, seals and writes page `page`; returns the length of its coded data. */
async function renderPage(
  job: Assignment,
  order: RenderOrder,
  target: Target,
  layout: FaxLayout,
  page: number,
): Promise<number> {
  job.document = layout.pages[page - 1]?.document ?? null;
  job.pipe.writeJson('drawing', { page });
  const { bitmap, warnings } = await layout.draw(page);
  const t6 = codePage(bitmap);
  const { width, rows } = bitmap;
  const { xDpi } = target;
  const yDpi = layout.pages[page - 1]?.yDpi ?? target.yDpi;
  const mark = markOf(job.dek, t6);
  job.pipe.writeJson('page', { page, width, rows, xDpi, yDpi, bytes: t6.length, mark, warnings });
  const bytes = t6.length;
  await writeObject(job, order.fax, `page/${page}`, t6);
  return bytes;
}
