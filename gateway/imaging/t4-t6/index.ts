/** T.4 (MH, MR) and T.6 (MMR) coding of bilevel pictures. */
export { type BitOrder, reverseBits } from './bit-order.ts';
export { MAX_WIDTH } from './changes.ts';
export {
  createT4Decoder,
  decodeRuns,
  decodeT4,
  type RowQuality,
  type RunsDecodeOptions,
  type T4DecodeOptions,
  type T4Decoder,
  type T4DecoderOptions,
  type T4Report,
} from './t4-decoder.ts';
export { createT4Encoder, type T4EncoderOptions, type T4Mode } from './t4-encoder.ts';
export { type DecodeResult, type DecodeSize, decodeT6, type T6End, T6RowReader } from './t6-decoder.ts';
export { createT6Encoder, encodeT6, type RowEncoder } from './t6-encoder.ts';
export { codePage } from './t6-page.ts';
export { createT6Decoder, type T6Decoder, type T6DecoderOptions, type T6Report } from './t6-stream.ts';
