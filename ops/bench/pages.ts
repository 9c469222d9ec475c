/** Fax pages made in this very process, without sandbox and seals: for figures and pictures of what a page looks like. */
import { RESOLUTIONS } from '../../gateway/fax/resolution.ts';
import { PAPERS } from '../../gateway/imaging/documents/document.ts';
import { type FaxOptions, layOutFax } from '../../gateway/imaging/documents/fax-layout.ts';
import { openDocument } from '../../gateway/imaging/documents/open-document.ts';
import { openPdf } from '../../gateway/imaging/pdf/pdf-document.ts';
import type { Bitmap } from '../../gateway/imaging/raster/bitmap.ts';
import type { Grey } from '../../gateway/imaging/raster/grey.ts';
import { readTiff } from '../../gateway/imaging/tiff-f/index.ts';
import type { FaxResolution } from './peers.ts';

const MAX_PAGES = 300;

/** The pages of `document` as they would be sent. */
export async function faxPages(
  document: Uint8Array,
  resolution: FaxResolution = 'fine',
  options: Partial<FaxOptions> = {},
): Promise<Bitmap[]> {
  const target = { ...RESOLUTIONS[resolution], paper: PAPERS.a4, maxPages: MAX_PAGES };
  const source = await openDocument(document, target);
  const settings: FaxOptions = { halftone: 'auto', contrast: 0, header: null, cover: null, ...options };
  const layout = await layOutFax([source], target, settings);
  const pages: Bitmap[] = [];
  for (let n = 1; n <= layout.pages.length; n++) {
    const { bitmap } = await layout.draw(n);
    pages.push({ ...bitmap, data: bitmap.data.slice() });
  }
  source.close();
  return pages;
}

/** Page `index` of a PDF as grey levels, before anything is decided on black and white. */
export async function greyPage(pdf: Uint8Array, index: number, width: number, rows: number): Promise<Grey> {
  const target = { ...RESOLUTIONS.fine, paper: PAPERS.a4, maxPages: MAX_PAGES };
  const document = await openPdf(pdf, target);
  const picture = await document.draw(index, { width, rows, left: 0, top: 0, drawWidth: width, drawRows: rows });
  if (picture.kind !== 'grey') throw new TypeError('a PDF page is grey before it is a fax page');
  const data = picture.grey.data.slice();
  document.close();
  return { width, rows, data };
}

/** {@link greyPage}, as the makers of scans take it. */
export async function drawGrey(pdf: Uint8Array, page: number, width: number, rows: number): Promise<Uint8Array> {
  return (await greyPage(pdf, page, width, rows)).data;
}

/** The pages of a bilevel TIFF file. */
export function tiffPages(tiff: Uint8Array): Bitmap[] {
  return readTiff(tiff, { maxPages: MAX_PAGES, maxPixels: 50_000_000 }).pages.map((page) => {
    const picture = page.decode();
    if (picture.kind !== 'bilevel') throw new TypeError('a fax page is bilevel');
    return picture.bitmap;
  });
}
