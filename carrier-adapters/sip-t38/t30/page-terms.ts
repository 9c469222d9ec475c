/** A page to be sent, as it is stored. */
export interface PageGeometry {
  /** Pels of a row. */
  readonly width: number;
  readonly rows: number;
  readonly xDpi: number;
  readonly yDpi: number;
}

/** T.4 and T.6 codings of T.30 table 2. */
export type Compression = 'MH' | 'MR' | 'MMR';

/** How a page travels: what DCS says of it. */
export interface PageTerms {
  readonly compression: Compression;
  readonly ecm: boolean;
  /** Pels of a row, one of T.30's widths for `xDpi`. */
  readonly width: number;
  readonly xDpi: 204 | 200 | 300 | 400 | 408;
  readonly yDpi: 98 | 100 | 196 | 200 | 300 | 391 | 400;
  /** Rows that the recording paper takes: A4, B4, or null for any length. */
  readonly maxRows: number | null;
  /** Minimum scan line time of the far machine at this resolution, ms; 0 with ECM. */
  readonly minScanTime: 0 | 5 | 10 | 20 | 40;
  /** bit/s at which the page will be sent: fill bits depend on it. */
  readonly rate: number;
}
