import type { NaturalSize, OpenDocument, Picture, Target } from '../documents/document.ts';
import { DocumentError } from '../documents/error.ts';
import type { Frame } from '../documents/frame.ts';
import type { Bitmap } from '../raster/bitmap.ts';
import type { Grey } from '../raster/grey.ts';
import { surveyObjects } from './images.ts';
import { findPicture, readPicture } from './page-picture.ts';
import { allocate, loadPdfium, type Pdfium, readFloats } from './pdfium.ts';
import { isLargeType, textWarnings } from './text-height.ts';

/** FPDF_ERR_PASSWORD and FPDF_ERR_SECURITY of fpdfview.h. */
const PASSWORD = 4;
const SECURITY = 5;

/** FPDFBitmap_Gray. */
const GRAY = 1;

/**
 * FPDF_ANNOT | FPDF_PRINTING: annotations and widgets as they would be printed. FPDF_GRAYSCALE is left out: the bitmap turns
 * colours into grey anyway, and with the flag each object does before it is blended, which is wrong and takes 30 ms more
 * for a scanned page.
 */
const ANNOT = 0x01;
const RENDER_FLAGS = ANNOT | 0x800;

/**
 * FPDF_RENDER_NO_SMOOTHTEXT. At 98 lines per inch small letters have strokes of a third of a row: a threshold loses
 * them, the drop-out control of an outline scan converter keeps them.
 */
const NO_SMOOTH_TEXT = 0x1000;

/** Resolution below which letters are drawn without grey, in lines per inch. */
const COARSE = 150;

/** Bytes of a zeroed FPDF_FORMFILLINFO, version 2, with room to spare. */
const FORM_INFO_SIZE = 256;

/**
 * Opens a PDF. Page boxes, rotation and user units are honoured; forms and annotations are drawn as printed.
 * @throws {DocumentError} `encrypted`, `damaged`, `empty`, `too_many_pages`, `memory`
 */
export async function openPdf(bytes: Uint8Array, target: Target): Promise<OpenDocument> {
  const pdfium = await loadPdfium();
  const data = allocate(pdfium, bytes.length);
  pdfium.HEAPU8.set(bytes, data);
  const document = pdfium._FPDF_LoadMemDocument(data, bytes.length, 0);
  if (document === 0) {
    const error = pdfium._FPDF_GetLastError();
    pdfium.wasmExports.free(data);
    throw loadError(error);
  }
  const sizes = pageSizes(pdfium, document, target);
  if (target.received === true) keepPictures(pdfium, document, sizes);
  return new PdfDocument(pdfium, data, document, sizes, target.yDpi);
}

function loadError(error: number): DocumentError {
  if (error === PASSWORD) return new DocumentError('encrypted', 'The PDF is protected by a password.');
  if (error === SECURITY) return new DocumentError('encrypted', 'The PDF is encrypted in a way that cannot be opened.');
  return new DocumentError('damaged', 'The PDF is damaged and cannot be opened.');
}

function pageSizes(pdfium: Pdfium, document: number, target: Target): NaturalSize[] {
  const count = pdfium._FPDF_GetPageCount(document);
  if (count <= 0) throw new DocumentError('empty', 'The PDF has no pages.');
  if (count > target.maxPages) {
    throw new DocumentError('too_many_pages', `The PDF has ${count} pages; at most ${target.maxPages} are allowed.`);
  }
  const scratch = allocate(pdfium, 8);
  const sizes = Array.from({ length: count }, (_, index) => {
    const known = pdfium._FPDF_GetPageSizeByIndexF(document, index, scratch) !== 0;
    const [width = 0, height = 0] = readFloats(pdfium, scratch, 2);
    if (!known || !(width > 0 && height > 0))
      throw new DocumentError('damaged', `Page ${index + 1} of the PDF is damaged.`);
    return { width: (width / 72) * target.xDpi, rows: (height / 72) * target.yDpi };
  });
  pdfium.wasmExports.free(scratch);
  return sizes;
}

/** Gives each page that is the picture of a fax page the size of that picture. */
function keepPictures(pdfium: Pdfium, document: number, sizes: NaturalSize[]): void {
  for (const index of sizes.keys()) {
    const page = pdfium._FPDF_LoadPage(document, index);
    if (page === 0) continue; // what is wrong with it is told when it is drawn
    const picture = findPicture(pdfium, page);
    if (picture !== undefined) sizes[index] = picture;
    pdfium._FPDF_ClosePage(page);
  }
}

class PdfDocument implements OpenDocument {
  readonly mediaType = 'application/pdf';
  readonly sizes: readonly NaturalSize[];
  readonly #pdfium: Pdfium;
  readonly #data: number;
  readonly #document: number;
  readonly #formInfo: number;
  readonly #form: number;
  readonly #yDpi: number;
  readonly #flags: number;
  #pixels = 0;
  #pixelsSize = 0;

