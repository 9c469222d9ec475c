/** Fax pages for people and their programs. */
export { createPdfWriter, type PdfMeta, type PdfWriter, pdfFromT6Pages } from './pdf.ts';
export { type Deflate, type PngOptions, pngFromBitmap } from './png.ts';
export { squarePixels } from './square.ts';
