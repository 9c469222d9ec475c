import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bitmap, blankBitmap, encodeT6, readTiff, writeTiffF } from '../../../gateway/imaging/index.ts';

/** A sheet of test pages. */
export interface Sheet {
  readonly width: 1728 | 2048 | 2432;
  readonly rows: number;
  readonly yDpi: 98 | 196 | 391;
  readonly pages: number;
  /** `text`: strokes like those of a letter; `dense`: noise that no coding makes small. */
  readonly kind: 'text' | 'dense';
}

/** Test documents by name: every size, resolution and length that the suites send. */
export const SHEETS = {
  'a4-standard': { width: 1728, rows: 1143, yDpi: 98, pages: 1, kind: 'text' },
  'a4-fine': { width: 1728, rows: 2286, yDpi: 196, pages: 1, kind: 'text' },
  'a4-superfine': { width: 1728, rows: 4572, yDpi: 391, pages: 1, kind: 'text' },
  'a4-dense': { width: 1728, rows: 2286, yDpi: 196, pages: 1, kind: 'dense' },
  'a4-fine-3': { width: 1728, rows: 2286, yDpi: 196, pages: 3, kind: 'text' },
  'a4-standard-10': { width: 1728, rows: 1143, yDpi: 98, pages: 10, kind: 'text' },
  'a4-standard-50': { width: 1728, rows: 1143, yDpi: 98, pages: 50, kind: 'text' },
  'letter-fine': { width: 1728, rows: 2156, yDpi: 196, pages: 1, kind: 'text' },
  'legal-fine': { width: 1728, rows: 2744, yDpi: 196, pages: 1, kind: 'text' },
  'b4-fine': { width: 2048, rows: 2806, yDpi: 196, pages: 1, kind: 'text' },
  'a3-fine': { width: 2432, rows: 3241, yDpi: 196, pages: 1, kind: 'text' },
} as const satisfies Record<string, Sheet>;
export type SheetName = keyof typeof SHEETS;

/** Writes the document into `folder` as TIFF-F. @returns its path */
export async function writeSheet(folder: string, name: SheetName): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${name}.tif`);
  await writeFile(path, sheetFile(SHEETS[name]));
  return path;
}

/** The document as a TIFF-F file (G4). */
export function sheetFile({ width, rows, yDpi, pages, kind }: Sheet): Uint8Array {
  const coded = Array.from({ length: pages }, (_, index) => {
    const bitmap = blankBitmap(width, rows);
    draw(bitmap, kind, index + 1);
    return { t6: encodeT6(bitmap), width, rows, xDpi: 204, yDpi };
  });
  return writeTiffF(coded, {});
}

/** Every pixel of a TIFF file, page by page. */
export async function bitmapsOf(path: string): Promise<Bitmap[]> {
  const file = readTiff(await readFile(path), { maxPages: 100, maxPixels: 50_000_000 });
  return file.pages.map((page) => {
    const picture = page.decode();
    if (picture.kind !== 'bilevel') throw new Error(`${path} holds a grey page`);
    return picture.bitmap;
  });
}

/** How two documents differ, in one sentence; undefined when they are the same in every pixel. */
export function difference(sent: readonly Bitmap[], got: readonly Bitmap[]): string | undefined {
  if (sent.length !== got.length) return `${sent.length} pages were sent, ${got.length} came`;
  for (const [index, page] of sent.entries()) {
    const other = got[index];
    if (other === undefined || page.width !== other.width || page.rows !== other.rows) {
      return `page ${index + 1}: ${page.width} × ${page.rows} was sent, ${other?.width} × ${other?.rows} came`;
    }
    const at =
      Buffer.compare(page.data, other.data) === 0 ? -1 : page.data.findIndex((byte, i) => byte !== other.data[i]);
    if (at >= 0) return `page ${index + 1} differs from row ${Math.floor(at / page.stride)} on`;
  }
  return undefined;
}

/** Numbers that look random and are the same each time (a linear congruential generator). */
function sequence(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

function draw(page: Bitmap, kind: Sheet['kind'], number: number): void {
  const unit = Math.max(1, Math.round(page.rows / 1143));
  rectangle(page, 20, 12 * unit, page.width - 40, 2 * unit);
  rectangle(page, 20, page.rows - 14 * unit, page.width - 40, 2 * unit);
  // The number of the page as a row of blocks: pages of one document differ.
  for (let bit = 0; bit < 8; bit++) if ((number >> bit) & 1) rectangle(page, 60 + bit * 40, 24 * unit, 28, 12 * unit);
  const random = sequence(number);
  if (kind === 'dense') noise(page, random, unit);
  else letters(page, random, unit);
}

/** Lines of words: strokes 2 to 4 pels wide, as print at 204 dots per inch has them. */
function letters(page: Bitmap, random: () => number, unit: number): void {
  for (let top = 60 * unit; top < page.rows - 60 * unit; top += 22 * unit) {
    for (let x = 100; x < page.width - 140; ) {
      const word = 2 + Math.floor(random() * 8);
      for (let letter = 0; letter < word && x < page.width - 120; letter++, x += 16) stroke(page, random, x, top, unit);
      x += 14;
    }
  }
}

function stroke(page: Bitmap, random: () => number, x: number, top: number, unit: number): void {
  const shape = Math.floor(random() * 16);
  if (shape & 1) rectangle(page, x, top, 3, 10 * unit);
  if (shape & 2) rectangle(page, x + 8, top + 3 * unit, 3, 7 * unit);
  if (shape & 4) rectangle(page, x, top + 4 * unit, 11, unit);
  if (shape & 8) rectangle(page, x + 2, top + 9 * unit, 8, unit);
}

function noise(page: Bitmap, random: () => number, unit: number): void {
  for (let y = 60 * unit; y < page.rows - 60 * unit; y += 4) {
    for (let x = 120; x < page.width - 120; x += 4) if (random() < 0.5) rectangle(page, x, y, 4, 4);
  }
}

function rectangle(page: Bitmap, left: number, top: number, width: number, rows: number): void {
  for (let y = top; y < Math.min(page.rows, top + rows); y++) {
    for (let x = left; x < Math.min(page.width, left + width); x++) {
      const at = y * page.stride + (x >> 3);
      page.data[at] = (page.data[at] ?? 0) | (0x80 >> (x & 7));
    }
  }
}
