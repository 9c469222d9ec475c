import type { PageGeometry } from './signals.ts';

// TIFF 6.0 §2: header, then one directory of twelve-byte entries in ascending order of their tags, then what does not
// fit into an entry (two RATIONALs), then the one strip. Class F is a profile of it (RFC 2306 §2).

const SHORT = 3;
const LONG = 4;
const RATIONAL = 5;
const ENTRIES = 15;
const EXTRA_AT = 8 + 2 + ENTRIES * 12 + 4;
const STRIP_AT = EXTRA_AT + 16;

/** A single-page TIFF around T.6 data that are already coded: 0 = white, most significant bit first. */
export function tiffOfT6(page: PageGeometry, strip: readonly Uint8Array[]): Uint8Array {
  const length = strip.reduce((sum, part) => sum + part.length, 0);
  const file = new Uint8Array(STRIP_AT + length);
  const view = new DataView(file.buffer);
  file.set([0x49, 0x49, 42, 0, 8, 0, 0, 0]);
  view.setUint16(8, ENTRIES, true);
  for (const [index, [tag, type, value]] of directory(page, length).entries()) {
    const at = 10 + index * 12;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    view.setUint32(at + 4, 1, true);
    view.setUint32(at + 8, value, true);
  }
  [page.xDpi, 1, page.yDpi, 1].forEach((value, index) => {
    view.setUint32(EXTRA_AT + index * 4, value, true);
  });
  let at = STRIP_AT;
  for (const part of strip) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

function directory(page: PageGeometry, length: number): (readonly [tag: number, type: number, value: number])[] {
  return [
    [254, LONG, 2], // NewSubfileType: one page of several
    [256, LONG, page.width], // ImageWidth
    [257, LONG, page.rows], // ImageLength
    [258, SHORT, 1], // BitsPerSample
    [259, SHORT, 4], // Compression: T.6
    [262, SHORT, 0], // PhotometricInterpretation: min is white
    [266, SHORT, 1], // FillOrder: most significant bit first
    [273, LONG, STRIP_AT], // StripOffsets
    [277, SHORT, 1], // SamplesPerPixel
    [278, LONG, page.rows], // RowsPerStrip
    [279, LONG, length], // StripByteCounts
    [282, RATIONAL, EXTRA_AT], // XResolution
    [283, RATIONAL, EXTRA_AT + 8], // YResolution
    [293, LONG, 0], // T6Options
    [296, SHORT, 2], // ResolutionUnit: inch
  ];
}
