import { hex, randomBytes } from '../../crypto/client.ts';
import type { DocumentSource } from './document.ts';

/** A form whose bytes can be made again for each attempt. */
export interface Form {
  readonly contentType: string;
  /** Bytes of all documents, or null when one of them is unknown. */
  readonly size: number | null;
  /** The bytes; `sent` hears how many bytes of the documents have gone so far. */
  open(sent: (bytes: number) => void): AsyncGenerator<Uint8Array>;
}

/** multipart/form-data (RFC 7578): the fields, then each document as a part `document` with a file name. */
export function form(fields: readonly (readonly [string, string])[], documents: readonly DocumentSource[]): Form {
  const boundary = `sealfax-${hex(randomBytes(16))}`;
  const sizes = documents.map((one) => one.size);
  const size = sizes.every((one) => one !== null) ? sizes.reduce((sum, one) => sum + one, 0) : null;

  async function* open(sent: (bytes: number) => void): AsyncGenerator<Uint8Array> {
    let total = 0;
    const text = new TextEncoder();
    for (const [name, value] of fields) {
      yield text.encode(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
    }
    for (const [index, document] of documents.entries()) {
      yield text.encode(partHead(boundary, document, index));
      for await (const chunk of document.open()) {
        yield chunk;
        total += chunk.length;
        sent(total);
      }
      yield text.encode('\r\n');
    }
    yield text.encode(`--${boundary}--\r\n`);
  }

  return { contentType: `multipart/form-data; boundary=${boundary}`, size, open };
}

function partHead(boundary: string, document: DocumentSource, index: number): string {
  const name = quoted(document.name ?? `document-${index + 1}`);
  const type = /^[\w.+-]+\/[\w.+-]+$/.test(document.type ?? '') ? document.type : 'application/octet-stream';
  return `--${boundary}\r\nContent-Disposition: form-data; name="document"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`;
}

/** As browsers write it (WHATWG, multipart/form-data encoding): quotes and line ends are percent-encoded. */
function quoted(name: string): string {
  return name.slice(0, 200).replace(/"/g, '%22').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}