  constructor(pdfium: Pdfium, data: number, document: number, sizes: readonly NaturalSize[], yDpi: number) {
    this.#yDpi = yDpi;
    this.#flags = yDpi < COARSE ? RENDER_FLAGS | NO_SMOOTH_TEXT : RENDER_FLAGS;
    this.sizes = sizes;
    this.#pdfium = pdfium;
    this.#data = data;
    this.#document = document;
    this.#formInfo = allocate(pdfium, FORM_INFO_SIZE);
    pdfium.HEAPU8.fill(0, this.#formInfo, this.#formInfo + FORM_INFO_SIZE);
    pdfium.HEAPU8[this.#formInfo] = 2;
    this.#form = pdfium._FPDFDOC_InitFormFillEnvironment(document, this.#formInfo);
  }

  async draw(index: number, frame: Frame): Promise<Picture> {
    const pdfium = this.#pdfium;
    const page = pdfium._FPDF_LoadPage(this.#document, index);
    if (page === 0) throw new DocumentError('damaged', `Page ${index + 1} of the PDF is damaged.`);
    const recorded = this.#recorded(page, index);
    if (recorded !== undefined) {
      pdfium._FPDF_ClosePage(page);
      return { kind: 'bilevel', bitmap: recorded, warnings: [] };
    }
    if (this.#form !== 0) pdfium._FORM_OnAfterLoadPage(page, this.#form);
    try {
      const grey = this.#render(page, frame);
      const placement = { startX: frame.left, startY: frame.top, sizeX: frame.drawWidth, sizeY: frame.drawRows };
      const { images, smallestType } = surveyObjects(pdfium, page, placement);
      const rowsPerPoint = frame.drawRows / this.#points(index);
      const warnings = isLargeType(smallestType * rowsPerPoint) ? [] : textWarnings(pdfium, page, rowsPerPoint);
      return { kind: 'grey', grey: this.#view(grey), images, warnings };
    } finally {
      if (this.#form !== 0) pdfium._FORM_OnBeforeClosePage(page, this.#form);
      pdfium._FPDF_ClosePage(page);
    }
  }

  /** The pixels of a page that is the picture of a fax page. */
  #recorded(page: number, index: number): Bitmap | undefined {
    const { width = 0, rows = 0, yDpi } = this.sizes[index] ?? {};
    return yDpi === undefined ? undefined : readPicture(this.#pdfium, page, { width, rows, yDpi });
  }

  /** Height of page `index` in points. */
  #points(index: number): number {
    return ((this.sizes[index]?.rows ?? 1) / this.#yDpi) * 72;
  }

  #render(page: number, frame: Frame): { width: number; rows: number } {
    const pdfium = this.#pdfium;
    const { width, rows, left, top, drawWidth, drawRows } = frame;
    const pixels = this.#room(width * rows);
    const bitmap = pdfium._FPDFBitmap_CreateEx(width, rows, GRAY, pixels, width);
    if (bitmap === 0) throw new DocumentError('memory', 'A page needs more memory than a document may use.');
    try {
      pdfium._FPDFBitmap_FillRect(bitmap, 0, 0, width, rows, 0xffff_ffff);
      pdfium._FPDF_RenderPageBitmap(bitmap, page, left, top, drawWidth, drawRows, 0, this.#flags);
      if (this.#form !== 0) {
        pdfium._FPDF_FFLDraw(this.#form, bitmap, page, left, top, drawWidth, drawRows, 0, this.#flags & ~ANNOT);
      }
    } finally {
      pdfium._FPDFBitmap_Destroy(bitmap);
    }
    return { width, rows };
  }

  /** One buffer for all pages, kept in PDFium's memory: nothing is copied. */
  #room(size: number): number {
    if (size > this.#pixelsSize) {
      if (this.#pixels !== 0) this.#pdfium.wasmExports.free(this.#pixels);
      this.#pixels = 0;
      this.#pixels = allocate(this.#pdfium, size);
      this.#pixelsSize = size;
    }
    return this.#pixels;
  }

  #view({ width, rows }: { width: number; rows: number }): Grey {
    return { width, rows, data: this.#pdfium.HEAPU8.subarray(this.#pixels, this.#pixels + width * rows) };
  }

  close(): void {
    const pdfium = this.#pdfium;
    if (this.#form !== 0) pdfium._FPDFDOC_ExitFormFillEnvironment(this.#form);
    pdfium._FPDF_CloseDocument(this.#document);
    for (const pointer of [this.#formInfo, this.#pixels, this.#data])
      if (pointer !== 0) pdfium.wasmExports.free(pointer);
  }
}
