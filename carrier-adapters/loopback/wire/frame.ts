// One message on the exchange's socket:
//
//    0 length u32 (of what follows)   4 kind u8   5 id u32   9 head length u16   11 head (JSON, UTF-8)   … data
//
// kind 1 asks, kind 2 answers the ask with the same id. Both sides ask.

const HEADER = 11;
/** Longest JSON head, bytes. */
const HEAD_LIMIT = 8_192;
/** Longest data part, bytes; a page travels in blocks. */
const DATA_LIMIT = 16_384;
const FRAME_LIMIT = HEADER - 4 + HEAD_LIMIT + DATA_LIMIT;

/** A message as it travels. `data` of a parsed frame is a view that is valid until the next bytes are given. */
export interface Frame {
  readonly kind: 'ask' | 'answer';
  readonly id: number;
  readonly head: unknown;
  readonly data: Uint8Array;
}

const NO_DATA = new Uint8Array(0);

/** The bytes of one frame. @throws RangeError when head or data exceed their limit: a fault of ours. */
export function encodeFrame(frame: Omit<Frame, 'data'> & { readonly data?: Uint8Array }): Uint8Array {
  const head = new TextEncoder().encode(JSON.stringify(frame.head));
  const data = frame.data ?? NO_DATA;
  if (head.length > HEAD_LIMIT || data.length > DATA_LIMIT) throw new RangeError('a frame is too long');
  const bytes = new Uint8Array(HEADER + head.length + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length - 4);
  view.setUint8(4, frame.kind === 'ask' ? 1 : 2);
  view.setUint32(5, frame.id);
  view.setUint16(9, head.length);
  bytes.set(head, HEADER);
  bytes.set(data, HEADER + head.length);
  return bytes;
}

/** Cuts a byte stream into frames. */
export class FrameReader {
  #left: Uint8Array = NO_DATA;

  /** The frames that `bytes` completes. Throws on anything that is no frame; the stream is useless then. */
  *read(bytes: Uint8Array): Generator<Frame> {
    // A socket gives Buffers, whose slice() is a view: as plain arrays, copies are copies.
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    let rest = this.#left.length === 0 ? plain : joined(this.#left, plain);
    for (;;) {
      const length = frameLength(rest);
      if (length === undefined || rest.length < length) break;
      yield parseFrame(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
    this.#left = rest.slice();
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

function frameLength(bytes: Uint8Array): number | undefined {
  if (bytes.length < 4) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  if (length < HEADER - 4 || length > FRAME_LIMIT) throw new Error('a frame has an impossible length');
  return length + 4;
}

function parseFrame(bytes: Uint8Array): Frame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const kind = view.getUint8(4);
  const headEnd = HEADER + view.getUint16(9);
  if ((kind !== 1 && kind !== 2) || headEnd > bytes.length) throw new Error('a frame is malformed');
  const head: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(HEADER, headEnd)));
  return { kind: kind === 1 ? 'ask' : 'answer', id: view.getUint32(5), head, data: bytes.subarray(headEnd) };
}
