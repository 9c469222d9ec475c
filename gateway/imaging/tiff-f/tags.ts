/** Field (tag) numbers of TIFF 6.0, RFC 2306 and RFC 3949 that are read or written, by the names used there. */
export const TAG = {
  NewSubfileType: 254,
  ImageWidth: 256,
  ImageLength: 257,
  BitsPerSample: 258,
  Compression: 259,
  PhotometricInterpretation: 262,
  FillOrder: 266,
  StripOffsets: 273,
  Orientation: 274,
  SamplesPerPixel: 277,
  RowsPerStrip: 278,
  StripByteCounts: 279,
  XResolution: 282,
  YResolution: 283,
  PlanarConfiguration: 284,
  T4Options: 292,
  T6Options: 293,
  ResolutionUnit: 296,
  PageNumber: 297,
  Software: 305,
  DateTime: 306,
  Predictor: 317,
  ColorMap: 320,
  TileWidth: 322,
  TileLength: 323,
  TileOffsets: 324,
  TileByteCounts: 325,
  BadFaxLines: 326,
  CleanFaxData: 327,
  ConsecutiveBadFaxLines: 328,
  ExtraSamples: 338,
  SampleFormat: 339,
} as const;

/** The name of a field, for messages. */
export function tagName(tag: number): string {
  return Object.entries(TAG).find(([, number]) => number === tag)?.[0] ?? `field ${tag}`;
}

/** T4Options: bit 0 two-dimensional coding, bit 2 EOLs that end on a byte (TIFF 6.0 §11). */
export const T4_TWO_DIMENSIONAL = 1;
/** See {@link T4_TWO_DIMENSIONAL}. */
export const T4_ALIGNED_EOL = 4;

/** How a page's samples are compressed. */
export type TiffCompression = 'none' | 'rle' | 'rle-word' | 'g3-1d' | 'g3-2d' | 'g4' | 'lzw' | 'deflate' | 'packbits';

/** Compression numbers of TIFF 6.0 and its supplements; Group 3 is told apart by T4Options. */
export const COMPRESSION: ReadonlyMap<number, TiffCompression> = new Map([
  [1, 'none'],
  [2, 'rle'],
  [3, 'g3-1d'],
  [4, 'g4'],
  [5, 'lzw'],
  [8, 'deflate'],
  [32_771, 'rle-word'],
  [32_773, 'packbits'],
  [32_946, 'deflate'],
]);
