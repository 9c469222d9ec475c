/** One fax page as PNG (RFC 2083 / ISO 15948): one bit a pixel, with its physical size. */
import type { Bitmap } from '../raster/bitmap.ts';
import { squarePixels } from './square.ts';

/** Packs bytes into a zlib stream (RFC 1950), as `zlib.deflateSync` does. Injected: this folder uses no Node API. */
export type Deflate = (bytes: Uint8Array) => Uint8Array;

/** How the picture is to be shown. */
export interface PngOptions {
  readonly xDpi: number;
  readonly yDpi: number;
  /**
   * Whether rows are repeated or joined until pixels are square, for viewers that ignore the physical size;
   * default no: exactly the bits of the page.
   */
  readonly square?: boolean;
}

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const METRES_PER_INCH = 0.0254;

/** CRC-32 of each byte, polynomial 0xEDB88320 (RFC 2083 §3.4). */
const CRC = Int32Array.from({ length: 256 }, (_, byte) => {
  let c = byte;
  for (let bit = 0; bit < 8; bit++) c = (c & 1) !== 0 ? 0xedb8_8320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** CRC-32 as PNG takes it over a chunk's type and data. */
export function crc32(bytes: Uint8Array): number {
  let c = -1;
  for (let i = 0; i < bytes.length; i++) c = (CRC[(c ^ (bytes[i] ?? 0)) & 0xff] ?? 0) ^ (c >>> 8);
  return ~c >>> 0;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(12 + data.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) out[4 + i] = type.charCodeAt(i);
  out.set(data, 8);
  view.setUint32(8 + data.length, crc32(out.subarray(4, 8 + data.length)));
  return out;
}

/** Width, height, one bit of grey, no interlace. */
function header({ width, rows }: Bitmap): Uint8Array {
  const data = new Uint8Array(13);
  const view = new DataView(data.buffer);
  view.setUint32(0, width);
  view.setUint32(4, rows);
  data[8] = 1;
  return data;
}

function physicalSize(xDpi: number, yDpi: number): Uint8Array {
  const data = new Uint8Array(9);
  const view = new DataView(data.buffer);
  view.setUint32(0, Math.round(xDpi / METRES_PER_INCH));
  view.setUint32(4, Math.round(yDpi / METRES_PER_INCH));
  data[8] = 1;
  return data;
}

/** Rows with filter byte 0; in PNG 0 is black, so that every bit turns. */
function filtered({ rows, stride, data }: Bitmap): Uint8Array {
  const out = new Uint8Array(rows * (stride + 1));
  for (let y = 0; y < rows; y++) {
    const from = y * stride;
    const to = y * (stride + 1) + 1;
    for (let x = 0; x < stride; x++) out[to + x] = ~(data[from + x] ?? 0);
  }
  return out;
}

/** Writes a PNG file of a page. */
export function pngFromBitmap(bitmap: Bitmap, options: PngOptions, deflate: Deflate): Uint8Array {
  const picture = options.square === true ? squarePixels(bitmap, options.xDpi, options.yDpi) : bitmap;
  const yDpi = options.square === true ? options.xDpi : options.yDpi;
  const parts = [
    SIGNATURE,
    chunk('IHDR', header(picture)),
    chunk('pHYs', physicalSize(options.xDpi, yDpi)),
    chunk('IDAT', deflate(filtered(picture))),
    chunk('IEND', new Uint8Array(0)),
  ];
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}
