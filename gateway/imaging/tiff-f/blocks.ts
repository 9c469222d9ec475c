/** Strips and tiles unpacked to plain rows. */
import { type DecodeResult, decodeRuns, decodeT4, decodeT6, reverseBits } from '../t4-t6/index.ts';
import { TiffError, unsupported } from './errors.ts';
import type { Block, Layout } from './layout.ts';
import { unpackLzw } from './lzw.ts';
import { unpackBits } from './packbits.ts';

/**
 * Opens a zlib stream (RFC 1950) and gives at most `size` bytes, fewer when the stream is cut or damaged; it never
 * throws. Injected, because this folder uses no Node API.
 */
export type Inflate = (packed: Uint8Array, size: number) => Uint8Array;

/** A block's rows, each padded to a byte, and how well they could be read. */
export interface Unpacked {
  readonly bytes: Uint8Array;
  readonly complete: boolean;
  readonly badRows: number;
  readonly longestBadRun: number;
}

/** The most bytes that one strip or tile, or those of all colour planes together, may unpack to. */
const MAX_BLOCK_BYTES = 256 * 1024 * 1024;

/** Bytes of one row of a block. */
export function blockStride(layout: Layout, block: Block): number {
  const samples = layout.planar ? 1 : layout.samplesPerPixel;
  return Math.ceil((block.width * layout.bitsPerSample * samples) / 8);
}

function asUnpacked({ bitmap, complete, badRows, longestBadRun }: DecodeResult): Unpacked {
  return { bytes: bitmap.data, complete, badRows, longestBadRun };
}

/** Rows that lack their bytes are bad rows in one run at the end. */
function plain(bytes: Uint8Array, complete: boolean, stride: number, rows: number, filled: number): Unpacked {
  const badRows = complete ? 0 : rows - Math.floor(filled / stride);
  return { bytes, complete, badRows, longestBadRun: badRows };
}

function copyPlain(coded: Uint8Array, stride: number, rows: number): Unpacked {
  const bytes = new Uint8Array(stride * rows);
  bytes.set(coded.subarray(0, bytes.length));
  return plain(bytes, coded.length >= bytes.length, stride, rows, coded.length);
}

function unpackDeflate(coded: Uint8Array, stride: number, rows: number, inflate: Inflate | undefined): Unpacked {
  if (inflate === undefined) throw unsupported('deflate compression');
  return copyPlain(inflate(coded, stride * rows), stride, rows);
}

/** Unpacks one block of `file`. Damage inside a block is a result, not an error. @throws TiffError */
export function unpackBlock(file: Uint8Array, layout: Layout, block: Block, inflate: Inflate | undefined): Unpacked {
  const { rows, width } = block;
  const stride = blockStride(layout, block);
  const size = stride * rows;
  const together = layout.planar ? size * layout.samplesPerPixel : size;
  if (together > MAX_BLOCK_BYTES) throw new TiffError('too_large', `a strip of ${size} bytes`);
  const stored = file.subarray(block.offset, block.offset + block.bytes);
  const coded = layout.fillOrder === 2 && layout.bitsPerSample === 1 ? reverseBits(stored.slice()) : stored;
  const wanted = { width, rows, maxRows: rows };
  switch (layout.compression) {
    case 'none':
      return copyPlain(coded, stride, rows);
    case 'g4':
      return asUnpacked(decodeT6(coded, wanted));
    case 'g3-1d':
      return asUnpacked(decodeT4(coded, { ...wanted, mode: 'MH' }));
    case 'g3-2d':
      return asUnpacked(decodeT4(coded, { ...wanted, mode: 'MR' }));
    case 'rle':
      return asUnpacked(decodeRuns(coded, { ...wanted, alignBits: 8 }));
    case 'rle-word':
      return asUnpacked(decodeRuns(coded, { ...wanted, alignBits: 16 }));
    case 'packbits': {
      const { bytes, filled } = unpackBits(coded, size);
      return plain(bytes, filled === size, stride, rows, filled);
    }
    case 'lzw': {
      const { bytes, filled } = unpackLzw(coded, size);
      return plain(bytes, filled === size, stride, rows, filled);
    }
    case 'deflate':
      return unpackDeflate(coded, stride, rows, inflate);
  }
}
