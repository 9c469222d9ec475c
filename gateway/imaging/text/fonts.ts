import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import fontkit from '@pdf-lib/fontkit';
import type { PDFDocument, PDFFont } from 'pdf-lib';

/** Faces of the DejaVu family that come with the gateway: Latin, Greek, Cyrillic, Armenian, Georgian and many symbols. */
const FACES = {
  sans: 'DejaVuSans.ttf',
  sansBold: 'DejaVuSans-Bold.ttf',
  serif: 'DejaVuSerif.ttf',
  serifBold: 'DejaVuSerif-Bold.ttf',
  mono: 'DejaVuSansMono.ttf',
} as const;

/** Name of a bundled face. */
export type Face = keyof typeof FACES;

/** Where the file of `face` lies, wherever the package was installed. */
export function fontPath(face: Face): string {
  return fileURLToPath(import.meta.resolve(`dejavu-fonts-ttf/ttf/${FACES[face]}`));
}

/** Embeds `face` into `pdf`. `subset` keeps only the glyphs used: smaller, but each line is laid out more slowly. */
export async function embedFace(pdf: PDFDocument, face: Face, subset = false): Promise<PDFFont> {
  pdf.registerFontkit(fontkit);
  return pdf.embedFont(await readFile(fontPath(face)), { subset, features: { liga: false } });
}
