/**
 * One fax page as it is stored, queued and handed to a carrier: a single T.6 (MMR) image, most significant bit
 * first, 1 = black, closed with EOFB and padded with zeros to a whole byte.
 */
export interface CodedPage {
  /** Pixels per row: 1728, 2048 or 2432 at 204 dpi, or their multiples at higher resolution (T.4 table 1). */
  readonly width: number;
  /** Rows that `t6` codes. */
  readonly rows: number;
  /** Horizontal resolution in dots per inch. */
  readonly xDpi: number;
  /** Vertical resolution in dots per inch; differs from `xDpi` at 204×98 and 204×391. */
  readonly yDpi: number;
  /** The coded image. */
  readonly t6: Uint8Array;
}
