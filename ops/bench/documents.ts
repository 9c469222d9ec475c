/**
 * Documents that the imaging benches and tests draw: made here, of invented text and computed pictures, so that
 * nothing foreign has to be kept. Always the same bytes.
 */

import { readFile } from 'node:fs/promises';
import fontkit from '@pdf-lib/fontkit';
import { PDFDocument, type PDFFont, type PDFPage, rgb } from 'pdf-lib';
import sharp from 'sharp';
import { fontPath } from '../../gateway/imaging/text/fonts.ts';

/** A4 in points. */
const A4: [number, number] = [595.28, 841.89];
/** Points in a millimetre. */
const MM = 72 / 25.4;
/** White edge in points. */
const MARGIN = 60;

/** The text of the test letter: plain words, as an OCR program with an English dictionary expects them. */
export const LETTER = [
  'Dear Doctor Hartwell,',
  'Thank you for sending your patient to our clinic last Thursday. We examined her in the morning and spoke with her ' +
    'husband in the afternoon. She has been well since the spring, sleeps through the night and walks to the market ' +
    'twice a week without help. Her appetite is good and her weight has not changed since the last visit.',
  'The wound on the left hand has closed and shows no sign of infection. She can hold a cup, open a door and write a ' +
    'short letter, although the small finger remains stiff in cold weather. We advised her to continue the exercises ' +
    'that she learned from the therapist, five minutes in the morning and five minutes before supper.',
  'Blood pressure was slightly raised on arrival and normal an hour later. The heart sounds were clear, the lungs ' +
    'were free, and the ankles were not swollen. We did not find any reason for another scan at this time. The results ' +
    'from the laboratory are attached on the following page and need no treatment.',
  'Please reduce the evening dose by half during the coming month and stop the tablets when the pain does not return. ' +
    'We would like to see her again in the autumn, or sooner if the swelling comes back, if she has a fever, or if the ' +
    'grip becomes weaker. The nurse will arrange the date by telephone and confirm it in writing.',
  'We remain at your service for any question about this report.',
  'With kind regards from the whole team,',
] as const;

/** Embedded as a subset of the glyphs used: what word processors write. */
async function serif(pdf: PDFDocument): Promise<PDFFont> {
  pdf.registerFontkit(fontkit);
  return pdf.embedFont(await readFile(fontPath('serif')), { subset: true, features: { liga: false } });
}

async function newPdf(): Promise<PDFDocument> {
  const pdf = await PDFDocument.create();
  pdf.setCreationDate(new Date(0));
  pdf.setModificationDate(new Date(0));
  return pdf;
}

function breakWords(text: string, font: PDFFont, size: number, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (font.widthOfTextAtSize(longer, size) <= width) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** Sets paragraphs from `y` downwards; returns where it ended. Lines below the lower margin are left out. */
function setText(page: PDFPage, paragraphs: readonly string[], font: PDFFont, size: number, top: number): number {
  let y = top;
  for (const paragraph of paragraphs) {
    for (const line of breakWords(paragraph, font, size, A4[0] - 2 * MARGIN)) {
      if (y > MARGIN) page.drawText(line, { x: MARGIN, y, size, font });
      y -= size * 1.3;
    }
    y -= size * 0.6;
  }
  return y;
}

/** The test letter, one page for each of `sizes` (points). */
export async function letterPdf(sizes: readonly number[]): Promise<Uint8Array> {
  const pdf = await newPdf();
  const font = await serif(pdf);
  for (const size of sizes) setText(pdf.addPage(A4), LETTER, font, size, A4[1] - 80);
  return pdf.save();
}

/** `pages` full pages of text at 10.5 point, about 2,700 characters each, no two alike. */
export async function textPdf(pages: number): Promise<Uint8Array> {
  const pdf = await newPdf();
  const font = await serif(pdf);
  for (let n = 0; n < pages; n++) {
    const body = LETTER.slice(1, 5);
    const turned = [...body.slice(n % 4), ...body.slice(0, n % 4), ...body];
    setText(pdf.addPage(A4), [`Report number ${n + 1} of ${pages}`, ...turned], font, 10.5, A4[1] - 70);
  }
  return pdf.save();
}

/** Offsets of the rules of {@link rulesPdf}, in millimetres: at 204 dpi every place within a pixel is met. */
export const RULES = Array.from({ length: 40 }, (_, n) => ({ at: 30 + n * 3.037, length: 100 }));

/** Rules of `thickness` millimetres: one page of horizontal ones, one of vertical ones. */
export async function rulesPdf(thickness: number): Promise<Uint8Array> {
  const pdf = await newPdf();
  for (const vertical of [false, true]) {
    const page = pdf.addPage(A4);
    for (const { at, length } of RULES) {
      const from = A4[1] - at * MM;
      const rect = vertical
        ? { x: at * MM, y: A4[1] - (50 + length) * MM, width: thickness * MM, height: length * MM }
        : { x: 50 * MM, y: from, width: length * MM, height: thickness * MM };
      page.drawRectangle({ ...rect, color: rgb(0, 0, 0) });
    }
  }
  return pdf.save();
}

/** Pseudo-random numbers of 0…1 with a known seed (Marsaglia's xorshift). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Smooth noise: a grid of random levels, enlarged. */
async function cloud(width: number, rows: number, cells: number, random: () => number): Promise<Uint8Array> {
  const lines = Math.max(2, Math.round((cells * rows) / width));
  const grid = Uint8Array.from({ length: cells * lines }, () => random() * 255);
  const raw = { width: cells, height: lines, channels: 1 } as const;
  return sharp(grid, { raw }).resize(width, rows, { fit: 'fill', kernel: 'cubic' }).extractChannel(0).raw().toBuffer();
}

/**
 * A picture with the statistics of a photograph: structure of every size with a spectrum of 1/f, a bright sky above, a
 * shaded ball, a dark wall with edges. One byte a pixel.
 */
export async function photograph(width: number, rows: number, seed = 7): Promise<Uint8Array> {
  const random = seeded(seed);
  const sums = new Float32Array(width * rows);
  for (let cells = 4, weight = 1; cells < width / 2; cells *= 2, weight /= 1.9) {
    const layer = await cloud(width, rows, cells, random);
    for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + ((layer[i] ?? 0) - 128) * weight;
  }
  const data = new Uint8Array(width * rows);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x++) {
      const level = scene(x / width, y / rows) + 0.45 * (sums[y * width + x] ?? 0) + (random() - 0.5) * 6;
      data[y * width + x] = Math.max(0, Math.min(255, level));
    }
  }
  return data;
}

