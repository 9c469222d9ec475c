import type { Bitmap } from '../raster/bitmap.ts';
import type { Grey, Rect } from '../raster/grey.ts';
import type { Frame } from './frame.ts';

/** Size of a page in pixels of the target resolution, before it is fitted to a recording width. */
export interface NaturalSize {
  readonly width: number;
  readonly rows: number;
  /** Of a fax page that goes out as it was recorded, neither scaled nor cut: its rows per inch. */
  readonly yDpi?: number;
}

/** What one drawing yields. `images`: rectangles that the document draws from images; null when only pixels are known. */
export type Picture =
  | { readonly kind: 'grey'; readonly grey: Grey; readonly images: readonly Rect[] | null; readonly warnings: string[] }
  | { readonly kind: 'bilevel'; readonly bitmap: Bitmap; readonly warnings: string[] };

/** A document that was recognised, within its limits, and can be drawn page by page. */
export interface OpenDocument {
  /** What the bytes are. */
  readonly mediaType: string;
  /** Its pages, each with the size it has on paper. */
  readonly sizes: readonly NaturalSize[];
  /**
   * Draws page `index` (from 0) into `frame`. The pixels may be overwritten by the next call.
   * @throws {DocumentError}
   */
  draw(index: number, frame: Frame): Promise<Picture>;
  /** Frees what the document holds. */
  close(): void;
}

/** What a reader needs to know to state sizes. */
export interface Target {
  readonly xDpi: number;
  readonly yDpi: number;
  /** Page for content that has no size of its own, in millimetres. */
  readonly paper: { readonly width: number; readonly height: number };
  /** Pages above which a reader may stop. */
  readonly maxPages: number;
  /** Pages that are nothing but the picture of a fax page keep its pixels. Default false. */
  readonly received?: boolean | undefined;
}

/** Millimetres of the papers that can be asked for. */
export const PAPERS = {
  a4: { width: 210, height: 297 },
  letter: { width: 215.9, height: 279.4 },
} as const;
