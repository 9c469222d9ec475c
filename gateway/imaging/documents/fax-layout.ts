import type { CoverForm } from '../cover/cover-form.ts';
import type { CoverFacts, CoverText } from '../cover/cover-text.ts';
import { dateIn, type HeaderText } from '../header/line.ts';
import { blankRowsAtEnd, stampHeader } from '../header/stamp.ts';
import { type BilevelOptions, toBilevel } from '../raster/bilevel.ts';
import type { Bitmap } from '../raster/bitmap.ts';
import type { OpenDocument, Target } from './document.ts';
import { DocumentError } from './error.ts';
import { type Frame, fitFrames } from './frame.ts';
import { pageWarnings } from './warnings.ts';

/** How documents become one fax. */
export interface FaxOptions extends BilevelOptions {
  /** null: no header line. */
  readonly header: HeaderText | null;
  /** null: no cover page. */
  readonly cover: CoverText | null;
  /** The form that is filled with the text of the cover, in the place of a shipped one. */
  readonly form?: CoverForm;
  /** Widest recording in pels at 204 dpi; default 1728. */
  readonly maxWidth?: number;
  /** Leave out the white rows below the last mark of a page, down to a third of the paper's length. */
  readonly trimBlank?: boolean;
}

/** One fax page to come: which page of which document, drawn where. */
export interface PlannedPage {
  /** Index into the documents; null for the cover. */
  readonly document: number | null;
  readonly source: OpenDocument;
  readonly index: number;
  readonly frame: Frame;
  /** Rows per inch. */
  readonly yDpi: number;
}

/** The pages of a fax before they are drawn. */
export interface FaxLayout {
  readonly pages: readonly PlannedPage[];
  /** Draws page `number` (from 1) as the very bits that will be sent, header line included. */
  draw(number: number): Promise<{ bitmap: Bitmap; warnings: string[] }>;
}

/** Recording width of every fax machine: 215 mm at 8 pels/mm (T.4 §2.2). */
const A4_WIDTH = 1728;

/**
 * Lays several documents out as one fax, in order, behind a cover page if there is one.
 * @throws {DocumentError} `empty`, `too_many_pages`
 */
export async function layOutFax(
  documents: readonly OpenDocument[],
  target: Target,
  options: FaxOptions,
): Promise<FaxLayout> {
  const maxWidth = options.maxWidth ?? A4_WIDTH;
  const body = documents.flatMap((source, document) => planDocument(source, document, target, maxWidth));
  const total = body.length + (await coverPages(target, options));
  if (body.length === 0 && options.cover === null) throw new DocumentError('empty', 'There is nothing to send.');
  if (total > target.maxPages) {
    throw new DocumentError('too_many_pages', `The fax has ${total} pages; at most ${target.maxPages} are allowed.`);
  }
  const cover = options.cover === null ? [] : await planCover(options.cover, total, target, options);
  return new Layout([...cover, ...body], target, options);
}

function planDocument(source: OpenDocument, document: number | null, target: Target, maxWidth: number): PlannedPage[] {
  return source.sizes.flatMap((size, index) =>
    fitFrames(size, target, maxWidth).map((frame) => ({
      document,
      source,
      index,
      frame,
      yDpi: size.yDpi ?? target.yDpi,
    })),
  );
}

/** Pages of the cover. A form may have several, or one so long that it is cut. */
async function coverPages(target: Target, { cover, form, maxWidth = A4_WIDTH }: FaxOptions): Promise<number> {
  if (cover === null || form === undefined) return cover === null ? 0 : 1;
  const blank = await openCover(form.blank, target);
  const { length } = planDocument(blank, null, target, maxWidth);
  blank.close();
  return length;
}

async function planCover(cover: CoverText, pages: number, target: Target, options: FaxOptions): Promise<PlannedPage[]> {
  const { header, form, maxWidth = A4_WIDTH } = options;
  const date = dateIn(cover.at ?? header?.at ?? Date.now(), cover.timeZone ?? header?.timeZone ?? 'UTC');
  const facts = { pages, date, paper: target.paper };
  const bytes = form === undefined ? await setShipped(cover, facts) : await form.fill(cover, facts);
  return planDocument(await openCover(bytes, target), null, target, maxWidth);
}

/** PDFium is loaded when there is a cover: a standing child, which takes none, must not even be able to read it. */
async function openCover(bytes: Uint8Array, target: Target): Promise<OpenDocument> {
  const { openPdf } = await import('../pdf/pdf-document.ts');
  return openPdf(bytes, target);
}

/** The typesetter is loaded when there is something to set. */
async function setShipped(cover: CoverText, facts: CoverFacts): Promise<Uint8Array> {
  const { setCoverPage } = await import('../cover/cover-page.ts');
  return setCoverPage(cover, facts);
}

class Layout implements FaxLayout {
  readonly pages: readonly PlannedPage[];
  readonly #target: Target;
  readonly #options: FaxOptions;

  constructor(pages: readonly PlannedPage[], target: Target, options: FaxOptions) {
    this.pages = pages;
    this.#target = target;
    this.#options = options;
  }

  async draw(number: number): Promise<{ bitmap: Bitmap; warnings: string[] }> {
    const planned = this.pages[number - 1];
    if (planned === undefined) throw new DocumentError('empty', `The fax has no page ${number}.`);
    const picture = await planned.source.draw(planned.index, planned.frame);
    const drawn = picture.kind === 'bilevel' ? picture.bitmap : toBilevel(picture.grey, picture.images, this.#options);
    // Of the page itself: below a header line, which is drawn into it, no page would be blank.
    const warnings = [...picture.warnings, ...pageWarnings(drawn)];
    return { bitmap: this.#finish(drawn, number), warnings };
  }

  #finish(drawn: Bitmap, number: number): Bitmap {
    const { header, trimBlank } = this.#options;
    const trimmed = trimBlank === true ? trimEnd(drawn, this.#target) : drawn;
    return header === null ? trimmed : stampHeader(trimmed, this.#target.yDpi, header, number, this.pages.length);
  }
}

/** White left below the last mark when the rest is not sent, in millimetres. */
const TRIM_MARGIN = 10;

/**
 * Shortest page that is made by leaving out white, as a share of the paper's length: shorter sheets jam in the feeders
 * and cutters of some machines, and are lost on the floor below others.
 */
const SHORTEST = 1 / 3;

/** `page` without its white end. */
function trimEnd(page: Bitmap, { yDpi, paper }: Target): Bitmap {
  const rowsOf = (millimetres: number) => Math.round((millimetres / 25.4) * yDpi);
  const marked = page.rows - blankRowsAtEnd(page) + rowsOf(TRIM_MARGIN);
  const rows = Math.min(page.rows, Math.max(marked, rowsOf(paper.height * SHORTEST)));
  return { ...page, rows, data: page.data.subarray(0, rows * page.stride) };
}
