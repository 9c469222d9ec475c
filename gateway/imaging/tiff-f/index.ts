/** TIFF files as documents, and TIFF-F (RFC 2306, RFC 3949) in both directions. */
export type { Inflate } from './blocks.ts';
export { TiffError, type TiffErrorCode } from './errors.ts';
export type { Photometric, TiffLimits } from './layout.ts';
export {
  type PageQuality,
  readTiff,
  type TiffFile,
  type TiffPage,
  type TiffPicture,
  type TiffReadOptions,
} from './reader.ts';
export type { TiffCompression } from './tags.ts';
export {
  createTiffFWriter,
  type TiffFCompression,
  type TiffFOptions,
  type TiffFPage,
  type TiffFWriter,
  writeTiffF,
} from './writer.ts';
