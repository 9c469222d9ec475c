/** Limits that hold before anything is decoded; above them a document is refused, not shortened. */
export const DOCUMENT_LIMITS = {
  /** Bytes of all documents of a fax. */
  bytes: 64 * 1024 * 1024,
  /** Fax pages, cover included. */
  pages: 300,
  /** Pixels of one image before scaling: A4 at 780 dpi. */
  pixels: 50_000_000,
  /** Decoded bytes per coded byte of an image. White bilevel pages compress further and have their own bound. */
  expansion: 200,
  /** Images below this many decoded bytes are harmless whatever their ratio: an empty A4 page in grey at 300 dpi. */
  expansionFloor: 16 * 1024 * 1024,
  /** Depth of forms within forms that is searched for pictures. */
  nesting: 64,
} as const;
