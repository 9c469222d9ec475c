import {
  type Color,
  cmyk,
  concatTransformationMatrix,
  grayscale,
  type PDFFont,
  type PDFPage,
  type PDFTextField,
  type PDFWidgetAnnotation,
  popGraphicsState,
  pushGraphicsState,
  rgb,
} from 'pdf-lib';
import { type FittedText, fitText, overflow, SMALLEST } from './fit.ts';
import { INK } from './sheet.ts';

/** One place where a field is shown. */
export interface FieldPlace {
  readonly page: PDFPage;
  readonly field: PDFTextField;
  readonly widget: PDFWidgetAnnotation;
}

/** White between the edge of a field and its text, points. */
const PADDING = 3;

/** Height of a capital letter and of the highest letters of the DejaVu faces, as shares of the size. */
const CAPITAL = 0.73;
const ASCENT = 0.93;

/** Distance of two baselines, as a multiple of the size. */
const LEAD = 1.2;

/** Sizes, in points, taken from a form or, where it says “automatic”, chosen. */
const SIZES = { least: 4, most: 72, automatic: 12 } as const;

/** Annotation flags of ISO 32000-2 §12.5.3, table 167. */
const INVISIBLE = 1;
const HIDDEN = 2;
const NO_VIEW = 32;

/** Whether a widget can show anything at all. */
export function isShown(widget: PDFWidgetAnnotation): boolean {
  const { width, height } = widget.getRectangle();
  const finite = Number.isFinite(width) && Number.isFinite(height);
  return finite && width > 0 && height > 0 && (widget.getFlags() & (INVISIBLE | HIDDEN | NO_VIEW)) === 0;
}

/**
 * Draws `text` as content of the page where the form has its field, in the field's size or as much smaller as it needs,
 * and hides the field.
 * @param name what the field is called, for the error
 * @throws {DocumentError} `cover_overflow`
 */
export function drawField({ page, field, widget }: FieldPlace, name: string, text: string, font: PDFFont): void {
  const { x, y, width, height } = widget.getRectangle();
  const turned = turn(widget.getAppearanceCharacteristics()?.getRotation() ?? 0, x, y, width, height);
  page.pushOperators(pushGraphicsState(), concatTransformationMatrix(...turned.matrix));
  drawGround(page, widget, turned);
  const wanted = sizeOf(field, widget, turned.height);
  if (text !== '') drawText(page, fitted(field, name, text, font, turned, wanted), font, turned, field);
  page.pushOperators(popGraphicsState());
  widget.setFlags(widget.getFlags() | HIDDEN);
}

interface Box {
  readonly width: number;
  readonly height: number;
}

type Matrix = [number, number, number, number, number, number];

/** The field's own frame of coordinates, its origin at the lower left corner as a reader of the text sees it. */
function turn(rotation: number, x: number, y: number, width: number, height: number): Box & { matrix: Matrix } {
  switch (((rotation % 360) + 360) % 360) {
    case 90:
      return { matrix: [0, 1, -1, 0, x + width, y], width: height, height: width };
    case 180:
      return { matrix: [-1, 0, 0, -1, x + width, y + height], width, height };
    case 270:
      return { matrix: [0, -1, 1, 0, x, y + height], width: height, height: width };
    default:
      return { matrix: [1, 0, 0, 1, x, y], width, height };
  }
}

/** Ground and border of the field, which are hidden with it. */
function drawGround(page: PDFPage, widget: PDFWidgetAnnotation, { width, height }: Box): void {
  const look = widget.getAppearanceCharacteristics();
  const ground = colorOf(look?.getBackgroundColor());
  const border = colorOf(look?.getBorderColor());
  if (ground !== undefined) page.drawRectangle({ x: 0, y: 0, width, height, color: ground });
  const thick = Math.min(widget.getBorderStyle()?.getWidth() ?? 1, width / 2, height / 2);
  if (border === undefined || !(thick > 0)) return;
  const inner = { width: width - thick, height: height - thick };
  page.drawRectangle({ x: thick / 2, y: thick / 2, ...inner, borderColor: border, borderWidth: thick });
}

/** A colour of one, three or four components from 0 to 1; undefined for none (ISO 32000-2 table 192). */
function colorOf(components: readonly number[] | undefined): Color | undefined {
  const [a = 0, b = 0, c = 0, d = 0] = (components ?? []).map((value) => Math.min(1, Math.max(0, value || 0)));
  switch (components?.length) {
    case 1:
      return grayscale(a);
    case 3:
      return rgb(a, b, c);
    case 4:
      return cmyk(a, b, c, d);
    default:
      return undefined;
  }
}

/** The size that the form asks for (`/Font 12 Tf`; 0 is automatic), in points. */
function sizeOf(field: PDFTextField, widget: PDFWidgetAnnotation, height: number): number {
  const appearance = widget.getDefaultAppearance() ?? field.acroField.getDefaultAppearance() ?? '';
  const asked = Number(/\s([\d.]{1,10})\s+Tf\b/.exec(appearance.slice(0, 1_000))?.[1] ?? 0);
  if (asked > 0) return Math.min(SIZES.most, Math.max(SIZES.least, asked));
  const line = field.isMultiline() ? SIZES.automatic : Math.min(SIZES.automatic, height / LEAD);
  return Math.max(SMALLEST, line);
}

/** One line where the form has one, as long as it fits; several in any other case. */
function fitted(
  field: PDFTextField,
  name: string,
  text: string,
  font: PDFFont,
  { width, height }: Box,
  size: number,
): FittedText {
  const across = width - 2 * PADDING;
  const least = Math.min(SMALLEST, size);
  const single = field.isMultiline()
    ? undefined
    : fitText(text, font, { width: across, height, lead: LEAD }, size, least, 1);
  const several = { width: across, height: height - 2 * PADDING, lead: LEAD };
  const found = single ?? fitText(text, font, several, size, least);
  if (found === undefined) throw overflow(`field ${name}`);
  return found;
}

function drawText(page: PDFPage, { lines, size }: FittedText, font: PDFFont, box: Box, field: PDFTextField): void {
  const single = lines.length === 1 && !field.isMultiline();
  const top = single ? (box.height - size * CAPITAL) / 2 : box.height - PADDING - size * ASCENT;
  lines.forEach((line, index) => {
    const x = PADDING + field.getAlignment() * 0.5 * (box.width - 2 * PADDING - font.widthOfTextAtSize(line, size));
    page.drawText(line, { x, y: top - index * size * LEAD, size, font, color: INK });
  });
}
