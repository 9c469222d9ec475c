/**
 * TIFF-F files: little-endian, each directory before its page's data and each page in a single strip, so that the
 * same layout serves profiles F and S (RFC 3949 §3, §4) and a file can be written before its last page is known.
 */
import type { CodedPage } from '../page.ts';
import { createT4Encoder, reverseBits, T6RowReader } from '../t4-t6/index.ts';
import { damaged } from './errors.ts';
import { T4_ALIGNED_EOL, T4_TWO_DIMENSIONAL, TAG } from './tags.ts';

/** How pages are coded in the file. G4 takes the stored form as it is. */
export type TiffFCompression = 'G4' | 'G3-1D' | 'G3-2D';

/** How a file is written. */
export interface TiffFOptions {
  /** Default G4; profile S is always G3-1D. */
  readonly compression?: TiffFCompression;
  /** F, the extended profile (default), or S, the minimal one that every Internet fax reader has. */
  readonly profile?: 'F' | 'S';
  /** Software field; default none. */
  readonly software?: string;
  /** DateTime field, `YYYY:MM:DD HH:MM:SS` (TIFF 6.0); default none. */
  readonly dateTime?: string;
}

/** A page to be written, with what its reception left behind. */
export interface TiffFPage extends CodedPage {
  /** Rows that arrived damaged and were replaced; written as BadFaxLines and CleanFaxData = 1. */
  readonly badRows?: number;
  /** The longest run of such rows; written as ConsecutiveBadFaxLines. */
  readonly longestBadRun?: number;
}

const BYTE_ORDER_AND_VERSION = [0x49, 0x49, 42, 0];
const HEADER_BYTES = 8;
const ENTRY_BYTES = 12;

const ASCII = 2;
const SHORT = 3;
const LONG = 4;
const RATIONAL = 5;

/** NewSubfileType: one page of several. */
const PAGE_OF_MANY = 2;

/** K for two-dimensional rows: the most that T.4 §4.2.2 allows at a resolution of `yDpi`. */
function parameterK(yDpi: number): number {
  if (yDpi < 150) return 2;
  return yDpi < 300 ? 4 : 8;
}

/** The longest row count that a 16-bit field can hold. */
const MAX_SHORT = 65_535;

/** The page's T.6 data coded anew as Group 3. @throws TiffError when the stored data do not hold the page's rows. */
function recodeG3(page: TiffFPage, twoDimensional: boolean): Uint8Array {
  const encoder = createT4Encoder({
    width: page.width,
    mode: twoDimensional ? 'MR' : 'MH',
    k: parameterK(page.yDpi),
    eolAlign: true,
    rtc: false,
  });
  const reader = new T6RowReader(page.t6, page.width);
  const row = new Uint8Array((page.width + 7) >> 3);
  for (let y = 0; y < page.rows; y++) {
    if (!reader.next(row.fill(0), 0)) throw damaged(`stored page ends after ${y} of ${page.rows} rows`);
    encoder.rows(row);
  }
  return encoder.finish();
}

/** One field; strings and rationals stand outside the directory. */
interface Field {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly value: number | Uint8Array;
}

const short = (tag: number, value: number): Field => ({ tag, type: SHORT, count: 1, value });
const long = (tag: number, value: number): Field => ({ tag, type: LONG, count: 1, value });

function rational(tag: number, value: number): Field {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.round(value), true);
  view.setUint32(4, 1, true);
  return { tag, type: RATIONAL, count: 1, value: bytes };
}

/** Two shorts in one entry; the first stands first in the file. */
const shorts = (tag: number, first: number, second: number): Field => ({
  tag,
  type: SHORT,
  count: 2,
  value: first | (second << 16),
});

/** A string as TIFF has it: seven bits, closed by a zero; at least five bytes, so that it stands outside its entry. */
function ascii(tag: number, text: string): Field {
  const plain = text.replace(/[^ -~]/g, '?').padEnd(4);
  const value = Uint8Array.from(`${plain}\0`, (character) => character.charCodeAt(0));
  return { tag, type: ASCII, count: value.length, value };
}

/** A page's place in the file: its number and, where it is known, how many there are (else 0). */
interface Place {
  readonly number: number;
  readonly total: number;
}

/** What a page's data are coded with. */
interface Coding {
  readonly compression: TiffFCompression;
  readonly fillOrder: 1 | 2;
}

