import type { Grey } from '../raster/grey.ts';
import { unpackBmpRuns } from './bmp-runs.ts';
import { DocumentError } from './error.ts';
import { DOCUMENT_LIMITS } from './limits.ts';

// BITMAPFILEHEADER, then an info header:
//
//    0 "BM"   2 file size   6 zero   10 offset of the pixels   14 size of the info header   18 …
//   info of 40 and more: 18 width i32   22 height i32 (negative: top row first)   28 bits   30 compression
//                        38 pixels per metre across, down   46 colours   54 masks or palette
//   info of 12:          18 width u16   20 height u16   24 bits; palette of three bytes a colour

const FILE_HEADER = 14;
const CORE_INFO = 12;

/** BI_RGB, BI_RLE8, BI_RLE4 and BI_BITFIELDS; JPEG and PNG inside a BMP are not read. */
const UNCOMPRESSED = 0;
const RUNS_OF_8 = 1;
const RUNS_OF_4 = 2;
const BIT_FIELDS = 3;

/** A decoded BMP with its resolution, where it names one. */
export interface BmpPicture {
  readonly grey: Grey;
  /** Dots per inch. */
  readonly density: number | undefined;
}

interface BmpHeader {
  readonly pixels: number;
  readonly info: number;
  readonly width: number;
  readonly rows: number;
  readonly topFirst: boolean;
  readonly bits: number;
  readonly compression: number;
  readonly density: number | undefined;
  readonly colours: number;
}

/** Reads a BMP of 1, 4, 8, 16, 24 or 32 bits. @throws {DocumentError} `damaged`, `limit`, `unsupported_type` */
export function readBmp(bytes: Uint8Array): BmpPicture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = readHeader(view);
  if (hasRuns(header)) return readRuns(bytes, view, header);
  const stride = Math.ceil((header.width * header.bits) / 32) * 4;
  if (header.pixels + stride * header.rows > bytes.length) throw damaged();
  const level = levelReader(view, header);
  const data = new Uint8Array(header.width * header.rows);
  for (let y = 0; y < header.rows; y++) {
    const from = header.pixels + stride * (header.topFirst ? y : header.rows - 1 - y);
    for (let x = 0; x < header.width; x++) data[y * header.width + x] = level(from, x);
  }
  return { grey: { width: header.width, rows: header.rows, data }, density: header.density };
}

function hasRuns({ compression, bits }: BmpHeader): boolean {
  return (compression === RUNS_OF_8 && bits === 8) || (compression === RUNS_OF_4 && bits === 4);
}

/** The indices are unpacked as if they had eight bits; runs always begin with the bottom row. */
function readRuns(bytes: Uint8Array, view: DataView, header: BmpHeader): BmpPicture {
  const { width, rows, density } = header;
  const indices = unpackBmpRuns(bytes.subarray(header.pixels), width, rows, header.bits === 4 ? 4 : 8);
  if (indices === undefined || header.topFirst) throw damaged();
  const levels = paletteLevels(view, header);
  const data = new Uint8Array(width * rows);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x++) data[y * width + x] = levels[indices[(rows - 1 - y) * width + x] ?? 0] ?? 255;
  }
  return { grey: { width, rows, data }, density };
}

function damaged(): DocumentError {
  return new DocumentError('damaged', 'The BMP image is damaged.');
}

function readHeader(view: DataView): BmpHeader {
  const info = view.byteLength >= FILE_HEADER + CORE_INFO ? view.getUint32(14, true) : 0;
  if (info < CORE_INFO || FILE_HEADER + info > view.byteLength) throw damaged();
  const header = info === CORE_INFO ? coreHeader(view) : infoHeader(view, info);
  if (header.width <= 0 || header.rows <= 0 || header.pixels < FILE_HEADER + info) throw damaged();
  if (header.width * header.rows > DOCUMENT_LIMITS.pixels) {
    throw new DocumentError('limit', `The image has more than ${DOCUMENT_LIMITS.pixels / 1e6} million pixels.`);
  }
  const known =
    header.compression === UNCOMPRESSED || hasRuns(header) || (header.compression === BIT_FIELDS && header.bits >= 16);
  if (!known || ![1, 4, 8, 16, 24, 32].includes(header.bits)) {
    throw new DocumentError(
      'unsupported_type',
      'The BMP image is compressed in a way that is not read; save it as PNG.',
    );
  }
  return header;
}

