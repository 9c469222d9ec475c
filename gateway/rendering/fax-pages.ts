import { RESOLUTIONS } from '../fax/resolution.ts';
import { PAPERS, type Target } from '../imaging/documents/document.ts';
import { type FaxLayout, layOutFax } from '../imaging/documents/fax-layout.ts';
import { openTiff } from '../imaging/documents/tiff-document.ts';
import { readTiff, type TiffCompression, type TiffPage } from '../imaging/tiff-f/index.ts';
import type { RenderOptions } from '../ports/renderer.ts';
import { STANDING_LIMITS } from './standing-order.ts';

/** Compressions that our own code alone unpacks. Deflate is zlib's, so that such files take the ordinary way. */
const OWN_CODE: ReadonlySet<TiffCompression> = new Set(['none', 'g4', 'g3-1d', 'g3-2d', 'rle', 'rle-word', 'packbits']);

/** Pels of a line at 204 dpi (T.4 §2.2); wider recordings are rare enough for the ordinary way. */
const A4_WIDTH = 1728;

/** Two resolutions are the same to a fax machine when they differ by less: 200 dpi is sent as 204. */
const SAME_RESOLUTION = 0.06;

/** Fax pages laid out, and the resolution that they are sent in. */
export interface FaxPages {
  readonly layout: FaxLayout;
  readonly xDpi: number;
  readonly yDpi: number;
}

/**
 * Opens `documents` as fax pages when all of them are: TIFF files of bilevel pages at the fax's resolution and width,
 * unpacked by our own code, whose very bits go out. Every page is decoded, so that damage is known. Undefined when they
 * need anything more.
 *
 * @throws {DocumentError} `damaged` and the like, as the ordinary way throws them
 */
export async function openFaxPages(
  documents: readonly Uint8Array[],
  options: RenderOptions,
): Promise<FaxPages | undefined> {
  const resolution = RESOLUTIONS[options.resolution];
  const target: Target = { ...resolution, paper: PAPERS[options.paper], maxPages: options.maxPages };
  if (options.cover !== null || !documents.every((bytes) => isPlain(bytes, target))) return undefined;
  const opened = await Promise.all(documents.map((bytes) => openTiff(bytes, target)));
  const layout = await layOutFax(opened, target, options);
  return layout.pages.length > STANDING_LIMITS.pages ? undefined : { layout, ...resolution };
}

/** Whether every page of the file is small, bilevel and ours to unpack. A file that cannot be read is not plain. */
function isPlain(bytes: Uint8Array, target: Target): boolean {
  const pages = directoriesOf(bytes);
  return pages.length > 0 && pages.every((page) => isFaxPage(page, target));
}

function directoriesOf(bytes: Uint8Array): readonly TiffPage[] {
  try {
    return readTiff(bytes, { maxPages: STANDING_LIMITS.pages, maxPixels: STANDING_LIMITS.pixels }).pages;
  } catch {
    return []; // what is wrong with it, the ordinary way says
  }
}

/** Fax width and fax resolution; its rows go out once, twice or four times each. */
function isFaxPage(page: TiffPage, target: Target): boolean {
  const { kind, compression, orientation, width, xDpi, yDpi } = page;
  const asRecorded =
    width === A4_WIDTH && same(xDpi, target.xDpi) && [1, 2, 4].some((n) => same(n * yDpi, target.yDpi));
  return kind === 'bilevel' && OWN_CODE.has(compression) && orientation === 1 && asRecorded;
}

function same(a: number, b: number): boolean {
  return Math.abs(a - b) <= b * SAME_RESOLUTION;
}
