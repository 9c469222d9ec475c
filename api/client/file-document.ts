import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { DocumentSource } from './document.ts';

/** Bytes that are read at a time. */
const CHUNK = 65_536;

/** A file as a document: read in pieces, again from the start for each attempt. Throws when it cannot be read. */
export function fileDocument(path: string): DocumentSource {
  const { size } = statSync(path);
  return { size, name: basename(path), open: () => readFile(path) };
}

async function* readFile(path: string): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK })) yield chunk as Uint8Array;
}