function coreHeader(view: DataView): BmpHeader {
  const bits = view.getUint16(24, true);
  return {
    pixels: view.getUint32(10, true),
    info: CORE_INFO,
    width: view.getUint16(18, true),
    rows: view.getUint16(20, true),
    topFirst: false,
    bits,
    compression: UNCOMPRESSED,
    density: undefined,
    colours: bits <= 8 ? 2 ** bits : 0,
  };
}

function infoHeader(view: DataView, info: number): BmpHeader {
  if (info < 40) throw damaged();
  const height = view.getInt32(22, true);
  const bits = view.getUint16(28, true);
  const perMetre = view.getUint32(38, true);
  const colours = view.getUint32(46, true);
  return {
    pixels: view.getUint32(10, true),
    info,
    width: view.getInt32(18, true),
    rows: Math.abs(height),
    topFirst: height < 0,
    bits,
    compression: view.getUint32(30, true),
    density: perMetre > 0 ? Math.round(perMetre * 0.0254) : undefined,
    colours: bits <= 8 ? Math.min(2 ** bits, colours || 2 ** bits) : 0,
  };
}

/** Reads the grey level of pixel `x` of the row that begins at `from`. */
type LevelReader = (from: number, x: number) => number;

function levelReader(view: DataView, header: BmpHeader): LevelReader {
  if (header.bits <= 8) return paletteReader(view, header);
  if (header.bits === 16 || header.compression === BIT_FIELDS) return maskReader(view, header);
  const step = header.bits / 8;
  return (from, x) => {
    const at = from + x * step;
    return luminance(view.getUint8(at + 2), view.getUint8(at + 1), view.getUint8(at));
  };
}

/** Rec. 601 luma of full-range red, green and blue. */
function luminance(red: number, green: number, blue: number): number {
  return Math.round((299 * red + 587 * green + 114 * blue) / 1000);
}

/** Grey levels of the palette; white beyond its end. */
function paletteLevels(view: DataView, { info, colours, pixels }: BmpHeader): Uint8Array {
  const size = info === CORE_INFO ? 3 : 4;
  const start = FILE_HEADER + info;
  if (start + colours * size > pixels) throw damaged();
  return Uint8Array.from({ length: 256 }, (_, i) => {
    if (i >= colours) return 255;
    const at = start + i * size;
    return luminance(view.getUint8(at + 2), view.getUint8(at + 1), view.getUint8(at));
  });
}

function paletteReader(view: DataView, header: BmpHeader): LevelReader {
  const { bits } = header;
  const levels = paletteLevels(view, header);
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  return (from, x) => {
    const byte = view.getUint8(from + Math.floor(x / perByte));
    return levels[(byte >> (8 - bits - (x % perByte) * bits)) & mask] ?? 255;
  };
}

function maskReader(view: DataView, { bits, compression, pixels }: BmpHeader): LevelReader {
  if (compression === BIT_FIELDS && pixels < 66) throw damaged();
  const masks =
    compression === BIT_FIELDS ? [54, 58, 62].map((at) => view.getUint32(at, true)) : [0x7c00, 0x03e0, 0x001f];
  const [red, green, blue] = masks.map(maskScale);
  if (red === undefined || green === undefined || blue === undefined) throw damaged();
  return (from, x) => {
    const value = bits === 16 ? view.getUint16(from + x * 2, true) : view.getUint32(from + x * 4, true);
    return luminance(red(value), green(value), blue(value));
  };
}

/** Takes the bits of `mask` out of a pixel, stretched to 0…255. */
function maskScale(mask: number): (value: number) => number {
  if (mask === 0) return () => 0;
  const shift = 31 - Math.clz32(mask & -mask);
  const most = mask >>> shift;
  return (value) => (255 * ((value & mask) >>> shift)) / most;
}
