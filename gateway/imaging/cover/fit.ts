import type { PDFFont } from 'pdf-lib';
import { DocumentError } from '../documents/error.ts';
import { breakLines } from './sheet.ts';

/**
 * Smallest letters of a cover in points: their x-height is 7 rows in fine resolution, below which the legibility warning
 * begins; in standard resolution it tells of them.
 */
export const SMALLEST = 5;

/** Step from one tried size to the next, points. */
const STEP = 0.5;

/** Room for a text, in points. */
export interface Room {
  readonly width: number;
  readonly height: number;
  /** Distance of two baselines as a multiple of the size. */
  readonly lead: number;
}

/** A text broken for its room. */
export interface FittedText {
  readonly lines: readonly string[];
  /** Points. */
  readonly size: number;
}

/**
 * `text` in the largest letters, from `size` down to `least` points, in which all of it fits; undefined when it does
 * not fit at all. One line is as high as its letters; every further one adds its lead.
 */
export function fitText(
  text: string,
  font: PDFFont,
  room: Room,
  size: number,
  least = Math.min(SMALLEST, size),
  mostLines = Number.POSITIVE_INFINITY,
): FittedText | undefined {
  for (let tried = size; ; tried = Math.max(least, tried - STEP)) {
    const fits = Math.min(mostLines, 1 + Math.floor((room.height - tried) / (tried * room.lead)));
    const lines = breakLines(text, font, tried, room.width);
    if (lines.length <= fits) return { lines, size: tried };
    if (tried <= least) return undefined;
  }
}

/** Nothing of a cover is cut off: text that does not fit refuses the fax. `what` is a word of ours, never content. */
export function overflow(what: string): DocumentError {
  return new DocumentError('cover_overflow', `The cover has not enough room for its ${what}.`);
}
