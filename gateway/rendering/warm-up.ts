import { PAPERS } from '../imaging/documents/document.ts';
import { layOutFax } from '../imaging/documents/fax-layout.ts';
import { openPdf } from '../imaging/pdf/pdf-document.ts';
import { encodeT6 } from '../imaging/t4-t6/index.ts';

/** Lines of text on the page that is drawn to warm up: as many as on a letter. */
const LINES = 40;

/**
 * Draws and codes one page of text that nobody sees, so that PDFium is compiled and the code of every page is optimised
 * before a document arrives: the first page of a job is then as fast as the others.
 */
export async function warmUp(): Promise<void> {
  const target = { xDpi: 204, yDpi: 196, paper: PAPERS.a4, maxPages: 1 };
  const document = await openPdf(warmUpPage(), target);
  const layout = await layOutFax([document], target, { halftone: 'auto', contrast: 0, header: null, cover: null });
  encodeT6((await layout.draw(1)).bitmap);
  document.close();
}

/** A small PDF; PDFium rebuilds the cross-reference table that it lacks. */
function warmUpPage(): Uint8Array {
  const line = "(The quick brown fox jumps over the lazy dog, 0123456789, and back again.) '";
  const content = `BT /F 11 Tf 14 TL 60 780 Td ${`${line} `.repeat(LINES)}ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 4 0 R >> >> /Contents 5 0 R >>',
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
  ];
  const body = objects.map((object, index) => `${index + 1} 0 obj\n${object}\nendobj\n`).join('');
  return new TextEncoder().encode(`%PDF-1.4\n${body}trailer\n<< /Root 1 0 R >>\n%%EOF\n`);
}
