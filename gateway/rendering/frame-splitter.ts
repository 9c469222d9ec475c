import type { Frame, FrameKind } from './frames.ts';
import { FRAME_HEADER, parseFrameHeader } from './frames.ts';

/**
 * Puts frames together from chunks of any size. Holds at most one frame; what comes from the child is hostile, so
 * lengths are checked before anything is kept.
 */
export class FrameSplitter {
  #header = new Uint8Array(FRAME_HEADER);
  #headerLength = 0;
  #kind: FrameKind | undefined;
  #payload = new Uint8Array(0);
  #filled = 0;

  /** Frames that `chunk` completes. Payloads are copies. @throws {RenderingError} `protocol` */
  *push(chunk: Uint8Array): Generator<Frame> {
    let at = 0;
    while (at < chunk.length) {
      at += this.#kind === undefined ? this.#takeHeader(chunk.subarray(at)) : this.#takePayload(chunk.subarray(at));
      if (this.#kind === undefined || this.#filled < this.#payload.length) continue;
      const frame = { kind: this.#kind, payload: this.#payload };
      this.#kind = undefined;
      this.#headerLength = 0;
      yield frame;
    }
  }

  /** Whether a frame has begun that is not whole. */
  get partial(): boolean {
    return this.#headerLength > 0;
  }

  #takeHeader(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, FRAME_HEADER - this.#headerLength);
    this.#header.set(bytes.subarray(0, count), this.#headerLength);
    this.#headerLength += count;
    if (this.#headerLength === FRAME_HEADER) {
      const { kind, length } = parseFrameHeader(this.#header);
      this.#kind = kind;
      this.#payload = new Uint8Array(length);
      this.#filled = 0;
    }
    return count;
  }

  #takePayload(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, this.#payload.length - this.#filled);
    this.#payload.set(bytes.subarray(0, count), this.#filled);
    this.#filled += count;
    return count;
  }
}
