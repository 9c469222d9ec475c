import { PDFDocument, type PDFFont } from 'pdf-lib';
import { embedFace } from '../text/fonts.ts';
import { type CoverFacts, type CoverText, drawableTexts, nameAndCompany } from './cover-text.ts';
import { fitText, overflow } from './fit.ts';
import { breakLines, MM, Sheet } from './sheet.ts';

/** White edge in millimetres. */
const MARGIN = 22;

/** Most height of the confidentiality text above the lower edge, millimetres: five lines of its full size. */
const CONFIDENTIALITY = 22;

/** White between the note and the rule above the confidentiality text, millimetres. */
const GAP = 4;

interface Faces {
  readonly regular: PDFFont;
  readonly bold: PDFFont;
}

interface Layout extends Faces {
  readonly sheet: Sheet;
  readonly right: number;
  readonly bottom: number;
}

type Texts = ReturnType<typeof drawableTexts>;

/**
 * Sets one of the shipped covers, a page, as PDF. Long texts are set smaller.
 * @throws {DocumentError} `cover_overflow` when a text does not fit the page even so
 */
export async function setCoverPage(text: CoverText, facts: CoverFacts): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  const serif = text.template === 'letter';
  const regular = await embedFace(pdf, serif ? 'serif' : 'sans');
  const bold = await embedFace(pdf, serif ? 'serifBold' : 'sansBold');
  const page = pdf.addPage([facts.paper.width * MM, facts.paper.height * MM]);
  const layout = {
    sheet: new Sheet(page),
    regular,
    bold,
    right: facts.paper.width - MARGIN,
    bottom: facts.paper.height - MARGIN,
  };
  const texts = drawableTexts(text, new Set(regular.getCharacterSet()));
  if (serif) drawLetter(layout, texts, facts);
  else drawForm(layout, texts, facts);
  return pdf.save({ useObjectStreams: false });
}

/** Name and value of each line of a cover, in order; the empty ones are gone. */
function facts(text: Texts, { pages, date }: CoverFacts): [string, string][] {
  const lines: [string, string | undefined][] = [
    ['To', nameAndCompany(text.to, text.toCompany)],
    ['Fax', text.toNumber],
    ['From', nameAndCompany(text.from, text.fromCompany)],
    ['Sender’s fax', text.fromNumber],
    ['Date', date],
    ['Pages', `${pages}, this one included`],
    ['Subject', text.subject],
  ];
  return lines.filter((line): line is [string, string] => line[1] !== undefined && line[1] !== '');
}

/** “letter”: a serif page with room around it, as on a sheet of good paper. */
function drawLetter(layout: Layout, text: Texts, given: CoverFacts): void {
  const { sheet, regular, bold, right } = layout;
  drawName(layout, text.fromCompany ?? text.from ?? '', 30, 16);
  sheet.rule(MARGIN, right, 35, 1.2);
  sheet.text('Fax', MARGIN, 62, bold, 44);
  sheet.y = 82;
  for (const [name, value] of facts(text, given)) {
    sheet.text(name, MARGIN, sheet.y, bold, 11);
    drawValue(layout, value, MARGIN + 38, regular, 11);
    sheet.y += 2.2;
  }
  sheet.rule(MARGIN, right, sheet.y, 0.75);
  sheet.y += 10;
  drawNote(layout, text.note ?? '', MARGIN, 11.5, drawConfidentiality(layout, text.confidentiality ?? ''));
}

/** “form”: a grid of labelled fields below a black band, as offices have used for decades. */
function drawForm(layout: Layout, text: Texts, given: CoverFacts): void {
  const { sheet, regular, bold, right } = layout;
  sheet.box(MARGIN, 20, right - MARGIN, 16, 'black', 0);
  sheet.textInverse('FAX', MARGIN + 5, 31.4, bold, 28);
  drawName(layout, text.fromCompany ?? text.from ?? '', 45, 13);
  sheet.y = 52;
  for (const [name, value] of facts(text, given)) {
    const top = sheet.y;
    sheet.y += 7.2;
    sheet.text(name, MARGIN + 3, sheet.y, bold, 9);
    drawValue(layout, value, MARGIN + 36, regular, 11);
    sheet.y += 0.6;
    sheet.box(MARGIN, top, right - MARGIN, sheet.y - top, 'none', 0.75);
    sheet.box(MARGIN, top, 33, sheet.y - top, 'none', 0.75);
  }
  sheet.y += 12;
  drawNote(layout, text.note ?? '', MARGIN + 3, 11, drawConfidentiality(layout, text.confidentiality ?? ''));
}

/** The sender above everything: in one line of `size`, smaller, or in two lines that end at `baseline`. */
function drawName({ sheet, bold, right }: Layout, name: string, baseline: number, size: number): void {
  if (name === '') return;
  const room = { width: (right - MARGIN) * MM, height: 2.4 * SMALL_NAME, lead: 1.2 };
  const fitted =
    fitText(name, bold, { ...room, height: size }, size, SMALL_NAME, 1) ?? fitText(name, bold, room, SMALL_NAME);
  if (fitted === undefined) throw overflow('company');
  const below = ((fitted.lines.length - 1) * fitted.size * room.lead) / MM;
  sheet.y = baseline - below;
  sheet.paragraph(fitted.lines, MARGIN, bold, fitted.size, room.lead);
}

/** A name is set in one line down to this size, in points; a longer one takes two. */
const SMALL_NAME = 9;

function drawValue({ sheet, right }: Layout, value: string, x: number, font: PDFFont, size: number): void {
  const room = { width: (right - x - 3) * MM, height: VALUE_LINES * size * VALUE_LEAD, lead: VALUE_LEAD };
  const fitted = fitText(value, font, room, size, SMALL_VALUE, VALUE_LINES);
  const lines = fitted?.lines ?? breakLines(value, font, SMALL_VALUE, room.width);
  sheet.paragraph(lines, x, font, fitted?.size ?? SMALL_VALUE, VALUE_LEAD);
}

/** A value takes at most so many lines, in smaller letters if need be; only in the smallest ones it takes more. */
const VALUE_LINES = 3;
const VALUE_LEAD = 1.35;

/** Smallest letters of a value, points. */
const SMALL_VALUE = 7;

/** The note below the pen, above what the confidentiality text needs. */
function drawNote(layout: Layout, note: string, x: number, size: number, bottom: number): void {
  const { sheet, regular, right } = layout;
  const room = { width: (right - x - 3) * MM, height: (bottom - GAP - sheet.y) * MM + size, lead: 1.4 };
  const fitted = fitText(note, regular, room, size);
  if (fitted === undefined) throw overflow(note === '' ? 'lines' : 'note');
  sheet.paragraph(fitted.lines, x, regular, fitted.size, room.lead);
}

/** Draws the text above the lower edge and answers where it begins, in millimetres. The pen stays where it is. */
function drawConfidentiality({ sheet, regular, right, bottom }: Layout, text: string): number {
  if (text === '') return bottom;
  const lead = 1.35;
  const fitted = fitText(text, regular, { width: (right - MARGIN) * MM, height: CONFIDENTIALITY * MM, lead }, 8.5);
  if (fitted === undefined) throw overflow('confidentiality text');
  const pen = sheet.y;
  const top = bottom - (fitted.lines.length * fitted.size * lead) / MM;
  sheet.rule(MARGIN, right, top - 4, 0.5);
  sheet.y = top;
  sheet.paragraph(fitted.lines, MARGIN, regular, fitted.size, lead);
  sheet.y = pen;
  return top - 4;
}
