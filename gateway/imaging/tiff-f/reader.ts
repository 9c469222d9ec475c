/** TIFF files as documents: fax pages (RFC 2306, RFC 3949 profiles S and F) and scans in grey or colour. */
import { type Bitmap, blankBitmap } from '../raster/bitmap.ts';
import type { Grey } from '../raster/grey.ts';
import { blockStride, type Inflate, type Unpacked, unpackBlock } from './blocks.ts';
import { type Directory, readDirectories } from './directory.ts';
import { damaged } from './errors.ts';
import { type Layout, type Photometric, readLayout, type TiffLimits } from './layout.ts';
import { orientBitmap, orientGrey } from './orientation.ts';
import { readResolution } from './resolution.ts';
import { type GreyRule, greyRow, greyRule, undoDifferences } from './samples.ts';
import { TAG, type TiffCompression } from './tags.ts';

/** How well a page could be read; a cut or damaged strip is reported, not thrown. */
export interface PageQuality {
  /** Whether every strip ended as it should. */
  readonly complete: boolean;
  /** Rows that could not be decoded and were filled with the row above (Group 3) or white. */
  readonly badRows: number;
  /** The longest run of such rows. */
  readonly longestBadRun: number;
}

/** A page's pixels: one bit each, 1 = black, or one grey byte each, 255 = white. Orientation is already applied. */
export type TiffPicture =
  | ({ readonly kind: 'bilevel'; readonly bitmap: Bitmap } & PageQuality)
  | ({ readonly kind: 'grey'; readonly grey: Grey } & PageQuality);

/** One page; nothing is decoded before `decode` is called. */
export interface TiffPage {
  readonly kind: 'bilevel' | 'grey';
  /** Pixels per row, orientation applied. */
  readonly width: number;
  /** Rows, orientation applied. */
  readonly rows: number;
  /** Dots per inch, orientation applied; 204 × 196 or 72 × 72 when the file does not say (see `resolutionStated`). */
  readonly xDpi: number;
  readonly yDpi: number;
  /** Whether the file names its resolution. */
  readonly resolutionStated: boolean;
  readonly compression: TiffCompression;
  readonly fillOrder: 1 | 2;
  readonly photometric: Photometric;
  /** Orientation field, 1 (upright) to 8 (TIFF 6.0 §8). */
  readonly orientation: number;
  /** Unpacks the pixels. @throws TiffError when the page is of a kind that is not read. */
  decode(): TiffPicture;
}

/** A file's pages, thumbnails left out. */
export interface TiffFile {
  readonly pages: readonly TiffPage[];
}

/** What reading needs beside the file. */
export interface TiffReadOptions extends TiffLimits {
  /** Opens zlib streams; without it pages compressed by Deflate are refused as unsupported when decoded. */
  readonly inflate?: Inflate;
}

/** NewSubfileType bit 0: a smaller version of another page. */
const REDUCED = 1;

/**
 * Reads a file's directories. Pixels are unpacked later, page by page.
 * @throws TiffError on a file that is no TIFF, contradicts itself, is over a limit or of a kind that is not read.
 */
export function readTiff(bytes: Uint8Array, options: TiffReadOptions): TiffFile {
  const directories = readDirectories(bytes, options.maxPages);
  const pages = directories.filter((directory) => (directory.number(TAG.NewSubfileType, 0) & REDUCED) === 0);
  if (pages.length === 0) throw damaged('the file has no page');
  return { pages: pages.map((directory) => readPage(bytes, directory, options)) };
}

function readPage(bytes: Uint8Array, directory: Directory, options: TiffReadOptions): TiffPage {
  const layout = readLayout(directory, options, bytes.length);
  const stated = directory.number(TAG.Orientation, 1);
  const orientation = stated >= 1 && stated <= 8 ? stated : 1;
  const sideways = orientation >= 5;
  const resolution = readResolution(directory, layout.width);
  const bilevel = isBilevel(layout);
  return {
    kind: bilevel ? 'bilevel' : 'grey',
    width: sideways ? layout.rows : layout.width,
    rows: sideways ? layout.width : layout.rows,
    xDpi: sideways ? resolution.yDpi : resolution.xDpi,
    yDpi: sideways ? resolution.xDpi : resolution.yDpi,
    resolutionStated: resolution.stated,
    compression: layout.compression,
    fillOrder: layout.fillOrder,
    photometric: layout.photometric,
    orientation,
    decode: () =>
      bilevel
        ? decodeBilevel(bytes, layout, orientation, options.inflate)
        : decodeGrey(bytes, layout, directory, orientation, options.inflate),
  };
}

function isBilevel({ bitsPerSample, samplesPerPixel, photometric }: Layout): boolean {
  return bitsPerSample === 1 && samplesPerPixel === 1 && photometric !== 'palette';
}