/** Brightness of the scene at (`u`, `v`), both 0…1. */
function scene(u: number, v: number): number {
  const ball = Math.hypot(u - 0.6, (v - 0.6) * 0.8);
  if (ball < 0.18) return 230 - 900 * Math.hypot(u - 0.54, (v - 0.53) * 0.8);
  if (u < 0.22 && v > 0.3) return (Math.floor(v * 24) & 1) === 0 ? 60 : 82;
  return v < 0.45 ? 232 - 90 * v : 150 - 60 * v;
}

/** `pages` photographs of 150 × 190 mm, each centred on a page. */
export async function photoPdf(pages: number): Promise<Uint8Array> {
  const pdf = await newPdf();
  for (let n = 0; n < pages; n++) {
    const [width, rows] = [900, 1140];
    const data = await photograph(width, rows, 7 + n * 13);
    const jpeg = await sharp(data, { raw: { width, height: rows, channels: 1 } })
      .jpeg({ quality: 88 })
      .toBuffer();
    pdf.addPage(A4).drawImage(await pdf.embedJpg(jpeg), {
      x: (A4[0] - 150 * MM) / 2,
      y: (A4[1] - 190 * MM) / 2,
      width: 150 * MM,
      height: 190 * MM,
    });
  }
  return pdf.save();
}

/** Text above and below a photograph, as a report or a newsletter has them. */
export async function mixedPdf(): Promise<Uint8Array> {
  const pdf = await newPdf();
  const font = await serif(pdf);
  const page = pdf.addPage(A4);
  const end = setText(page, LETTER.slice(0, 3), font, 10.5, A4[1] - 70);
  const [width, rows] = [720, 480];
  const raw = { width, height: rows, channels: 1 } as const;
  const jpeg = await sharp(await photograph(width, rows, 11), { raw })
    .jpeg({ quality: 88 })
    .toBuffer();
  const height = 90 * MM;
  page.drawImage(await pdf.embedJpg(jpeg), { x: MARGIN, y: end - height, width: 135 * MM, height });
  setText(page, LETTER.slice(3), font, 10.5, end - height - 20);
  return pdf.save();
}

/**
 * A letter as a flat-bed scanner sees it: grey levels at 200 dpi, paper that is not white, a shadow along the
 * binding, noise, a slight turn. One byte a pixel.
 */
async function scan(page: Uint8Array, width: number, rows: number, seed: number): Promise<Uint8Array> {
  const random = seeded(seed);
  const raw = { width, height: rows, channels: 1 } as const;
  const turned = await sharp(page, { raw })
    .rotate(0.4, { background: '#ffffff' })
    .resize(width, rows, { fit: 'cover' })
    .blur(0.6)
    .extractChannel(0)
    .raw()
    .toBuffer();
  const data = new Uint8Array(width * rows);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x++) {
      const shadow = 110 * Math.exp(-x / (0.03 * width)) + 30 * (y / rows) ** 6;
      const ink = 55 + ((turned[y * width + x] ?? 255) / 255) * (228 - 55);
      data[y * width + x] = Math.max(0, Math.min(255, ink - shadow + (random() + random() - 1) * 9));
    }
  }
  return data;
}

/** Pixels of an A4 page at 200 dpi. */
const SCAN = { width: 1654, rows: 2339 } as const;

/** Draws text pages as grey pixels of the scanner's resolution; injected, because it is the renderer under test. */
export type DrawGrey = (pdf: Uint8Array, page: number, width: number, rows: number) => Promise<Uint8Array>;

/** `pages` scanned letters as JPEGs in a PDF: what office scanners send. */
export async function scanPdf(pages: number, draw: DrawGrey): Promise<Uint8Array> {
  const pdf = await newPdf();
  const source = await textPdf(pages);
  for (let n = 0; n < pages; n++) {
    const clean = await draw(source, n, SCAN.width, SCAN.rows);
    const raw = { width: SCAN.width, height: SCAN.rows, channels: 1 } as const;
    const jpeg = await sharp(await scan(clean, SCAN.width, SCAN.rows, 5 + n), { raw })
      .jpeg({ quality: 80 })
      .toBuffer();
    pdf.addPage(A4).drawImage(await pdf.embedJpg(jpeg), { x: 0, y: 0, width: A4[0], height: A4[1] });
  }
  return pdf.save();
}
