import { ClientError } from './errors.ts';

/** A document on its way to the gateway. */
export interface DocumentSource {
  /** Opens the bytes from the start; called once for each attempt. */
  open(): AsyncIterable<Uint8Array>;
  /** Bytes, for the progress; null when not known. */
  readonly size: number | null;
  /** File name, shown nowhere on the fax. */
  readonly name?: string;
  /** Media type; the gateway recognises the document by its content when left out. */
  readonly type?: string;
}

/** What `send` takes for a document: bytes, a Blob or File, or a source of one's own. */
export type DocumentInput = Uint8Array | Blob | DocumentSource;

/** `input` as a source that can be opened again for a retry. */
export function documentSource(input: DocumentInput): DocumentSource {
  if (input instanceof Uint8Array) return { open: () => slices(input), size: input.length };
  if (input instanceof Blob) return blobSource(input);
  if (typeof input.open !== 'function') throw new ClientError('usage', 'a document is bytes, a Blob or a source');
  return input;
}

function blobSource(blob: Blob): DocumentSource {
  const name = 'name' in blob && typeof blob.name === 'string' ? { name: blob.name } : {};
  const type = blob.type === '' ? {} : { type: blob.type };
  return { open: () => blobChunks(blob), size: blob.size, ...name, ...type };
}

const SLICE = 65_536;

async function* slices(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += SLICE) yield bytes.subarray(at, at + SLICE);
}

async function* blobChunks(blob: Blob): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < blob.size; at += SLICE) yield new Uint8Array(await blob.slice(at, at + SLICE).arrayBuffer());
}
