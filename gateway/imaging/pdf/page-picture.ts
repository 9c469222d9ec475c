import { DOCUMENT_LIMITS } from '../documents/limits.ts';
import { type Bitmap, blankBitmap } from '../raster/bitmap.ts';
import { allocate, type Pdfium } from './pdfium.ts';

/** FPDF_PAGEOBJ_IMAGE of fpdf_edit.h. */
const IMAGE = 3;
/** FPDF_COLORSPACE_UNKNOWN: a stencil, which is black only by what it is painted with. */
const STENCIL = 0;
/** FPDFBitmap_Gray and FPDFBitmap_BGR of fpdfview.h. */
const GRAY = 1;
const BGR = 2;

/** Room for FPDF_IMAGEOBJ_METADATA (fpdf_edit.h) and for a matrix: seven numbers of four octets, and six. */
const SCRATCH = 32;

/** Recording widths at 204 dpi (T.4 table 1). */
const RECORDING_WIDTHS: readonly number[] = [1728, 2048, 2432];
/** Rows per inch of T.30's resolutions, each with the ratio to 204 pels below which it is the nearest one. */
const ROWS_PER_INCH = [
  { yDpi: 98, below: 0.68 },
  { yDpi: 196, below: 1.36 },
  { yDpi: 391, below: Number.POSITIVE_INFINITY },
];

/** A page that is nothing but the bilevel picture of a fax page. */
export interface PagePicture {
  readonly width: number;
  readonly rows: number;
  /** Rows per inch; pels are 204 to the inch. */
  readonly yDpi: number;
}

/** The picture that is all of `page`; undefined for any other page. */
export function findPicture(pdfium: Pdfium, page: number): PagePicture | undefined {
  const image = onlyImage(pdfium, page);
  if (image === undefined || !isUpright(pdfium, image)) return undefined;
  const scratch = allocate(pdfium, SCRATCH);
  try {
    if (pdfium._FPDFImageObj_GetImageMetadata(image, page, scratch) === 0) return undefined;
    const view = new DataView(pdfium.HEAPU8.buffer, scratch, SCRATCH);
    const [width, rows] = [view.getUint32(0, true), view.getUint32(4, true)];
    const [across, down] = [view.getFloat32(8, true), view.getFloat32(12, true)];
    const [bits, colours] = [view.getUint32(16, true), view.getInt32(20, true)];
    const isFax = bits === 1 && colours !== STENCIL && RECORDING_WIDTHS.includes(width);
    if (!isFax || rows === 0 || width * rows > DOCUMENT_LIMITS.pixels || !(across > 0 && down > 0)) return undefined;
    return { width, rows, yDpi: ROWS_PER_INCH.find(({ below }) => down / across < below)?.yDpi ?? 196 };
  } finally {
    pdfium.wasmExports.free(scratch);
  }
}

/** The pixels of the page's picture as they are in the file; undefined when PDFium does not hand them out. */
export function readPicture(pdfium: Pdfium, page: number, { width, rows }: PagePicture): Bitmap | undefined {
  const image = onlyImage(pdfium, page);
  const bitmap = image === undefined ? 0 : pdfium._FPDFImageObj_GetBitmap(image);
  if (bitmap === 0) return undefined;
  try {
    const format = pdfium._FPDFBitmap_GetFormat(bitmap);
    const known = format === GRAY || format === BGR;
    const fits = pdfium._FPDFBitmap_GetWidth(bitmap) === width && pdfium._FPDFBitmap_GetHeight(bitmap) === rows;
    if (!known || !fits) return undefined;
    const stride = pdfium._FPDFBitmap_GetStride(bitmap);
    const start = pdfium._FPDFBitmap_GetBuffer(bitmap);
    const pixels = pdfium.HEAPU8.subarray(start, start + stride * rows);
    // Of three colours the middle one is the brightest to the eye; a picture of one bit has two levels of it.
    return packed(pixels, { width, rows, stride, step: format === GRAY ? 1 : 3, first: format === GRAY ? 0 : 1 });
  } finally {
    pdfium._FPDFBitmap_Destroy(bitmap);
  }
}

/** The one object on the page, if that is an image, unless something lies over it or it lets something through. */
function onlyImage(pdfium: Pdfium, page: number): number | undefined {
  if (pdfium._FPDFPage_CountObjects(page) !== 1 || pdfium._FPDFPage_GetAnnotCount(page) !== 0) return undefined;
  const object = pdfium._FPDFPage_GetObject(page, 0);
  const isImage = object !== 0 && pdfium._FPDFPageObj_GetType(object) === IMAGE;
  const isPlain = isImage && pdfium._FPDFPageObj_HasTransparency(object) === 0;
  return isPlain && pdfium._FPDFPage_GetRotation(page) === 0 ? object : undefined;
}

/** Whether the image stands as it is stored: neither turned nor mirrored (ISO 32000-1 §8.3.3). */
function isUpright(pdfium: Pdfium, image: number): boolean {
  const scratch = allocate(pdfium, SCRATCH);
  try {
    if (pdfium._FPDFPageObj_GetMatrix(image, scratch) === 0) return false;
    const view = new DataView(pdfium.HEAPU8.buffer, scratch, SCRATCH);
    const [a, b, c, d] = [0, 4, 8, 12].map((at) => view.getFloat32(at, true));
    return (a ?? 0) > 0 && (d ?? 0) > 0 && b === 0 && c === 0;
  } finally {
    pdfium.wasmExports.free(scratch);
  }
}

interface Pixels {
  readonly width: number;
  readonly rows: number;
  readonly stride: number;
  /** Octets from one pixel to the next, and of the level within one. */
  readonly step: number;
  readonly first: number;
}

function packed(pixels: Uint8Array, { width, rows, stride, step, first }: Pixels): Bitmap {
  const bitmap = blankBitmap(width, rows);
  for (let y = 0; y < rows; y++) {
    const to = y * bitmap.stride;
    for (let x = 0, at = y * stride + first; x < width; x++, at += step) {
      if ((pixels[at] ?? 255) < 128) bitmap.data[to + (x >> 3)] = (bitmap.data[to + (x >> 3)] ?? 0) | (0x80 >> (x & 7));
    }
  }
  return bitmap;
}
