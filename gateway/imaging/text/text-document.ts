import { PDFDocument } from 'pdf-lib';
import type { OpenDocument, Target } from '../documents/document.ts';
import { DocumentError } from '../documents/error.ts';
import { openPdf } from '../pdf/pdf-document.ts';
import { decodeText } from './decode.ts';
import { embedFace } from './fonts.ts';
import { layoutText } from './layout.ts';

/** Type size and line pitch in points: ten characters and six lines are as wide and high as on a typewriter. */
const SIZE = 10;
const PITCH = 12;

/** White edge in millimetres. */
const MARGIN = 18;

/** Advance of DejaVu Sans Mono in parts of its size. */
const ADVANCE = 1233 / 2048;

const POINTS_PER_MM = 72 / 25.4;

/**
 * Sets plain text in DejaVu Sans Mono on pages of the target's paper.
 *
 * Characters that the font lacks are never drawn as boxes: text with letters of such a script (Chinese, Japanese, Korean,
 * Hebrew, Arabic, Indic…) is refused, and single symbols are spelled out as `[U+1F600]`.
 *
 * @throws {DocumentError} `empty`, `unsupported_type`, `damaged`, `too_many_pages`
 */
export async function openText(bytes: Uint8Array, target: Target): Promise<OpenDocument> {
  const pdf = await PDFDocument.create();
  const font = await embedFace(pdf, 'mono');
  const covered = new Set(font.getCharacterSet());
  const text = spellOut(decodeText(bytes), covered);
  const paper = { width: target.paper.width * POINTS_PER_MM, height: target.paper.height * POINTS_PER_MM };
  const margin = MARGIN * POINTS_PER_MM;
  const columns = Math.floor((paper.width - 2 * margin) / (SIZE * ADVANCE));
  const pages = layoutText(text, columns, Math.floor((paper.height - 2 * margin) / PITCH), columnsOf);
  if (pages.length === 0) throw new DocumentError('empty', 'The text is empty.');
  if (pages.length > target.maxPages) {
    throw new DocumentError(
      'too_many_pages',
      `The text fills ${pages.length} pages; at most ${target.maxPages} are allowed.`,
    );
  }
  for (const lines of pages) {
    const page = pdf.addPage([paper.width, paper.height]);
    page.setFont(font);
    page.setFontSize(SIZE);
    lines.forEach((line, row) => {
      if (line !== '') page.drawText(line, { x: margin, y: paper.height - margin - SIZE - row * PITCH });
    });
  }
  const set = await openPdf(await pdf.save({ useObjectStreams: false }), target);
  return {
    mediaType: 'text/plain',
    sizes: set.sizes,
    draw: (i, frame) => set.draw(i, frame),
    close: () => set.close(),
  };
}

/** A combining mark stands over the character before it. */
function columnsOf(character: string): number {
  return /^\p{M}$/u.test(character) ? 0 : 1;
}

/** Format controls (soft hyphen, joiners, directions, byte order mark) and variation selectors print nothing. */
const INVISIBLE = /^(?:\p{Cf}|\p{Variation_Selector})$/u;

function spellOut(text: string, covered: ReadonlySet<number>): string {
  let out = '';
  let line = 1;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (character === '\n') line++;
    if (covered.has(code) || '\n\t\f'.includes(character)) out += character;
    else if (INVISIBLE.test(character)) continue;
    else if (/[\p{L}\p{M}\p{N}]/u.test(character)) throw missingScript(code, line);
    else out += `[${codeName(code)}]`;
  }
  return out;
}

function codeName(code: number): string {
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

function missingScript(code: number, line: number): DocumentError {
  return new DocumentError(
    'unsupported_type',
    `The text uses a script that the built-in font lacks (${codeName(code)} in line ${line}); send it as PDF.`,
  );
}
