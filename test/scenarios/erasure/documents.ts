import { randomBytes } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { PDFDocument, StandardFonts } from 'pdf-lib';
import { pngFromBitmap } from '../../../gateway/imaging/out/index.ts';
import { type Bitmap, blankBitmap } from '../../../gateway/imaging/raster/bitmap.ts';
import { encodeT6 } from '../../../gateway/imaging/t4-t6/index.ts';
import { writeTiffF } from '../../../gateway/imaging/tiff-f/index.ts';

const WIDTH = 1728;
const FINE = { xDpi: 204, yDpi: 196 };

/** A document that says nothing that was ever said before. */
export interface MarkedDocument {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
  readonly pages: number;
}

/** `count` documents of four kinds, of one record and of many, each with content of its own on every page. */
export async function markedDocuments(count: number): Promise<MarkedDocument[]> {
  const documents: MarkedDocument[] = [];
  for (let i = 0; i < count; i++) documents.push(await markedDocument(i));
  return documents;
}

async function markedDocument(index: number): Promise<MarkedDocument> {
  if (index % 5 === 1) return { name: 'letter.txt', type: 'text/plain', bytes: letter(index), pages: 1 };
  if (index % 5 === 2) return { name: 'plan.png', type: 'image/png', bytes: picture(500), pages: 1 };
  if (index % 5 === 3) return { name: 'case.pdf', type: 'application/pdf', bytes: await portable(), pages: 2 };
  const pages = 1 + (index % 3);
  return { name: 'scan.tif', type: 'image/tiff', bytes: scan(pages, 100 + 60 * index), pages };
}

function words(lines: number): string[] {
  return Array.from({ length: lines }, () => `Befund ${randomBytes(24).toString('hex')}`);
}

/** Short ones fit into the smallest pools that a program has. */
function letter(index: number): Uint8Array {
  return new TextEncoder().encode(`${words(index % 2 === 0 ? 3 : 40).join('\n')}\n`);
}

/** A page of which the upper rows are noise: rows of 216 octets, each its own mark. */
function noise(rows: number): Bitmap {
  const bitmap = blankBitmap(WIDTH, 2200);
  bitmap.data.set(randomBytes(bitmap.stride * rows), bitmap.stride * 100);
  return bitmap;
}

function scan(pages: number, rows: number): Uint8Array {
  return writeTiffF(
    Array.from({ length: pages }, () => {
      const bitmap = noise(Math.min(rows, 900));
      return { width: bitmap.width, rows: bitmap.rows, ...FINE, t6: encodeT6(bitmap) };
    }),
  );
}

function picture(rows: number): Uint8Array {
  return pngFromBitmap(noise(rows), { ...FINE, square: false }, deflateSync);
}

async function portable(): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  const font = await pdf.embedFont(StandardFonts.Courier);
  const first = pdf.addPage([595.28, 841.89]);
  words(30).forEach((line, index) => {
    first.drawText(line, { x: 60, y: 780 - index * 20, size: 11, font });
  });
  const image = await pdf.embedPng(picture(300));
  pdf.addPage([595.28, 841.89]).drawImage(image, { x: 0, y: 0, width: 595.28, height: 841.89 });
  return pdf.save();
}
