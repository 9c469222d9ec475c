import { loadPdfium } from '../imaging/pdf/pdfium.ts';

/** Does ahead of need what every document needs: PDFium compiled and initialised, code loaded. */
export async function warmUp(): Promise<void> {
  await loadPdfium();
}