/** All fields of a page in ascending order, StripOffsets still 0. */
function pageFields(page: TiffFPage, bytes: number, coding: Coding, place: Place, options: TiffFOptions): Field[] {
  const g3 = coding.compression !== 'G4';
  const twoDimensional = coding.compression === 'G3-2D' ? T4_TWO_DIMENSIONAL : 0;
  const bad = page.badRows ?? 0;
  return [
    long(TAG.NewSubfileType, PAGE_OF_MANY),
    long(TAG.ImageWidth, page.width),
    long(TAG.ImageLength, page.rows),
    short(TAG.BitsPerSample, 1),
    short(TAG.Compression, g3 ? 3 : 4),
    short(TAG.PhotometricInterpretation, 0),
    short(TAG.FillOrder, coding.fillOrder),
    long(TAG.StripOffsets, 0),
    short(TAG.SamplesPerPixel, 1),
    long(TAG.RowsPerStrip, page.rows),
    long(TAG.StripByteCounts, bytes),
    rational(TAG.XResolution, page.xDpi),
    rational(TAG.YResolution, page.yDpi),
    g3 ? long(TAG.T4Options, T4_ALIGNED_EOL | twoDimensional) : long(TAG.T6Options, 0),
    short(TAG.ResolutionUnit, 2),
    shorts(TAG.PageNumber, place.number & MAX_SHORT, place.total & MAX_SHORT),
    ...(options.software === undefined ? [] : [ascii(TAG.Software, options.software)]),
    ...(options.dateTime === undefined ? [] : [ascii(TAG.DateTime, options.dateTime)]),
    ...(bad > 0 ? [long(TAG.BadFaxLines, bad)] : []),
    ...(g3 || bad > 0 ? [short(TAG.CleanFaxData, bad > 0 ? 1 : 0)] : []),
    ...(bad > 0 ? [long(TAG.ConsecutiveBadFaxLines, page.longestBadRun ?? 0)] : []),
  ];
}

/** Rounded up to a word's edge, where TIFF wants directories and values. */
const even = (offset: number): number => offset + (offset & 1);

/** The directory at `start` with its outside values, data following; `dataBytes` are padded to an even offset. */
function directoryBytes(fields: readonly Field[], start: number, dataBytes: number, last: boolean): Uint8Array {
  const fixed = 2 + ENTRY_BYTES * fields.length + 4;
  const outside = fields.reduce((sum, { value }) => sum + (typeof value === 'number' ? 0 : even(value.length)), 0);
  const bytes = new Uint8Array(fixed + outside);
  const view = new DataView(bytes.buffer);
  const dataAt = start + bytes.length;
  view.setUint16(0, fields.length, true);
  let free = fixed;
  fields.forEach((field, index) => {
    const at = 2 + ENTRY_BYTES * index;
    view.setUint16(at, field.tag, true);
    view.setUint16(at + 2, field.type, true);
    view.setUint32(at + 4, field.count, true);
    if (typeof field.value === 'number') {
      view.setUint32(at + 8, field.tag === TAG.StripOffsets ? dataAt : field.value, true);
    } else {
      view.setUint32(at + 8, start + free, true);
      bytes.set(field.value, free);
      free += even(field.value.length);
    }
  });
  view.setUint32(fixed - 4, last ? 0 : dataAt + even(dataBytes), true);
  return bytes;
}

function codingOf(options: TiffFOptions): Coding {
  // Profile S: modified Huffman, least significant bit first (RFC 3949 §3.2).
  if (options.profile === 'S') return { compression: 'G3-1D', fillOrder: 2 };
  return { compression: options.compression ?? 'G4', fillOrder: 1 };
}

function pageData(page: TiffFPage, coding: Coding): Uint8Array {
  const data = coding.compression === 'G4' ? page.t6 : recodeG3(page, coding.compression === 'G3-2D');
  return coding.fillOrder === 2 ? reverseBits(data.slice()) : data;
}

/** Writes a file page by page, so that pages may come from anywhere, one at a time. */
export interface TiffFWriter {
  /**
   * The next page's part of the file: directory, data and padding, the first with the file's header. `last` closes
   * the chain of directories. T.6 data are passed on without being decoded.
   * @throws TiffError when a stored page that must be coded anew is damaged.
   */
  page(page: TiffFPage, last: boolean): Uint8Array[];
}

/** A writer; `total` is the number of pages for PageNumber, 0 when it is not known beforehand. */
export function createTiffFWriter(options: TiffFOptions = {}, total = 0): TiffFWriter {
  const coding = codingOf(options);
  let at = HEADER_BYTES;
  let number = 0;
  return {
    page(page, last) {
      const header = number === 0 ? [Uint8Array.from([...BYTE_ORDER_AND_VERSION, HEADER_BYTES, 0, 0, 0])] : [];
      const data = pageData(page, coding);
      const fields = pageFields(page, data.length, coding, { number, total }, options);
      const directory = directoryBytes(fields, at, data.length, last);
      at += directory.length + even(data.length);
      number++;
      return [...header, directory, data, ...((data.length & 1) === 0 ? [] : [new Uint8Array(1)])];
    },
  };
}

/** Writes a whole file. @throws TiffError when there is no page, or as {@link TiffFWriter.page}. */
export function writeTiffF(pages: readonly TiffFPage[], options: TiffFOptions = {}): Uint8Array {
  if (pages.length === 0) throw damaged('a file needs a page');
  const writer = createTiffFWriter(options, pages.length);
  const chunks = pages.flatMap((page, index) => writer.page(page, index === pages.length - 1));
  const file = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    file.set(chunk, at);
    at += chunk.length;
  }
  return file;
}
