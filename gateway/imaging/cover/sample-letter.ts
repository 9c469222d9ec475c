import { PDFDocument, type PDFFont, rgb, StandardFonts } from 'pdf-lib';
import { breakLines, MM, Sheet } from './sheet.ts';

/** A4 in points. */
const PAGE: [number, number] = [210 * MM, 297 * MM];
const LEFT = 25;
const RIGHT = 185;

const PARAGRAPHS = [
  'Dear Dr Lindqvist,',
  'thank you for referring Ms Example, whom we saw in our outpatient clinic on 12 March. She reports that the ' +
    'pain in her right knee has eased since physiotherapy began; she walks without a stick and climbs stairs with ' +
    'one hand on the rail. There was no fever, no night pain and no new injury.',
  'On examination the knee is dry and stable. Flexion is 0–5–125°, the patella moves freely, and the circulation, ' +
    'sensation and strength of the foot are intact. The scar has healed without redness.',
];

const CLOSING = [
  'We suggest six more units of physiotherapy, the present medicine at half the dose for two weeks, and a check of ' +
    'the blood values in a month. Please send her back at once if the joint swells or the pain returns at night.',
  'With kind regards,',
];

const TABLE = [
  ['Value', 'January', 'February', 'March', 'Normal range'],
  ['C-reactive protein (mg/l)', '48.0', '12.5', '4.1', '< 5.0'],
  ['Haemoglobin (g/dl)', '10.9', '11.6', '12.4', '12.0–15.5'],
  ['Leucocytes (per nl)', '11.8', '8.2', '6.9', '4.0–10.0'],
  ['Creatinine (µmol/l)', '71', '68', '66', '45–84'],
] as const;

/** Columns of the table in millimetres from its left edge; numbers end at them. */
const COLUMNS = [0, 74, 98, 122, 158] as const;

/** Height of the bars of the figure: C-reactive protein by week. */
const WEEKS = [48, 39, 30, 21, 16, 12.5, 10, 8, 6, 4.1] as const;

interface Fonts {
  readonly serif: PDFFont;
  readonly sans: PDFFont;
  readonly bold: PDFFont;
}

/**
 * A letter of one page as a person would fax it: letterhead, paragraphs, a table, a small figure, small print. Made
 * of invented names; always the same bytes.
 */
export async function sampleLetter(): Promise<Uint8Array> {
  const pdf = await PDFDocument.create();
  const fonts = {
    serif: await pdf.embedFont(StandardFonts.TimesRoman),
    sans: await pdf.embedFont(StandardFonts.Helvetica),
    bold: await pdf.embedFont(StandardFonts.HelveticaBold),
  };
  pdf.setTitle('Sample letter');
  pdf.setCreationDate(new Date(0));
  pdf.setModificationDate(new Date(0));
  const sheet = new Sheet(pdf.addPage(PAGE));
  drawLetterhead(sheet, fonts);
  drawAddress(sheet, fonts);
  drawText(sheet, fonts.serif, PARAGRAPHS);
  drawTable(sheet, fonts);
  drawFigure(sheet, fonts);
  drawText(sheet, fonts.serif, CLOSING);
  drawEnd(sheet, fonts);
  return pdf.save();
}

function drawLetterhead(sheet: Sheet, { sans, bold }: Fonts): void {
  sheet.box(LEFT, 16, 14, 14, 'black', 0);
  sheet.page.drawSvgPath(
    'M 0 -4 L 4 -4 L 4 -12 L 10 -12 L 10 -4 L 18 -4 L 18 2 L 10 2 L 10 10 L 4 10 L 4 2 L -4 2 L -4 -4 Z',
    {
      x: (LEFT + 4.5) * MM,
      y: sheet.height - 23.4 * MM,
      color: rgb(1, 1, 1),
    },
  );
  sheet.text('Riverside Clinic', LEFT + 18, 22, bold, 18);
  sheet.text('Department of Orthopaedics · 12 Harbour Street · 20457 Exampleton', LEFT + 18, 28, sans, 8.5);
  sheet.rule(LEFT, RIGHT, 34, 1.2);
}

function drawAddress(sheet: Sheet, { serif, sans, bold }: Fonts): void {
  sheet.y = 46;
  sheet.paragraph(['Practice Dr A. Lindqvist', '4 Mill Lane', '20459 Exampleton'], LEFT, serif, 11);
  sheet.textRight('14 March', RIGHT, 46, serif, 11);
  sheet.textRight('Telephone +49 40 555 0100', RIGHT, 51.5, sans, 8);
  sheet.textRight('Fax +49 40 555 0101', RIGHT, 55.5, sans, 8);
  sheet.y = 73;
  sheet.paragraph(['Ms Erika Example, born 3 May 1961 – findings of 12 March'], LEFT, bold, 11);
  sheet.y += 2;
}

function drawText(sheet: Sheet, font: PDFFont, paragraphs: readonly string[]): void {
  for (const paragraph of paragraphs) {
    sheet.paragraph(breakLines(paragraph, font, 11, (RIGHT - LEFT) * MM), LEFT, font, 11, 1.3);
    sheet.y += 2;
  }
}

function drawTable(sheet: Sheet, { sans, bold }: Fonts): void {
  const top = sheet.y;
  sheet.box(LEFT, top, RIGHT - LEFT, 7, 'tint', 0);
  TABLE.forEach((row, line) => {
    const baseline = top + 5 + line * 6.4;
    row.forEach((cell, column) => {
      const at = LEFT + 2 + (COLUMNS[column] ?? 0);
      if (column === 0) sheet.text(cell, at, baseline, line === 0 ? bold : sans, 9);
      else sheet.textRight(cell, at, baseline, line === 0 ? bold : sans, 9);
    });
    sheet.rule(LEFT, RIGHT, top + 7 + line * 6.4, 0.4);
  });
  sheet.rule(LEFT, RIGHT, top, 0.8);
  sheet.y = top + 7 + TABLE.length * 6.4 + 2;
}

function drawFigure(sheet: Sheet, { sans }: Fonts): void {
  const top = sheet.y;
  const floor = top + 32;
  sheet.text('C-reactive protein by week (mg/l)', LEFT, top + 2, sans, 8);
  WEEKS.forEach((value, week) => {
    const height = (value / 48) * 24;
    const x = LEFT + 4 + week * 15;
    sheet.box(x, floor - height, 9, height, week % 2 === 0 ? 'black' : 'none');
    sheet.text(String(week + 1), x + 3.5, floor + 4, sans, 7);
  });
  sheet.rule(LEFT, RIGHT, floor, 0.75);
  sheet.y = floor + 13;
}

function drawEnd(sheet: Sheet, { serif, sans }: Fonts): void {
  sheet.page.drawSvgPath('M 0 0 C 10 -25 20 -25 18 -5 C 16 12 30 -18 38 -10 C 44 -4 50 -2 62 -8 C 72 -13 78 2 100 -6', {
    x: (LEFT + 2) * MM,
    y: sheet.height - (sheet.y + 5) * MM,
    borderWidth: 1,
  });
  sheet.text('Dr M. Okafor', LEFT, sheet.y + 13, serif, 11);
  sheet.rule(LEFT, RIGHT, 278, 0.4);
  sheet.text(
    'Confidential: for the addressee only. If this fax reached you in error, please call +49 40 555 0100 and destroy it.',
    LEFT,
    282,
    sans,
    6.5,
  );
}
