import type { PdfPages } from '../../../carrier-adapters/http/index.ts';
import { PAPERS } from '../../../gateway/imaging/documents/document.ts';
import { DocumentError } from '../../../gateway/imaging/documents/error.ts';
import { layOutFax } from '../../../gateway/imaging/documents/fax-layout.ts';
import { type CodedPage, codePage } from '../../../gateway/imaging/index.ts';
import { openPdf } from '../../../gateway/imaging/pdf/pdf-document.ts';
import { DocumentRejected } from '../../../gateway/ports/renderer.ts';
import type { VirtualClock } from '../calls/virtual-clock.ts';

const TARGET = { xDpi: 204, yDpi: 196, paper: PAPERS.a4, maxPages: 100, received: true };
const OPTIONS = { halftone: 'auto', contrast: 0, header: null, cover: null } as const;

/** What the renderer's child does with a received PDF, in this process; time stands still meanwhile. */
export function pdfPagesHere(clock: VirtualClock): PdfPages {
  return async function* (pdf) {
    yield* await clock.holding(pagesOf(pdf));
  };
}

async function pagesOf(pdf: Uint8Array): Promise<CodedPage[]> {
  try {
    const document = await openPdf(pdf, TARGET);
    const layout = await layOutFax([document], TARGET, OPTIONS);
    const pages: CodedPage[] = [];
    for (const [index, { yDpi }] of layout.pages.entries()) {
      const { bitmap } = await layout.draw(index + 1);
      pages.push({ width: bitmap.width, rows: bitmap.rows, xDpi: 204, yDpi, t6: codePage(bitmap) });
    }
    document.close();
    return pages;
  } catch (error) {
    throw error instanceof DocumentError ? new DocumentRejected(error.code, error.message) : error;
  }
}
