import { PDFDocument, type PDFFont } from 'pdf-lib';
import { embedFace } from '../text/fonts.ts';
import { breakLines, MM, Sheet } from './sheet.ts';

/** What a cover page says; empty and absent fields are left out. See `CoverPage` of the renderer port. */
export interface CoverText {
  readonly template: 'letter' | 'form';
  readonly to?: string;
  readonly toCompany?: string;
  readonly toNumber?: string;
  readonly from?: string;
  readonly fromCompany?: string;
  readonly fromNumber?: string;
  readonly subject?: string;
  readonly note?: string;
  readonly confidentiality?: string;
}

/** What the gateway adds. */
export interface CoverFacts {
  /** Pages of the whole fax, this one included. */
  readonly pages: number;
  /** Date as it is to be shown. */
  readonly date: string;
  /** Paper in millimetres. */
  readonly paper: { readonly width: number; readonly height: number };
}

/** White edge in millimetres. */
const MARGIN = 22;

interface Faces {
  readonly regular: PDFFont;
  readonly bold: PDFFont;
}

interface Layout extends Faces {
  readonly sheet: Sheet;
  readonly right: number;
  readonly bottom: number;
}

/** Sets a cover page of one page as PDF. Text that does not fit the page ends in “…”. */
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
  const drawable = onlyCovered(text, new Set(regular.getCharacterSet()));
  if (serif) drawLetter(layout, drawable, facts);
  else drawForm(layout, drawable, facts);
  return pdf.save({ useObjectStreams: false });
}

/** Characters that the face lacks are never drawn as boxes: they become a question mark. */
function onlyCovered(text: CoverText, covered: ReadonlySet<number>): CoverText {
  const clean = (value: string) =>
    [...value.normalize('NFC').replace(/\r\n?/g, '\n').replace(/\t/g, '  ')]
      .map((c) => (c === '\n' || covered.has(c.codePointAt(0) ?? 0) ? c : /\p{C}/u.test(c) ? '' : '?'))
      .join('');
  const entries = Object.entries(text).map(([key, value]) => [key, key === 'template' ? value : clean(String(value))]);
  return Object.fromEntries(entries) as CoverText;
}

/** Name and value of each line of a cover, in order; the empty ones are gone. */
function facts(text: CoverText, { pages, date }: CoverFacts): [string, string][] {
  const lines: [string, string | undefined][] = [
    ['To', joined(text.to, text.toCompany)],
    ['Fax', text.toNumber],
    ['From', joined(text.from, text.fromCompany)],
    ['Sender’s fax', text.fromNumber],
    ['Date', date],
    ['Pages', `${pages}, this one included`],
    ['Subject', text.subject],
  ];
  return lines.filter((line): line is [string, string] => line[1] !== undefined && line[1] !== '');
}

function joined(name: string | undefined, company: string | undefined): string {
  return [name, company].filter((part) => part !== undefined && part !== '').join(', ');
}

/** “letter”: a serif page with room around it, as on a sheet of good paper. */
function drawLetter(layout: Layout, text: CoverText, given: CoverFacts): void {
  const { sheet, regular, bold, right } = layout;
  sheet.text(text.fromCompany ?? text.from ?? '', MARGIN, 30, bold, 16);
  sheet.rule(MARGIN, right, 35, 1.2);
  sheet.text('Fax', MARGIN, 62, bold, 44);
  sheet.y = 82;
  for (const [name, value] of facts(text, given)) {
    sheet.text(name, MARGIN, sheet.y, bold, 11);
    drawValue(layout, value, MARGIN + 38, regular, 11, 3);
    sheet.y += 2.2;
  }
  sheet.rule(MARGIN, right, sheet.y, 0.75);
  sheet.y += 10;
  drawNote(layout, text.note ?? '', MARGIN, 11.5);
  drawConfidentiality(layout, text.confidentiality ?? '');
}

/** “form”: a grid of labelled fields below a black band, as offices have used for decades. */
function drawForm(layout: Layout, text: CoverText, given: CoverFacts): void {
  const { sheet, regular, bold, right } = layout;
  sheet.box(MARGIN, 20, right - MARGIN, 16, 'black', 0);
  sheet.textInverse('FAX', MARGIN + 5, 31.4, bold, 28);
  const company = text.fromCompany ?? text.from ?? '';
  sheet.text(company, MARGIN, 45, bold, 13);
  sheet.y = 52;
  for (const [name, value] of facts(text, given)) {
    const top = sheet.y;
    sheet.y += 7.2;
    sheet.text(name, MARGIN + 3, sheet.y, bold, 9);
    drawValue(layout, value, MARGIN + 36, regular, 11, 3);
    sheet.y += 0.6;
    sheet.box(MARGIN, top, right - MARGIN, sheet.y - top, 'none', 0.75);
    sheet.box(MARGIN, top, 33, sheet.y - top, 'none', 0.75);
  }
  sheet.y += 12;
  drawNote(layout, text.note ?? '', MARGIN + 3, 11);
  drawConfidentiality(layout, text.confidentiality ?? '');
}

function drawValue(
  { sheet, right }: Layout,
  value: string,
  x: number,
  font: PDFFont,
  size: number,
  most: number,
): void {
  const lines = breakLines(value, font, size, (right - x - 3) * MM);
  sheet.paragraph(shortened(lines, most), x, font, size, 1.35);
}

function drawNote({ sheet, regular, right, bottom }: Layout, note: string, x: number, size: number): void {
  if (note === '') return;
  const lines = breakLines(note, regular, size, (right - x - 3) * MM);
  const most = Math.floor((bottom - 26 - sheet.y) / ((size * 1.4) / MM));
  sheet.paragraph(shortened(lines, Math.max(1, most)), x, regular, size, 1.4);
}

function drawConfidentiality({ sheet, regular, right, bottom }: Layout, text: string): void {
  if (text === '') return;
  const size = 8.5;
  const lines = shortened(breakLines(text, regular, size, (right - MARGIN) * MM), 5);
  sheet.y = bottom - (lines.length * size * 1.35) / MM;
  sheet.rule(MARGIN, right, sheet.y - 4, 0.5);
  sheet.paragraph(lines, MARGIN, regular, size, 1.35);
}

function shortened(lines: readonly string[], most: number): string[] {
  if (lines.length <= most) return [...lines];
  return [...lines.slice(0, most - 1), `${lines[most - 1] ?? ''} …`];
}