/** Sums the quality of blocks read one after the other. */
class QualitySum {
  complete = true;
  badRows = 0;
  longestBadRun = 0;

  add(block: Unpacked): void {
    this.complete &&= block.complete;
    this.badRows += block.badRows;
    this.longestBadRun = Math.max(this.longestBadRun, block.longestBadRun);
  }

  get result(): PageQuality {
    return { complete: this.complete, badRows: this.badRows, longestBadRun: this.longestBadRun };
  }
}

function decodeBilevel(
  file: Uint8Array,
  layout: Layout,
  orientation: number,
  inflate: Inflate | undefined,
): TiffPicture {
  const page = blankBitmap(layout.width, layout.rows);
  const quality = new QualitySum();
  for (const block of layout.blocks) {
    const unpacked = unpackBlock(file, layout, block, inflate);
    quality.add(unpacked);
    placeBits(unpacked.bytes, blockStride(layout, block), block.left >> 3, block.top, page);
  }
  if (layout.photometric === 'min-is-black')
    for (let i = 0; i < page.data.length; i++) page.data[i] = ~(page.data[i] ?? 0);
  clearPadding(page);
  return { kind: 'bilevel', bitmap: orientBitmap(page, orientation), ...quality.result };
}

/** Copies rows to byte column `left` of a page, cut at its edges. */
function placeBits(bytes: Uint8Array, stride: number, left: number, top: number, page: Bitmap): void {
  const length = Math.min(stride, page.stride - left);
  const rows = Math.min(bytes.length / stride, page.rows - top);
  for (let y = 0; y < rows; y++) {
    page.data.set(bytes.subarray(y * stride, y * stride + length), (top + y) * page.stride + left);
  }
}

/** Whitens the bits behind each row's last pixel. */
function clearPadding({ data, width, rows, stride }: Bitmap): void {
  if ((width & 7) === 0) return;
  const mask = 0xff00 >> (width & 7);
  for (let y = 1; y <= rows; y++) data[y * stride - 1] = (data[y * stride - 1] ?? 0) & mask;
}

function decodeGrey(
  file: Uint8Array,
  layout: Layout,
  directory: Directory,
  orientation: number,
  inflate: Inflate | undefined,
): TiffPicture {
  const data = new Uint8Array(layout.width * layout.rows).fill(255);
  const rule = greyRule(layout, directory.numbers(TAG.ExtraSamples, 8), directory.numbers(TAG.ColorMap));
  const quality = new QualitySum();
  const planes = layout.planar ? layout.samplesPerPixel : 1;
  const perPlane = layout.blocks.length / planes;
  for (let i = 0; i < perPlane; i++) {
    const parts: Uint8Array[] = [];
    for (let plane = 0; plane < planes; plane++) {
      parts.push(greyBlock(file, layout, i + plane * perPlane, rule, directory.littleEndian, quality, inflate));
    }
    placeGrey(parts, layout, i, rule, directory.littleEndian, data);
  }
  const grey = { width: layout.width, rows: layout.rows, data };
  return { kind: 'grey', grey: orientGrey(grey, orientation), ...quality.result };
}

/** Unpacks one block of samples and undoes its differences. */
function greyBlock(
  file: Uint8Array,
  layout: Layout,
  index: number,
  rule: GreyRule,
  littleEndian: boolean,
  quality: QualitySum,
  inflate: Inflate | undefined,
): Uint8Array {
  const block = layout.blocks[index];
  if (block === undefined) return new Uint8Array(0);
  const unpacked = unpackBlock(file, layout, block, inflate);
  quality.add(unpacked);
  if (layout.differences) {
    const stride = blockStride(layout, block);
    for (let at = 0; at < unpacked.bytes.length; at += stride) {
      undoDifferences(
        unpacked.bytes.subarray(at, at + stride),
        rule.bits,
        rule.planar ? 1 : rule.samples,
        littleEndian,
      );
    }
  }
  return unpacked.bytes;
}

/** Turns the rows of one block (one part for each plane) grey and lays them on the page. */
function placeGrey(
  parts: readonly Uint8Array[],
  layout: Layout,
  index: number,
  rule: GreyRule,
  littleEndian: boolean,
  data: Uint8Array,
): void {
  const block = layout.blocks[index];
  if (block === undefined) return;
  const stride = blockStride(layout, block);
  const count = Math.min(block.width, layout.width - block.left);
  const rows = Math.min(block.rows, layout.rows - block.top);
  for (let y = 0; y < rows; y++) {
    const to = (block.top + y) * layout.width + block.left;
    greyRow({ planes: parts, offset: y * stride }, count, rule, littleEndian, data, to);
  }
}
