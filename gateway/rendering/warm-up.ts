import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';
import { createObjectSealer, openObject } from '../../crypto/objects.ts';
import { keepCode, optimiseAtOnce } from '../imaging/compiled-module.ts';
import { type OpenDocument, PAPERS } from '../imaging/documents/document.ts';
import { layOutFax } from '../imaging/documents/fax-layout.ts';
import { openDocument } from '../imaging/documents/open-document.ts';
import { pngFromBitmap } from '../imaging/out/index.ts';
import { type Bitmap, blankBitmap } from '../imaging/raster/bitmap.ts';
import { codePage, encodeT6 } from '../imaging/t4-t6/index.ts';
import { writeTiffF } from '../imaging/tiff-f/index.ts';
import { markOf } from './objects.ts';
import type { WarmUp } from './warm-up-kind.ts';

/** Lines of text on the page that is drawn to warm up: as many as on a letter. */
const LINES = 40;

/** Times that the page is drawn: after so many our own code is optimised, and of PDFium's what is used most. */
const ROUNDS = 3;

/**
 * Draws, codes and seals one page that nobody sees, of the kind that is expected, so that what draws it is loaded,
 * compiled and optimised before the document arrives: the first page of a job is then as fast as the others.
 */
export async function warmUp(kind: WarmUp): Promise<void> {
  await drawSample(SAMPLES[kind](), kind, ROUNDS);
}

/** Draws a sample of `kind` that many times; text with a cover, because they share the typesetter. */
async function drawSample(bytes: Uint8Array, kind: WarmUp, rounds: number): Promise<void> {
  const target = { xDpi: 204, yDpi: 196, paper: PAPERS.a4, maxPages: 2 };
  const document: OpenDocument = await openDocument(bytes, target);
  const cover = kind === 'text' ? ({ template: 'letter' } as const) : null;
  const layout = await layOutFax([document], target, { halftone: 'auto', contrast: 0, header: null, cover });
  for (let round = 0; round < rounds; round++) {
    for (const number of layout.pages.keys()) await sealPage(codePage((await layout.draw(number + 1)).bitmap));
  }
  document.close();
}

/** Times that pages are drawn until V8 has optimised what a document of some forty pages would have it optimise. */
const TRAINING = { letter: 40, text: 10, scan: 3 };

/** Draws letters and scans until what draws them is optimised, and keeps its machine code in `folder` for other children. */
export async function trainChildren(folder: string): Promise<void> {
  optimiseAtOnce(true);
  await drawSample(samplePdf(), 'pdf', TRAINING.letter);
  await drawSample(SAMPLES.text(), 'text', TRAINING.text);
  await drawSample(await sampleScan(), 'pdf', TRAINING.scan);
  optimiseAtOnce(false);
  keepCode(folder);
}

/** Seals a page as that of a fax is sealed, with a key that is none, and opens it again. */
async function sealPage(t6: Uint8Array): Promise<void> {
  const key = new Uint8Array(32);
  const name = { fax: 'warm', object: 'page/1' };
  markOf(key, t6);
  const sealer = await createObjectSealer(key, name, { wipeSource: true });
  const sealed = [sealer.header, ...(await sealer.write(t6)), await sealer.end()];
  for await (const record of openObject(key, name, sealed)) record.fill(0);
}

const SAMPLES: Record<WarmUp, () => Uint8Array> = {
  pdf: samplePdf,
  tiff: sampleTiff,
  image: () => pngFromBitmap(sampleBitmap(), { xDpi: 204, yDpi: 196, square: false }, deflateSync),
  text: () => new TextEncoder().encode('The quick brown fox jumps over the lazy dog.\n'.repeat(LINES)),
};

/** A page of fax size with marks of the width of letters in each of its lines. */
function sampleBitmap(): Bitmap {
  const bitmap = blankBitmap(1728, 2292);
  for (let y = 100; y < bitmap.rows - 100; y++) {
    if (y % 48 > 24) continue;
    for (let x = 24; x < bitmap.stride - 24; x += 2) bitmap.data[y * bitmap.stride + x] = 0x3c << ((x + y) & 1);
  }
  return bitmap;
}

function sampleTiff(): Uint8Array {
  const bitmap = sampleBitmap();
  return writeTiffF([{ width: bitmap.width, rows: bitmap.rows, xDpi: 204, yDpi: 196, t6: encodeT6(bitmap) }]);
}

/**
 * A letter as word processors write it: packed contents and a TrueType font of its own. PDFium rebuilds the
 * cross-reference table that it lacks.
 */
function samplePdf(): Uint8Array {
  const line = "(The quick brown fox jumps over the lazy dog, 0123456789, and back again.) '";
  const content = deflateSync(`BT /F 11 Tf 14 TL 60 780 Td ${`${line} `.repeat(LINES)}ET`);
  const font = readFileSync(fileURLToPath(import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSerif.ttf')));
  const widths = '600 '.repeat(LAST_LETTER - FIRST_LETTER + 1);
  return pdfOf('/Font << /F 4 0 R >>', [
    `<< /Type /Font /Subtype /TrueType /BaseFont /Sample /FirstChar ${FIRST_LETTER} /LastChar ${LAST_LETTER}` +
      ` /Widths [${widths}] /FontDescriptor 6 0 R /Encoding /WinAnsiEncoding >>`,
    stream('/Filter /FlateDecode', content),
    '<< /Type /FontDescriptor /FontName /Sample /Flags 32 /FontBBox [0 -300 1000 1000] /ItalicAngle 0 /Ascent 900' +
      ' /Descent -200 /CapHeight 700 /StemV 80 /FontFile2 7 0 R >>',
    stream(`/Length1 ${font.length}`, font),
  ]);
}

/** What an office scanner makes of a page: a JPEG in grey. */
async function sampleScan(): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp');
  const { data, info } = await sharp(SAMPLES.image()).greyscale().blur(1).jpeg().toBuffer({ resolveWithObject: true });
  const size = `/Width ${info.width} /Height ${info.height} /BitsPerComponent 8 /ColorSpace /DeviceGray`;
  return pdfOf('/XObject << /I 4 0 R >>', [
    stream(`/Type /XObject /Subtype /Image ${size} /Filter /DCTDecode`, data),
    stream('', Buffer.from('595 0 0 842 0 0 cm /I Do')),
  ]);
}

/** A document of one page, with `objects` from number 4 on, of which number 5 is its contents. */
function pdfOf(resources: string, objects: readonly (string | Buffer)[]): Uint8Array {
  const page = `/MediaBox [0 0 595 842] /Resources << ${resources} >> /Contents 5 0 R`;
  const all = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R ${page} >>`,
    ...objects,
  ];
  const body = all.flatMap((object, index) => [Buffer.from(`${index + 1} 0 obj\n`), object, '\nendobj\n']);
  const parts = ['%PDF-1.4\n', ...body, 'trailer\n<< /Root 1 0 R >>\n%%EOF\n'];
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
}

/** Codes of the letters that the sample's font describes. */
const FIRST_LETTER = 32;
const LAST_LETTER = 126;

function stream(dictionary: string, bytes: Uint8Array): Buffer {
  const head = `<< ${dictionary} /Length ${bytes.length} >>\nstream\n`;
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from('\nendstream')]);
}
