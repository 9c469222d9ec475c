import { readSync, writeSync } from 'node:fs';
import { newBytes } from '../../crypto/objects.ts';
import type { Frame, FrameKind } from './frames.ts';
import { encodeJson, FRAME_HEADER, frameHeader, parseFrameHeader } from './frames.ts';

/** File descriptors of the child: what the gateway says, and what it hears. Standard output is nobody's. */
const INPUT = 0;
const OUTPUT = 3;

/** Octets read at once: short frames come several together. */
const READ_AHEAD = 64 * 1024;

/**
 * The child's end of the two pipes. Reading and writing block: a child has one job, and an idle one costs nothing.
 */
export class ChildPipe {
  /** What has been read and not yet taken; zeroed as it is taken, because keys come this way. */
  readonly #ahead = newBytes(READ_AHEAD);
  #from = 0;
  #to = 0;

  /** The next frame, or undefined when the gateway is gone. @throws {RenderingError} `protocol` */
  read(): Frame | undefined {
    const header = this.#take(FRAME_HEADER);
    if (header === undefined) return undefined;
    const { kind, length } = parseFrameHeader(header);
    const payload = this.#take(length);
    return payload === undefined ? undefined : { kind, payload };
  }

  write(kind: FrameKind, payload: Uint8Array = new Uint8Array(0)): void {
    const header = frameHeader(kind, payload.length);
    writeFully(Buffer.concat([header, payload]));
  }

  #take(length: number): Uint8Array | undefined {
    const bytes = newBytes(length);
    for (let at = 0; at < length; ) {
      if (this.#from === this.#to && !this.#fill()) return undefined;
      const piece = this.#ahead.subarray(this.#from, Math.min(this.#to, this.#from + length - at));
      bytes.set(piece, at);
      piece.fill(0);
      at += piece.length;
      this.#from += piece.length;
    }
    return bytes;
  }

  /** Waits for more; false at the end. */
  #fill(): boolean {
    this.#from = 0;
    this.#to = retry(() => readSync(INPUT, this.#ahead, 0, READ_AHEAD, null));
    return this.#to > 0;
  }

  writeJson(kind: FrameKind, value: unknown): void {
    this.write(kind, encodeJson(value));
  }
}

function writeFully(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += retry(() => writeSync(OUTPUT, bytes, at, bytes.length - at));
}

/** Tries again when a signal interrupted the call. */
function retry(call: () => number): number {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EINTR')) throw error;
    }
  }
}
