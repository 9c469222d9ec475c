import { PDFDocument, StandardFonts } from 'pdf-lib';
import sharp from 'sharp';
import { sealObject } from '../../../crypto/index.ts';
import { blankBitmap } from '../../../gateway/imaging/raster/bitmap.ts';
import { encodeT6 } from '../../../gateway/imaging/t4-t6/index.ts';
import { writeTiffF } from '../../../gateway/imaging/tiff-f/index.ts';
import type { RenderEvent, RenderJob, RenderOptions, RenderSummary } from '../../../gateway/ports/renderer.ts';

/** Key and fax of every job in these tests. */
export const DEK = new Uint8Array(32).fill(0x5a);
export const FAX = 'fax_01hzy0000000000000000000aa';

export const OPTIONS: RenderOptions = {
  resolution: 'fine',
  halftone: 'auto',
  contrast: 0,
  header: null,
  cover: null,
  paper: 'a4',
  maxPages: 20,
};

/** A PDF with one line of text on each of `pages` A4 pages. */
export async function samplePdf(pages = 1): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  for (let n = 1; n <= pages; n++) {
    pdf.addPage([595.28, 841.89]).drawText(`Page ${n} of ${pages}`, { x: 72, y: 700, size: 12, font });
  }
  return pdf.save();
}

/** A PDF with a line of six-point text. */
export async function smallPrint(): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  pdf.addPage([595.28, 841.89]).drawText('the small print that nobody reads', { x: 72, y: 700, size: 6, font });
  return pdf.save();
}

/** A PDF that asks for a password: its encryption dictionary fits no empty one. */
export function encryptedPdf(): Uint8Array {
  const secret = `<${'5a'.repeat(32)}>`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>',
    `<< /Filter /Standard /V 1 /R 2 /O ${secret} /U ${secret} /P -4 >>`,
  ];
  let text = '%PDF-1.4\n';
  const offsets = objects.map((body, index) => {
    const at = text.length;
    text += `${index + 1} 0 obj\n${body}\nendobj\n`;
    return at;
  });
  const start = text.length;
  const rows = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  text += `xref\n0 5\n0000000000 65535 f \n${rows}trailer\n<< /Size 5 /Root 1 0 R /Encrypt 4 0 R /ID [<01> <01>] >>\n`;
  return new TextEncoder().encode(`${text}startxref\n${start}\n%%EOF\n`);
}

/** A bilevel page of 1728 pixels with a black bar, as TIFF-F. */
export function sampleTiff(rows = 1000, yDpi = 196): Uint8Array {
  const bitmap = blankBitmap(1728, rows);
  for (let y = 100; y < 140; y++) bitmap.data.fill(0xff, y * bitmap.stride + 20, y * bitmap.stride + 90);
  return writeTiffF([{ width: 1728, rows, xDpi: 204, yDpi, t6: encodeT6(bitmap) }]);
}

/** An image with a dark square on white. */
export async function sampleImage(format: 'png' | 'jpeg' | 'webp' | 'gif'): Promise<Uint8Array> {
  const square = await sharp({ create: { width: 200, height: 120, channels: 3, background: '#102030' } })
    .png()
    .toBuffer();
  const page = sharp({ create: { width: 800, height: 600, channels: 3, background: '#ffffff' } });
  return page
    .composite([{ input: square, left: 100, top: 50 }])
    .toFormat(format)
    .toBuffer();
}

/** A job for `documents`, each sealed as `doc/<n>`. */
export function jobOf(documents: readonly Uint8Array[], options: Partial<RenderOptions> = {}): RenderJob {
  return {
    fax: FAX,
    dek: DEK,
    documents: documents.map((bytes, index) => {
      const object = `doc/${index}`;
      return { object, sealed: sealObject(DEK, { fax: FAX, object }, [bytes]) };
    }),
    options: { ...OPTIONS, ...options },
  };
}

/** All that a rendering yields. */
export async function collect(
  run: AsyncGenerator<RenderEvent, RenderSummary>,
): Promise<{ events: RenderEvent[]; summary: RenderSummary }> {
  const events: RenderEvent[] = [];
  for (;;) {
    const { value, done } = await run.next();
    if (done === true) return { events, summary: value };
    events.push(value);
  }
}
