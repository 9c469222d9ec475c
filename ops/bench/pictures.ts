/**
 * Makes the pictures of the README: a piece of a page as it was written, as Sealfax sends it and as ghostscript makes
 * it, side by side. Needs ghostscript.
 *
 *     node ops/bench/pictures.ts [folder]
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { Bitmap } from '../../gateway/imaging/raster/bitmap.ts';
import { letterPdf, mixedPdf, scanPdf } from './documents.ts';
import { drawGrey, faxPages, greyPage, tiffPages } from './pages.ts';
import { type FaxResolution, ghostscriptTiff, hasPeer, missingPeer } from './peers.ts';

const FOLDER = fileURLToPath(new URL('../../docs/pictures/', import.meta.url));

/** One picture: which page, and which part of it, in inches from its upper left corner. */
interface Picture {
  readonly name: string;
  readonly resolution: FaxResolution;
  readonly document: () => Promise<Uint8Array>;
  readonly part: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
}

const PICTURES: readonly Picture[] = [
  {
    name: 'small-print',
    resolution: 'fine',
    document: () => letterPdf([6]),
    part: { left: 0.8, top: 1, width: 1.7, height: 1.1 },
  },
  {
    name: 'scan',
    resolution: 'fine',
    document: () => scanPdf(1, drawGrey),
    part: { left: 0, top: 0.8, width: 2.4, height: 1.6 },
  },
  {
    name: 'photograph',
    resolution: 'fine',
    document: mixedPdf,
    part: { left: 0.8, top: 2.2, width: 2.4, height: 2.2 },
  },
];

/** Width of each of the three, and the white between them, in pixels. */
const WIDTH = 460;
const GAP = 12;

const LINES = { standard: 98, fine: 196, superfine: 391 } as const;

/** A part of a page as grey pixels at `xDpi` × `yDpi`, enlarged so that its pixels can be seen. */
async function cut(
  page: { width: number; rows: number; data: Uint8Array },
  dpi: readonly [number, number],
  { part }: Picture,
  margin: number,
): Promise<Buffer> {
  const raw = { width: page.width, height: page.rows, channels: 1 } as const;
  const at = { left: Math.round(margin + part.left * dpi[0]), top: Math.round(part.top * dpi[1]) };
  const size = { width: Math.round(part.width * dpi[0]), height: Math.round(part.height * dpi[1]) };
  const piece = await sharp(page.data, { raw })
    .extract({ ...at, ...size })
    .extractChannel(0)
    .png()
    .toBuffer();
  const height = Math.round((WIDTH * part.height) / part.width);
  return sharp(piece).resize(WIDTH, height, { fit: 'fill', kernel: 'nearest' }).png().toBuffer();
}

function greyOf(bitmap: Bitmap): { width: number; rows: number; data: Uint8Array } {
  const { width, rows, stride } = bitmap;
  const data = new Uint8Array(width * rows);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x++) {
      data[y * width + x] = ((bitmap.data[y * stride + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1 ? 0 : 255;
    }
  }
  return { width, rows, data };
}

/** The source at 300 dpi, our page and ghostscript's, side by side. */
async function draw(picture: Picture, folder: string): Promise<Buffer> {
  const pdf = await picture.document();
  const dpi = [204, LINES[picture.resolution]] as const;
  const source = await greyPage(pdf, 0, Math.round((210 / 25.4) * 300), Math.round((297 / 25.4) * 300));
  const [ours] = await faxPages(pdf, picture.resolution);
  const [theirs] = tiffPages(ghostscriptTiff(pdf, folder, picture.resolution));
  if (ours === undefined || theirs === undefined) throw new TypeError('a page is missing');
  // Ours stands in the middle of the recording width, ghostscript's at its left edge.
  const margin = (ours.width - (210 / 25.4) * dpi[0]) / 2;
  const pieces = [
    await cut(source, [300, 300], picture, 0),
    await cut(greyOf(ours), dpi, picture, margin),
    await cut(greyOf(theirs), dpi, picture, 0),
  ];
  const height = Math.round((WIDTH * picture.part.height) / picture.part.width);
  const sheet = { width: 3 * WIDTH + 2 * GAP, height, channels: 3, background: '#3b6ea5' } as const;
  return sharp({ create: sheet })
    .composite(pieces.map((input, n) => ({ input, left: n * (WIDTH + GAP), top: 0 })))
    .png({ palette: true, colours: 16, compressionLevel: 9, effort: 10 })
    .toBuffer();
}

/** Draws all pictures into `target`. */
export async function run(target: string = FOLDER): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sealfax-bench-'));
  mkdirSync(target, { recursive: true });
  try {
    for (const picture of PICTURES) {
      const png = await draw(picture, folder);
      writeFileSync(join(target, `${picture.name}.png`), png);
      process.stdout.write(`${picture.name}.png: ${png.length} bytes\n`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.main) {
  if (hasPeer('gs')) await run(process.argv[2]);
  else process.stdout.write(`skipped: ${missingPeer('gs')}\n`);
}
