/*
 * RFC 3550 §5.1:
 *
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *    |                           timestamp                           |
 *    |                             SSRC                              |
 *    |                  CSRC list, extension, payload                |
 */

/** Octets of the fixed header. */
const HEADER = 12;
const VERSION = 2;

/** One packet of speech or tones as it came. */
export interface RtpPacket {
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Uint8Array;
}

/** What the header of a packet to be sent says. Numbers are taken modulo their width. */
export interface RtpHeader {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

/** The packet in `datagram`; null when it is none: another version, or lengths that do not fit (RFC 3550 appendix A.1). */
export function parseRtp(datagram: Uint8Array): RtpPacket | null {
  if (datagram.length < HEADER) return null;
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
  const first = view.getUint8(0);
  if (first >> 6 !== VERSION) return null;
  const start = payloadStart(view, first);
  const padding = (first & 0x20) === 0 ? 0 : view.getUint8(datagram.length - 1);
  if (start + padding > datagram.length || ((first & 0x20) !== 0 && padding === 0)) return null;
  return {
    payloadType: view.getUint8(1) & 0x7f,
    sequence: view.getUint16(2),
    timestamp: view.getUint32(4),
    ssrc: view.getUint32(8),
    payload: datagram.subarray(start, datagram.length - padding),
  };
}

/** Offset of the payload behind CSRC list and extension; past the end when they do not fit. */
function payloadStart(view: DataView, first: number): number {
  const sources = HEADER + 4 * (first & 0x0f);
  if ((first & 0x10) === 0) return sources;
  return sources + 4 > view.byteLength ? Number.POSITIVE_INFINITY : sources + 4 + 4 * view.getUint16(sources + 2);
}

/** A packet without CSRC list, extension and padding. */
export function buildRtp(header: RtpHeader, payload: Uint8Array): Uint8Array {
  const packet = new Uint8Array(HEADER + payload.length);
  const view = new DataView(packet.buffer);
  view.setUint8(0, VERSION << 6);
  view.setUint8(1, (header.marker ? 0x80 : 0) | header.payloadType);
  view.setUint16(2, header.sequence & 0xffff);
  view.setUint32(4, header.timestamp >>> 0);
  view.setUint32(8, header.ssrc >>> 0);
  packet.set(payload, HEADER);
  return packet;
}

/**
 * Whether `datagram` is RTP of the payload type rather than UDPTL: for the moments after a switch to T.38 on
 * the same port, in which stragglers of the audio come. A UDPTL packet would have to be about the 32,768th to look so.
 */
export function looksLikeRtp(datagram: Uint8Array, payloadType: number): boolean {
  return parseRtp(datagram)?.payloadType === payloadType;
}
