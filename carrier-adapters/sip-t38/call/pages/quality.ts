/** What a receiver thinks of a page without error correction; the words of `page_verdict`. */
export type CopyQuality = 'good' | 'fair' | 'bad';

/** What is known of a received page. */
export interface LineCounts {
  readonly rows: number;
  /** Rows that were damaged, and were replaced by the one above. */
  readonly badRows: number;
  readonly longestBadRun: number;
}

// T.30 leaves the measure to the receiver (§5.3.6.1.7: RTN is sent when the page is not satisfactory). These are the ones that most
// receivers come with: a page is readable as long as 19 rows of 20 are right and no gap is as high as half a line of type.

/** Share of bad rows from which a page is refused. */
const REFUSED_SHARE = 0.05;
/** Share of bad rows from which the line is trained anew. */
const RETRAIN_SHARE = 0.01;
/** Height of a gap from which a page is refused: 5 rows at 3.85 lines/mm. */
const REFUSED_GAP_MM = 1.3;
/** Height of a gap from which the line is trained anew. */
const RETRAIN_GAP_MM = 0.5;

/** The verdict on a page of `yDpi` rows per inch. */
export function judge({ rows, badRows, longestBadRun }: LineCounts, yDpi: number): CopyQuality {
  if (rows === 0) return 'bad';
  const share = badRows / rows;
  const gap = (longestBadRun / yDpi) * 25.4;
  if (share > REFUSED_SHARE || gap > REFUSED_GAP_MM) return 'bad';
  return share > RETRAIN_SHARE || gap > RETRAIN_GAP_MM ? 'fair' : 'good';
}
