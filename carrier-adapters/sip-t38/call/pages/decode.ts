import {
  createT4Decoder,
  createT6Decoder,
  createT6Encoder,
  type RowEncoder,
} from '../../../../gateway/imaging/index.ts';
import type { PageTerms } from '../../t30/page-terms.ts';
import { type CopyQuality, judge, type LineCounts } from './quality.ts';

/** What became of a page. */
export interface PageReport extends LineCounts {
  readonly verdict: CopyQuality;
}

/** Takes a page as it comes off the line and gives it in the form that is stored. */
export interface PageDecoder {
  /**
   * Takes the next coded octets and returns the T.6 octets that they complete, perhaps none; they are the caller's own.
   * Without error correction, octets are those of one packet, and `gap` is how many packets before it were lost.
   */
  push(octets: Uint8Array, gap?: number): Uint8Array;
  /** The page is over: the last T.6 octets, with EOFB. Must be called, also for a page that is dropped: it zeroes the buffers. */
  finish(): { readonly t6: Uint8Array; readonly report: PageReport };
}

/** Longest page that is taken: two metres of paper. What is longer comes from a machine that has lost its senses. */
const LONGEST_MM = 2000;

/** How the coding of a page came to its end. */
interface Ending extends LineCounts {
  /** Whether nothing of the page can be missing. */
  readonly whole: boolean;
}

/** What decodes the lines of one coding. */
interface LineDecoder {
  /** The end of the page has not come. */
  readonly open: boolean;
  push(octets: Uint8Array): void;
  finish(): Ending;
}

/** A decoder for a page that comes by `terms`. Work is linear in the octets, memory a few lines. */
export function createPageDecoder(terms: PageTerms): PageDecoder {
  const encoder = createT6Encoder(terms.width);
  const lines = terms.compression === 'MMR' ? t6Lines(terms, encoder) : t4Lines(terms, terms.compression, encoder);
  const packets = { heard: 0, lost: 0, longestGap: 0 };
  return {
    push(octets, gap = 0) {
      if (gap > 0 && lines.open) {
        packets.lost += gap;
        packets.longestGap = Math.max(packets.longestGap, gap);
        lines.push(LINE_BREAK);
      }
      if (octets.length > 0) packets.heard++;
      lines.push(octets);
      return encoder.take();
    },
    finish() {
      const { whole, rows, badRows, longestBadRun } = lines.finish();
      const rowsIn = (lost: number) => rowsLost(lost, rows, packets.heard);
      const counts = {
        rows,
        badRows: badRows + rowsIn(packets.lost),
        longestBadRun: Math.max(longestBadRun, rowsIn(packets.longestGap)),
      };
      const verdict = verdictOf(counts, { whole, gaps: packets.lost > 0, yDpi: terms.yDpi });
      return { t6: encoder.finish(), report: { ...counts, verdict } };
    },
  };
}

/**
 * Rows that lost packets can have held: lines that are gone as a whole leave no trace in the coding. As many as the packets
 * that came held on average, and one each at least.
 */
function rowsLost(lost: number, rows: number, heard: number): number {
  return lost === 0 ? 0 : Math.max(lost, Math.ceil((lost * rows) / Math.max(1, heard)));
}

/** A page of which packets are missing is never good, however few. */
function verdictOf(
  counts: LineCounts,
  { whole, gaps, yDpi }: { whole: boolean; gaps: boolean; yDpi: number },
): CopyQuality {
  const quality = whole ? judge(counts, yDpi) : 'bad';
  return gaps && quality === 'good' ? 'fair' : quality;
}

/** Fill: a line with it in its midst is no line, so that the two ends at a gap are not read as one. */
const LINE_BREAK = new Uint8Array(2);

function maxRows({ yDpi }: PageTerms): number {
  return Math.round((LONGEST_MM / 25.4) * yDpi);
}

function t6Lines(terms: PageTerms, encoder: RowEncoder): LineDecoder {
  const onRow = (pixels: Uint8Array) => encoder.rows(pixels);
  const decoder = createT6Decoder({ width: terms.width, maxRows: maxRows(terms), onRow });
  return {
    // It comes with error correction, without a gap.
    open: true,
    push: (octets) => decoder.push(octets),
    finish() {
      const { rows, end } = decoder.finish();
      // Its octets are right, for they come with error correction: without EOFB the page is as whole as with it.
      return { rows, badRows: 0, longestBadRun: 0, whole: end === 'eofb' || end === 'data-end' };
    },
  };
}

function t4Lines(terms: PageTerms, mode: 'MH' | 'MR', encoder: RowEncoder): LineDecoder {
  const onRow = (pixels: Uint8Array) => encoder.rows(pixels);
  const decoder = createT4Decoder({ width: terms.width, mode, maxRows: maxRows(terms), onRow });
  return {
    get open() {
      return decoder.report().end === 'open';
    },
    push: (octets) => decoder.push(octets),
    finish() {
      const { rows, badRows, longestBadRun, end } = decoder.finish();
      // Without error correction, RTC is all that tells a page from the beginning of one.
      return { rows, badRows, longestBadRun, whole: end === 'rtc' || (terms.ecm && end === 'open') };
    },
  };
}
