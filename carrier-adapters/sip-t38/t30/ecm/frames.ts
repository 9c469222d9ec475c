import { mirrored } from '../bit-order.ts';

// Frames of the message channel (T.4 §A.4), in order of transmission:
//
//    0 address FF   1 control C0   2 FCF   then FCD: 3 frame number   4 facsimile data field, 64 or 256 octets

/** Octets of the facsimile data field; DCS bit 28 says which (T.30 table 2). */
export type FrameSize = 64 | 256;

/** Frames of the longest partial page (T.4 §A.3.4). */
export const MAX_FRAMES = 256;
/** RCPs that close a partial page (T.4 §A.3.6). */
export const RCP_COUNT = 3;

const ADDRESS = 0xff;
/** Every frame of the message channel is one that others follow. */
const CONTROL = 0xc0;
const FCD = 0x60;
const RCP = 0x61;
const DATA_BEGIN = 4;

/** A frame of the message channel. */
export type MessageFrame =
  | { readonly kind: 'fcd'; readonly number: number; readonly data: Uint8Array }
  | { readonly kind: 'rcp' };

/** Facsimile coded data: the frame of this `number` (0 to 255) of its partial page. */
export function fcd(number: number, data: Uint8Array, size: FrameSize): Uint8Array {
  const frame = new Uint8Array(DATA_BEGIN + size);
  frame.set([ADDRESS, CONTROL, FCD, mirrored(number)]);
  frame.set(data, DATA_BEGIN);
  return frame;
}

/** Return to control for partial page. */
export function rcp(): Uint8Array {
  return Uint8Array.of(ADDRESS, CONTROL, RCP);
}

/**
 * The frame that `octets` are; null for anything else. The last data field of a page may be shorter than the others:
 * some stations leave out its padding.
 */
export function parseMessageFrame(octets: Uint8Array, size: FrameSize): MessageFrame | null {
  if (octets[0] !== ADDRESS || octets[1] !== CONTROL) return null;
  if (octets[2] === RCP) return { kind: 'rcp' };
  if (octets[2] !== FCD || octets.length <= DATA_BEGIN || octets.length > DATA_BEGIN + size) return null;
  return { kind: 'fcd', number: mirrored(octets[3] ?? 0), data: octets.subarray(DATA_BEGIN) };
}
