import busboy from 'busboy';
import type { Asked } from './server.ts';

/** One part of a form. */
export interface ReceivedPart {
  readonly name: string;
  readonly filename: string | undefined;
  readonly contentType: string;
  readonly content: Uint8Array;
}

/** The parts of a multipart body, in order. Rejects for a body that is none. */
export function partsOf({ headers, body }: Asked): Promise<ReceivedPart[]> {
  const parts: ReceivedPart[] = [];
  const parser = busboy({ headers });
  parser.on('field', (name, value, { mimeType }) => {
    parts.push({ name, filename: undefined, contentType: mimeType, content: new TextEncoder().encode(value) });
  });
  parser.on('file', (name, stream, { filename, mimeType }) => {
    const chunks: Uint8Array[] = [];
    stream.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    stream.on('end', () => {
      parts.push({ name, filename, contentType: mimeType, content: new Uint8Array(Buffer.concat(chunks)) });
    });
  });
  return new Promise((resolve, reject) => {
    parser.on('close', () => resolve(parts));
    parser.on('error', reject);
    parser.end(body);
  });
}
