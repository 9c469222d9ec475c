import type { NaturalSize, Target } from './document.ts';
import { DocumentError } from './error.ts';

/**
 * Where on a fax page a picture is drawn: scaled to `drawWidth × drawRows` with its upper left corner at
 * (`left`, `top`) of a page of `width × rows`. `top` is negative on the later pages of a picture cut into several.
 */
export interface Frame {
  readonly width: number;
  readonly rows: number;
  readonly left: number;
  readonly top: number;
  readonly drawWidth: number;
  readonly drawRows: number;
}

/** Recording widths of T.4 table 1 at 204 dpi: A4 (215 mm), B4 (255 mm), A3 (303 mm). */
const RECORDING_WIDTHS = [1728, 2048, 2432] as const;

/** A page this much wider than a recording width is still scaled down to it: Letter (215.9 mm) is an A4 width. */
const WIDTH_TOLERANCE = 1.01;

/** Longest page, in lengths of the paper: Legal (355.6 mm) is 1.2 times A4 and stays one page. */
const LONGEST = 1.25;

/** What two pages of one cut picture have in common, in millimetres: more than a line of text. */
const OVERLAP = 8;

/**
 * Frames for a page of natural `size`: at its true size, centred, scaled down only when it is wider than `maxWidth`.
 * Nothing is cut off: a picture longer than a page (a till roll, a screenshot) continues on further pages.
 * @throws {DocumentError} `damaged` for a size that is none, `too_many_pages`
 */
export function fitFrames(size: NaturalSize, target: Target, maxWidth: number): Frame[] {
  if (!(size.width > 0 && size.rows > 0)) throw new DocumentError('damaged', 'A page of the document has no size.');
  if (size.yDpi !== undefined) return [asRecorded(size)];
  const width = RECORDING_WIDTHS.find((w) => w <= maxWidth && size.width <= w * WIDTH_TOLERANCE) ?? maxWidth;
  const scale = Math.min(1, width / size.width);
  const drawWidth = Math.max(1, Math.round(size.width * scale));
  const drawRows = Math.max(1, Math.round(size.rows * scale));
  const left = Math.floor((width - drawWidth) / 2);
  // B4 and A3 sheets are longer than A4 as they are wider.
  const paperRows = Math.round(((target.paper.height / 25.4) * target.yDpi * width) / RECORDING_WIDTHS[0]);
  if (drawRows <= paperRows * LONGEST) return [{ width, rows: drawRows, left, top: 0, drawWidth, drawRows }];
  if (drawRows > paperRows * target.maxPages) {
    throw new DocumentError('too_many_pages', `A page is longer than ${target.maxPages} pages of paper.`);
  }
  return cutFrames({ width, left, drawWidth, drawRows }, paperRows, Math.round((OVERLAP / 25.4) * target.yDpi));
}

function asRecorded({ width, rows }: NaturalSize): Frame {
  return { width, rows, left: 0, top: 0, drawWidth: width, drawRows: rows };
}

function cutFrames(whole: Omit<Frame, 'rows' | 'top'>, paperRows: number, overlap: number): Frame[] {
  const frames: Frame[] = [];
  for (let top = 0; ; top += paperRows - overlap) {
    const rows = Math.min(paperRows, whole.drawRows - top);
    frames.push({ ...whole, rows, top: top === 0 ? 0 : -top });
    if (top + rows >= whole.drawRows) return frames;
  }
}
