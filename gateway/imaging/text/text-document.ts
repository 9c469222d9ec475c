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

/** Warning for a page on which something is spelled out. */
const LACKING = 'characters that the font lacks';

const POINTS_PER_MM = 72 / 25.4;

/**
 * Sets plain text in DejaVu Sans Mono on pages of the target's paper.
 *
 * What the font lacks is never drawn as boxes: text with letters of another script than those of `SCRIPTS` is refused,
 * and single symbols are spelled out as `[U+1F600]`, with a warning for their page.
 *
 * @throws {DocumentError} `empty`, `unsupported_type`, `damaged`, `too_many_pages`
 */
export async function openText(bytes: Uint8Array, target: Target): Promise<OpenDocument> {
  const pdf = await PDFDocument.create();
  const font = await embedFace(pdf, 'mono');
  const covered = new Set(font.getCharacterSet());
  const text = printable(decodeText(bytes), covered);
  const paper = { width: target.paper.width * POINTS_PER_MM, height: target.paper.height * POINTS_PER_MM };
  const margin = MARGIN * POINTS_PER_MM;
  const columns = Math.floor((paper.width - 2 * margin) / (SIZE * ADVANCE));
  const pages = layoutText(text, columns, Math.floor((paper.height - 2 * margin) / PITCH), (character) =>
    columnsOf(character, covered),
  );
  if (pages.length === 0) throw new DocumentError('empty', 'The text is empty.');
  if (pages.length > target.maxPages) {
    throw new DocumentError(
      'too_many_pages',
      `The text fills ${pages.length} pages; at most ${target.maxPages} are allowed.`,
    );
  }
  const lacking: boolean[] = [];
  for (const original of pages) {
    const lines = original.map((line) => spelled(line, covered));
    lacking.push(lines.some((line, row) => line !== original[row]));
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
    async draw(index, frame) {
      const picture = await set.draw(index, frame);
      return lacking[index] === true ? { ...picture, warnings: [...picture.warnings, LACKING] } : picture;
    },
    close: () => set.close(),
  };
}

/** Format controls (soft hyphen, joiners, directions, byte order mark) and variation selectors print nothing. */
const INVISIBLE = /^(?:\p{Cf}|\p{Variation_Selector})$/u;

/** Scripts whose letters the font has and that need no shaping: a letter is one glyph, from left to right. */
const SCRIPTS =
  /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Armenian}\p{Script=Georgian}\p{Script=Common}\p{Script=Inherited}]$/u;

/** What is printed of `text`: all of it but characters that are invisible. @throws {DocumentError} `unsupported_type` */
function printable(text: string, covered: ReadonlySet<number>): string {
  let out = '';
  let line = 1;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (character === '\n') line++;
    const lacking = !covered.has(code) && !'\n\t\f'.includes(character);
    if (lacking && INVISIBLE.test(character)) continue;
    const letter = /^[\p{L}\p{M}\p{N}]$/u.test(character);
    if (letter && (lacking || !SCRIPTS.test(character))) throw missingScript(code, line);
    out += character;
  }
  return out;
}

/** Columns of one character: a combining mark stands over the one before it, what the font lacks is spelled out. */
function columnsOf(character: string, covered: ReadonlySet<number>): number {
  if (!covered.has(character.codePointAt(0) ?? 0)) return spelled(character, covered).length;
  return /^\p{M}$/u.test(character) ? 0 : 1;
}

/** `line` with `[U+1F600]` for each character that the font lacks. */
function spelled(line: string, covered: ReadonlySet<number>): string {
  return [...line]
    .map((character) => {
      const code = character.codePointAt(0) ?? 0;
      return covered.has(code) ? character : `[${codeName(code)}]`;
    })
    .join('');
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
