import { hex, randomBytes } from '../../crypto/index.ts';

/** One part of `multipart/form-data` (RFC 7578); a part with a file name is a file. */
export interface Part {
  readonly name: string;
  readonly filename?: string;
  readonly contentType?: string;
  readonly content: string | Uint8Array;
}

/** What a request carries. Octets are sent as they stand, without a copy: the caller wipes them when the answer is there. */
export type HttpBody =
  | { readonly type: 'json'; readonly value: unknown }
  | { readonly type: 'form'; readonly fields: readonly (readonly [string, string])[] }
  | { readonly type: 'multipart'; readonly parts: readonly Part[] }
  | { readonly type: 'octets'; readonly contentType: string; readonly pieces: readonly Uint8Array[] };

/** A body as it is written. */
export interface EncodedBody {
  readonly contentType: string;
  readonly pieces: readonly Uint8Array[];
  /** Octets of all pieces. */
  readonly length: number;
}

const text = new TextEncoder();

/** `body` in octets. @throws RangeError for a part whose name would break out of its header */
export function encodeBody(body: HttpBody): EncodedBody {
  switch (body.type) {
    case 'json':
      return encoded('application/json', [text.encode(JSON.stringify(body.value))]);
    case 'form': {
      const fields = new URLSearchParams();
      for (const [name, value] of body.fields) fields.append(name, value);
      return encoded('application/x-www-form-urlencoded', [text.encode(fields.toString())]);
    }
    case 'multipart':
      return multipart(body.parts);
    case 'octets':
      return encoded(body.contentType, body.pieces);
  }
}

function encoded(contentType: string, pieces: readonly Uint8Array[]): EncodedBody {
  return { contentType, pieces, length: pieces.reduce((sum, { length }) => sum + length, 0) };
}

/** RFC 2046 §5.1.1: the delimiter must not occur in a part; 128 random bits do not. */
function multipart(parts: readonly Part[]): EncodedBody {
  const boundary = `sealfax-${hex(randomBytes(16))}`;
  const pieces = parts.flatMap((part) => [
    text.encode(`--${boundary}\r\n${partHeaders(part)}\r\n\r\n`),
    typeof part.content === 'string' ? text.encode(part.content) : part.content,
    text.encode('\r\n'),
  ]);
  return encoded(`multipart/form-data; boundary=${boundary}`, [...pieces, text.encode(`--${boundary}--\r\n`)]);
}

function partHeaders({ name, filename, contentType }: Part): string {
  const file = filename === undefined ? '' : `; filename="${quotable(filename)}"`;
  const type = contentType === undefined ? '' : `\r\nContent-Type: ${quotable(contentType)}`;
  return `Content-Disposition: form-data; name="${quotable(name)}"${file}${type}`;
}

function quotable(value: string): string {
  if (/["\r\n]/.test(value)) throw new RangeError('a name in a multipart body with a quote or line break');
  return value;
}
