/** T.4 (MH, MR) and T.6 (MMR) coding of bilevel pictures. */
export { type BitOrder, reverseBits } from './bit-order.ts';
export { MAX_WIDTH } from './changes.ts';
export { type DecodeResult, type DecodeSize, decodeT6, type T6End, T6RowReader } from './t6-decoder.ts';
export { createT6Encoder, encodeT6, type RowEncoder } from './t6-encoder.ts';
