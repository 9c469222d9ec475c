/** Documents → fax pages → documents. A leaf: it knows nothing of queues, carriers or storage. */

export { sampleLetter } from './cover/index.ts';
export * from './out/index.ts';
export type { CodedPage } from './page.ts';
export { BilevelScaler, type PackedRowReader } from './raster/bilevel-scaler.ts';
export { type Bitmap, blankBitmap } from './raster/bitmap.ts';
export * from './t4-t6/index.ts';
export * from './tiff-f/index.ts';
