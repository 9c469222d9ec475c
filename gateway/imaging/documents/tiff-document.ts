import { constants, inflateSync } from 'node:zlib';
import { type Bitmap, blankBitmap } from '../raster/bitmap.ts';
import { placeGrey, scaleBitmap, scaleGrey } from '../raster/scale.ts';
import { readTiff, TiffError, type TiffErrorCode, type TiffPage, type TiffPicture } from '../tiff-f/index.ts';
import type { NaturalSize, OpenDocument, Picture, Target } from './document.ts';
import { DocumentError, type DocumentErrorCode } from './error.ts';
import type { Frame } from './frame.ts';
import { DOCUMENT_LIMITS } from './limits.ts';
import { naturalSize } from './natural-size.ts';

/** What each fault of a TIFF file is to the sender. */
const CODES: Record<TiffErrorCode, DocumentErrorCode> = {
  not_tiff: 'damaged',
  damaged: 'damaged',
  unsupported: 'unsupported_type',
  too_many_pages: 'too_many_pages',
  too_large: 'limit',
};

/** Damaged rows, of all rows of a page, above which a page is refused and not printed with a warning. */
const TOLERATED_DAMAGE = 0.02;

/** Two resolutions are the same to a fax machine when they differ by less: 200 dpi is sent as 204 (T.30 note to bit 41). */
const SAME_RESOLUTION = 0.06;

/**
 * Opens a TIFF file. Bilevel pages of a fax resolution keep their bits; others are scaled. Every page is unpacked once
 * on opening, so that damage is known before the fax is accepted.
 * @throws {DocumentError}
 */
export async function openTiff(bytes: Uint8Array, target: Target): Promise<OpenDocument> {
  const limits = { maxPages: target.maxPages, maxPixels: DOCUMENT_LIMITS.pixels, inflate };
  const { pages } = named(() => readTiff(bytes, limits));
  if (pages.length === 0) throw new DocumentError('empty', 'The TIFF file has no pages.');
  const pictures = pages.map((page, index) => {
    const picture = checkPage(page, index + 1);
    return index === 0 && page.width * page.rows <= MOST_KEPT ? picture : undefined;
  });
  return new TiffDocument(pages, pictures[0], target);
}

/** Pixels of a first page that are kept from opening to drawing: most faxes have one page, which is unpacked once. */
const MOST_KEPT = 16_000_000;

function inflate(packed: Uint8Array, size: number): Uint8Array {
  try {
    // Z_SYNC_FLUSH gives what a strip that is cut off still holds; the missing rows are counted as damaged.
    return inflateSync(packed, { maxOutputLength: Math.max(1, size), finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return new Uint8Array(0);
  }
}

function named<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof TiffError)
      throw new DocumentError(CODES[error.code], `The TIFF file is refused: ${error.message}.`);
    throw error;
  }
}

function checkPage(page: TiffPage, number: number): TiffPicture {
  const picture = named(() => page.decode());
  const { badRows, complete } = picture;
  if (badRows > page.rows * TOLERATED_DAMAGE || (!complete && badRows === 0 && page.kind === 'grey')) {
    throw new DocumentError('damaged', `Page ${number} of the TIFF file is damaged.`);
  }
  return picture;
}

class TiffDocument implements OpenDocument {
  readonly mediaType = 'image/tiff';
  readonly sizes: readonly NaturalSize[];
  readonly #pages: readonly TiffPage[];
  #first: TiffPicture | undefined;

  /** @param first the first page, if it is kept */
  constructor(pages: readonly TiffPage[], first: TiffPicture | undefined, target: Target) {
    this.#pages = pages;
    this.#first = first;
    this.sizes = pages.map((page) => sizeOf(page, target));
  }

  async draw(index: number, frame: Frame): Promise<Picture> {
    const page = this.#pages[index];
    if (page === undefined) throw new DocumentError('damaged', `The TIFF file has no page ${index + 1}.`);
    const kept = index === 0 ? this.#first : undefined;
    this.#first = undefined;
    const picture = kept ?? named(() => page.decode());
    const warnings = picture.badRows > 0 ? [`page has ${picture.badRows} damaged rows`] : [];
    const bitmap = picture.kind === 'bilevel' ? repeatRows(picture.bitmap, frame) : undefined;
    if (bitmap !== undefined) return { kind: 'bilevel', bitmap, warnings };
    const drawn = scaled(picture, frame);
    const grey = placeGrey(drawn, frame.width, frame.rows, frame.left, frame.top);
    return { kind: 'grey', grey, images: picture.kind === 'bilevel' ? [] : null, warnings };
  }

  close(): void {
    this.#first = undefined;
  }
}

/** Natural size: fax pages count pixel for pixel, whatever their nominal resolution; others by their size on paper. */
function sizeOf(page: TiffPage, target: Target): NaturalSize {
  const { width, rows, xDpi, yDpi } = page;
  if (page.kind === 'grey' && !page.resolutionStated) return naturalSize(width, rows, undefined, target);
  const across = same(xDpi, target.xDpi) ? 1 : target.xDpi / xDpi;
  const down = [0.25, 0.5, 1, 2, 4].find((factor) => same(yDpi * factor, target.yDpi)) ?? target.yDpi / yDpi;
  return { width: width * across, rows: rows * down };
}

function same(a: number, b: number): boolean {
  return Math.abs(a - b) <= b * SAME_RESOLUTION;
}

function scaled(picture: TiffPicture, frame: Frame) {
  return picture.kind === 'bilevel'
    ? scaleBitmap(picture.bitmap, frame.drawWidth, frame.drawRows)
    : scaleGrey(picture.grey, frame.drawWidth, frame.drawRows);
}

/**
 * The page bit for bit when it has the frame's width and its rows fit a whole number of times, as when a standard
 * page goes out fine; undefined when it must be scaled.
 */
function repeatRows(bitmap: Bitmap, frame: Frame): Bitmap | undefined {
  const factor = frame.drawRows / bitmap.rows;
  if (bitmap.width !== frame.drawWidth || !Number.isInteger(factor)) return undefined;
  if (factor === 1 && frame.top === 0 && frame.rows === bitmap.rows && frame.width === bitmap.width) return bitmap;
  if ((frame.left & 7) !== 0) return undefined;
  const out = blankBitmap(frame.width, frame.rows);
  for (let y = 0; y < frame.rows; y++) {
    const from = Math.floor((y - frame.top) / factor) * bitmap.stride;
    out.data.set(bitmap.data.subarray(from, from + bitmap.stride), y * out.stride + (frame.left >> 3));
  }
  return out;
}
