import { createObjectSealer, createPageMark, openObject, SealError } from '../../crypto/objects.ts';
import { DocumentError } from '../imaging/documents/error.ts';
import type { Assignment } from './assignment.ts';
import { RenderingError } from './error.ts';

/** Octets of the first buffer of an object; a page of text fits. A mebibyte would be zeroed and freed with every fax. */
const FIRST_BUFFER = 64 * 1024;

/** Reads one sealed object from the pipe and opens it. @throws {DocumentError} `too_large`, `damaged` */
export async function readObject(job: Assignment, fax: string, object: string, maxBytes: number): Promise<Uint8Array> {
  let bytes = new Uint8Array(Math.min(maxBytes, FIRST_BUFFER));
  let length = 0;
  try {
    for await (const chunk of openObject(job.dek, { fax, object }, readChunks(job))) {
      if (length + chunk.length > maxBytes) throw new DocumentError('too_large', 'The document is too large.');
      if (length + chunk.length > bytes.length) bytes = grow(bytes, Math.min(maxBytes, bytes.length * 2));
      bytes.set(chunk, length);
      length += chunk.length;
    }
  } catch (error) {
    if (error instanceof SealError) throw new DocumentError('damaged', 'The stored object does not open.');
    throw error;
  }
  return bytes.subarray(0, length);
}

/** A larger copy; the old bytes are zeroed. */
function grow(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(size);
  larger.set(bytes);
  bytes.fill(0);
  return larger;
}

async function* readChunks({ pipe }: Assignment): AsyncGenerator<Uint8Array> {
  for (;;) {
    const frame = pipe.read();
    if (frame === undefined) throw new RenderingError('closed', 'the gateway is gone');
    if (frame.kind === 'end') return;
    if (frame.kind !== 'chunk') throw new RenderingError('protocol', `unexpected ${frame.kind}`);
    yield frame.payload;
  }
}

/** Seals `bytes` as `object` and writes the result to the pipe. `bytes` are zeroed. */
export async function writeObject(job: Assignment, fax: string, object: string, bytes: Uint8Array): Promise<void> {
  const sealer = await createObjectSealer(job.dek, { fax, object }, { wipeSource: true });
  job.pipe.write('chunk', sealer.header);
  for (const record of await sealer.write(bytes)) job.pipe.write('chunk', record);
  job.pipe.write('chunk', await sealer.end());
  job.pipe.write('end');
}

/**
 * Object under whose name a finished file is sealed on its way out of the child. The vault holds none of this name: a
 * pipe's buffers are freed by the system's libraries, which zero nothing, so that only ciphertext may pass them.
 */
export const OUTPUT = 'out/0';

/** The sealed way out for a file that is made piece by piece. */
export interface OutputWriter {
  write(piece: Uint8Array): Promise<void>;
  end(): Promise<void>;
}

/** Begins the file of `fax`. */
export async function openOutput(job: Assignment, fax: string): Promise<OutputWriter> {
  const sealer = await createObjectSealer(job.dek, { fax, object: OUTPUT });
  job.pipe.write('chunk', sealer.header);
  return {
    async write(piece) {
      for (const record of await sealer.write(piece)) job.pipe.write('chunk', record);
    },
    end: async () => job.pipe.write('chunk', await sealer.end()),
  };
}

/** The keyed hash of a page's coded data. */
export function markOf(dek: Uint8Array, t6: Uint8Array): string {
  const mark = createPageMark(dek);
  mark.update(t6);
  return mark.digest();
}
