import type { SealedPage } from './sealed-inbound.ts';

// A TIFF-F file (RFC 2306) around pages that are coded already: header, then for each page its T.6 data, its two
// resolutions and its directory. Little-endian.

const SHORT = 3;
const LONG = 4;
const RATIONAL = 5;
const ENTRY_SIZE = 12;
const HEADER_SIZE = 8;

/** Tag, type and value of one field; every field here has a single value. */
type Field = readonly [tag: number, type: number, value: number];

/** A TIFF file of `pages`, such as those of `InboxFax.sealedPages`. */
export function writeTiff(pages: readonly SealedPage[]): Uint8Array {
  let at = HEADER_SIZE;
  let link = 4; // where the offset of the next directory belongs
  const file = new Uint8Array(HEADER_SIZE + pages.reduce((sum, page) => sum + pageSize(page), 0));
  const view = new DataView(file.buffer);
  file.set([0x49, 0x49, 42, 0]);
  for (const [index, page] of pages.entries()) {
    file.set(page.t6, at);
    const resolutions = at + padded(page.t6.length);
    for (const [n, dpi] of [page.xDpi, page.yDpi].entries()) {
      view.setUint32(resolutions + n * 8, dpi, true);
      view.setUint32(resolutions + n * 8 + 4, 1, true);
    }
    const directory = resolutions + 16;
    view.setUint32(link, directory, true);
    link = writeDirectory(view, directory, fieldsOf(page, index, pages.length, at, resolutions));
    at = link + 4;
  }
  return file;
}

/** A word boundary for what follows (TIFF 6.0 §2). */
function padded(length: number): number {
  return length + (length % 2);
}

const FIELD_COUNT = 16;

function pageSize(page: SealedPage): number {
  return padded(page.t6.length) + 16 + 2 + FIELD_COUNT * ENTRY_SIZE + 4;
}

/** RFC 2306 §3 (minimum set), in ascending order of tags. */
function fieldsOf(page: SealedPage, index: number, count: number, data: number, resolutions: number): Field[] {
  return [
    [254, LONG, 2], // NewSubfileType: one page of several
    [256, LONG, page.width],
    [257, LONG, page.rows],
    [258, SHORT, 1], // BitsPerSample
    [259, SHORT, 4], // Compression: T.6
    [262, SHORT, 0], // PhotometricInterpretation: 0 is white
    [266, SHORT, 1], // FillOrder: most significant bit first
    [273, LONG, data], // StripOffsets
    [277, SHORT, 1], // SamplesPerPixel
    [278, LONG, page.rows], // RowsPerStrip: one strip
    [279, LONG, page.t6.length],
    [282, RATIONAL, resolutions],
    [283, RATIONAL, resolutions + 8],
    [293, LONG, 0], // T6Options
    [296, SHORT, 2], // ResolutionUnit: inch
    [297, SHORT, index + 0x10000 * count], // PageNumber: two values
  ];
}

/** Writes the directory and answers where the offset of the next one belongs. */
function writeDirectory(view: DataView, at: number, fields: readonly Field[]): number {
  view.setUint16(at, fields.length, true);
  for (const [n, [tag, type, value]] of fields.entries()) {
    const entry = at + 2 + n * ENTRY_SIZE;
    view.setUint16(entry, tag, true);
    view.setUint16(entry + 2, type, true);
    view.setUint32(entry + 4, tag === 297 ? 2 : 1, true);
    view.setUint32(entry + 8, value, true);
  }
  return at + 2 + fields.length * ENTRY_SIZE;
}
