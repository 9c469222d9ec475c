// Draws the glyphs of the header line's font from DejaVu Sans Mono Bold and writes font-data.ts. Run it again only when
// the glyph set or the strikes change:
//
//    node gateway/imaging/header/generate-font.ts

import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import fontkit from '@pdf-lib/fontkit';
import { PDFDocument } from 'pdf-lib';
import { openPdf } from '../pdf/pdf-document.ts';
import { blankBitmap } from '../raster/bitmap.ts';
import { encodeT6 } from '../t4-t6/index.ts';

/** Code points of the font: Latin, Greek, Cyrillic, and the signs of a header line. */
const RANGES: readonly (readonly [number, number])[] = [
  [0x20, 0x7e],
  [0xa0, 0x24f],
  [0x370, 0x3ff],
  [0x400, 0x52f],
  [0x1e00, 0x1eff],
  [0x2010, 0x2027],
  [0x2030, 0x203a],
  [0x20a0, 0x20bf],
  [0x2116, 0x2116],
  [0x2122, 0x2122],
  [0x2190, 0x2193],
  [0xfffd, 0xfffd],
];

/** Cell of a glyph: 12 pixels at 204 dpi across, and rows for each vertical resolution that has a strike of its own. */
const CELL_WIDTH = 12;
const STRIKES = { 98: 13, 196: 26 } as const;

/** Type size at which one advance is exactly one cell, in points. */
const SIZE = (CELL_WIDTH / 204) * 72 * (2048 / 1233);

/** Baseline below the top of the cell, in parts of its height. */
const BASELINE = 0.78;

/** Grey below which a pixel of a glyph is black; bold strokes are two pixels wide. */
const INK_BELOW = 150;

const path = fileURLToPath(import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSansMono-Bold.ttf'));
const file = await readFile(path);
const probe = await PDFDocument.create();
probe.registerFontkit(fontkit);
const covered = new Set((await probe.embedFont(file)).getCharacterSet());
const codes = RANGES.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i)).filter(
  (code) => covered.has(code),
);

/** All glyphs of one strike in a column, coded as one T.6 image. */
async function strike(yDpi: number, cellRows: number): Promise<string> {
  const pdf = await PDFDocument.create();
  pdf.registerFontkit(fontkit);
  const font = await pdf.embedFont(file);
  const height = (cellRows / yDpi) * 72;
  const width = (CELL_WIDTH / 204) * 72;
  for (const code of codes) {
    pdf
      .addPage([width, height])
      .drawText(String.fromCodePoint(code), { x: 0, y: height * (1 - BASELINE), size: SIZE, font });
  }
  const target = { xDpi: 204, yDpi, paper: { width: 210, height: 297 }, maxPages: codes.length };
  const document = await openPdf(await pdf.save(), target);
  const sheet = blankBitmap(CELL_WIDTH, cellRows * codes.length);
  const frame = { width: CELL_WIDTH, rows: cellRows, left: 0, top: 0, drawWidth: CELL_WIDTH, drawRows: cellRows };
  for (const index of codes.keys()) {
    const picture = await document.draw(index, frame);
    if (picture.kind !== 'grey') throw new TypeError('a PDF is drawn in grey');
    picture.grey.data.forEach((level, at) => {
      const row = index * cellRows + Math.floor(at / CELL_WIDTH);
      const x = at % CELL_WIDTH;
      const byte = row * sheet.stride + (x >> 3);
      if (level < INK_BELOW) sheet.data[byte] = (sheet.data[byte] ?? 0) | (0x80 >> (x & 7));
    });
  }
  return Buffer.from(encodeT6(sheet)).toString('base64');
}

/** Neighbouring code points as [first, last]. */
function rangesOf(list: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const code of list) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] + 1 === code) last[1] = code;
    else ranges.push([code, code]);
  }
  return ranges;
}

const wrap = (text: string) => (text.match(/.{1,110}/g) ?? []).map((line) => `  '${line}'`).join(' +\n');
const parts = await Promise.all(
  Object.entries(STRIKES).map(async ([yDpi, rows]) => ({ yDpi, rows, t6: await strike(Number(yDpi), rows) })),
);
const source = `// Made by generate-font.ts from DejaVu Sans Mono Bold (Bitstream Vera licence, free to embed); do not edit.

/** Width of every glyph in pixels at 204 dpi. */
export const CELL_WIDTH = ${CELL_WIDTH};

/** Code points in the order of their glyphs, as [first, last]. */
export const CODE_RANGES: readonly (readonly [number, number])[] = ${JSON.stringify(rangesOf(codes))};

/** Glyphs below each other in one T.6 image, base64, for each vertical resolution that has a drawing of its own. */
export const STRIKES = {
${parts.map(({ yDpi, rows, t6 }) => `  ${yDpi}: { rows: ${rows}, t6:\n${wrap(t6)} },`).join('\n')}
} as const;
`;
await writeFile(new URL('./font-data.ts', import.meta.url), source);
