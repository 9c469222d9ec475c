import type { PDFFont, PDFPage } from 'pdf-lib';
import { rgb } from 'pdf-lib';

/** Points in a millimetre. */
export const MM = 72 / 25.4;

/** Black and the greys that survive a threshold: lines stay black, tints turn white under text. */
export const INK = rgb(0, 0, 0);
export const PAPER = rgb(1, 1, 1);
export const TINT = rgb(0.9, 0.9, 0.9);

/** Lines of `text` that fit into `width` points; a word longer than a line is broken. Line feeds are kept. */
export function breakLines(text: string, font: PDFFont, size: number, width: number): string[] {
  const widthOf = characterWidths(font, size);
  return text.split('\n').flatMap((paragraph) => breakParagraph(paragraph, widthOf, width));
}

/** Widths of single characters, each laid out once: whole lines would be laid out anew for every word. */
function characterWidths(font: PDFFont, size: number): (character: string) => number {
  const widths = new Map<string, number>();
  return (character) => {
    const known = widths.get(character) ?? font.widthOfTextAtSize(character, size);
    widths.set(character, known);
    return known;
  };
}

function breakParagraph(paragraph: string, widthOf: (character: string) => number, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  let space = -1;
  for (const character of paragraph) {
    used += widthOf(character);
    if (used > width && line !== '') {
      const cut = character !== ' ' && space > 0 ? space : line.length;
      lines.push(line.slice(0, cut).trimEnd());
      line = line.slice(cut).trimStart();
      used = [...line].reduce((sum, c) => sum + widthOf(c), widthOf(character));
      space = -1;
    }
    if (character === ' ') space = line.length;
    if (character !== ' ' || line !== '') line += character;
    else used -= widthOf(character);
  }
  return [...lines, line.trimEnd()];
}

/** A page with a pen that moves down: positions are millimetres from the upper left corner. */
export class Sheet {
  readonly page: PDFPage;
  readonly height: number;
  /** Baseline of the next line, in millimetres from the top. */
  y = 0;

  constructor(page: PDFPage) {
    this.page = page;
    this.height = page.getHeight();
  }

  /** One line of text with its baseline at (`x`, `y`). */
  text(text: string, x: number, y: number, font: PDFFont, size: number): void {
    if (text !== '') this.page.drawText(text, { x: x * MM, y: this.height - y * MM, size, font, color: INK });
  }

  /** One white line, for text on a black box. */
  textInverse(text: string, x: number, y: number, font: PDFFont, size: number): void {
    this.page.drawText(text, { x: x * MM, y: this.height - y * MM, size, font, color: PAPER });
  }

  /** One line that ends at `right`. */
  textRight(text: string, right: number, y: number, font: PDFFont, size: number): void {
    this.text(text, right - font.widthOfTextAtSize(text, size) / MM, y, font, size);
  }

  /** Broken lines from the pen downwards, `lead` times the size apart; at most `most`. Returns those that did not fit. */
  paragraph(
    lines: readonly string[],
    x: number,
    font: PDFFont,
    size: number,
    lead = 1.4,
    most = lines.length,
  ): string[] {
    for (const line of lines.slice(0, most)) {
      this.text(line, x, this.y, font, size);
      this.y += (size * lead) / MM;
    }
    return lines.slice(most);
  }

  /** A horizontal rule of `thickness` points. */
  rule(left: number, right: number, y: number, thickness = 0.75): void {
    const at = this.height - y * MM;
    this.page.drawLine({ start: { x: left * MM, y: at }, end: { x: right * MM, y: at }, thickness, color: INK });
  }

  /** A rectangle with its upper left corner at (`x`, `y`), filled black, filled light or only outlined. */
  box(x: number, y: number, width: number, height: number, fill: 'black' | 'tint' | 'none', border = 0.75): void {
    const area = { x: x * MM, y: this.height - (y + height) * MM, width: width * MM, height: height * MM };
    if (fill !== 'none') this.page.drawRectangle({ ...area, color: fill === 'black' ? INK : TINT });
    if (border > 0) this.page.drawRectangle({ ...area, borderColor: INK, borderWidth: border, opacity: 0 });
  }
}
