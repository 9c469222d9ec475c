import { readSync, writeSync } from 'node:fs';
import { newBytes } from '../../crypto/objects.ts';
import type { Frame, FrameKind } from './frames.ts';
import { encodeJson, FRAME_HEADER, frameHeader, parseFrameHeader } from './frames.ts';

/** File descriptors of the child: what the gateway says, and what it hears. Standard output is nobody's. */
const INPUT = 0;
const OUTPUT = 3;

/**
 * The child's end of the two pipes. Reading and writing block: a child has one job, and an idle one costs nothing.
 */
export class ChildPipe {
  /** The next frame, or undefined when the gateway is gone. @throws {RenderingError} `protocol` */
  read(): Frame | undefined {
    const header = readExactly(FRAME_HEADER);
    if (header === undefined) return undefined;
    const { kind, length } = parseFrameHeader(header);
    const payload = readExactly(length);
    return payload === undefined ? undefined : { kind, payload };
  }

  write(kind: FrameKind, payload: Uint8Array = new Uint8Array(0)): void {
    writeFully(frameHeader(kind, payload.length));
    writeFully(payload);
  }

  writeJson(kind: FrameKind, value: unknown): void {
    this.write(kind, encodeJson(value));
  }
}

function readExactly(length: number): Uint8Array | undefined {
  const bytes = newBytes(length); // keys come this way
  for (let at = 0; at < length; ) {
    const count = retry(() => readSync(INPUT, bytes, at, length - at, null));
    if (count === 0) return undefined;
    at += count;
  }
  return bytes;
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
