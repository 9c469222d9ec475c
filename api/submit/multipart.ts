import type { IncomingHttpHeaders } from 'node:http';
import { finished, type Readable } from 'node:stream';
import busboy from 'busboy';
import { copyBytes, wipe } from '../../crypto/index.ts';
import type { Submission } from '../../gateway/gateway.ts';
import { ApiError } from '../errors.ts';
import type { FlatParameters } from './parameters.ts';

/** Bounds of a form; the intake bounds the documents themselves. */
const LIMITS = { fieldNameSize: 100, fieldSize: 64 * 1024, fields: 1_200, files: 100, parts: 1_300, headerPairs: 20 };
/** Names of the parts that hold documents. */
const DOCUMENT_PARTS = new Set(['document', 'documents', 'file']);
/** Chunks of which the parser and a part's stream may still hold something: they stop at 64 KiB, which a chunk is at most. */
const HELD_CHUNKS = 4;

/**
 * Reads a multipart form (RFC 7578) to the end of its body: documents go to `take` as they come, fields are answered.
 * A document's chunks may be zeroed by whoever takes them.
 *
 * @throws ApiError body_invalid, request_invalid; whatever `take` or the source throws
 */
export async function readForm(
  headers: IncomingHttpHeaders,
  source: AsyncIterable<Uint8Array>,
  take: Submission['document'],
): Promise<FlatParameters> {
  const form = new FormReader(headers, take);
  try {
    for await (const chunk of source) await form.write(chunk);
    return await form.end();
  } catch (error) {
    throw await form.giveUp(error);
  }
}

class FormReader {
  readonly #parser: busboy.Busboy;
  readonly #fields = new Map<string, string | string[]>();
  readonly #broken: Promise<never>;
  readonly #closed: Promise<void>;
  #break: (error: unknown) => void = () => undefined;
  #failure: { readonly error: unknown } | undefined;
  #documents: Promise<void> = Promise.resolve();
  /** The latest copies, zeroed when the form is over: fields, and documents that were not taken to their end. */
  readonly #copies: Buffer[] = [];

  constructor(headers: IncomingHttpHeaders, take: Submission['document']) {
    this.#parser = newParser(headers);
    this.#broken = new Promise((_resolve, reject) => {
      this.#break = (error) => {
        this.#failure ??= { error };
        reject(error);
      };
    });
    this.#broken.catch(() => undefined);
    this.#closed = new Promise((resolve) => this.#parser.once('close', () => resolve()));
    this.#listen(take);
  }

  #listen(take: Submission['document']): void {
    const parser = this.#parser;
    parser.on('error', () => this.#break(new ApiError('body_invalid', 'not a whole multipart form')));
    for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
      parser.on(limit, () => this.#break(new ApiError('request_invalid', 'too many parts in the form')));
    }
    parser.on('field', (name, value, info) => {
      if (info.nameTruncated || info.valueTruncated) this.#break(tooLong(name));
      else this.#keep(name, value);
    });
    parser.on('file', (name, stream, info) => {
      stream.on('error', () => undefined);
      if (!DOCUMENT_PARTS.has(name)) {
        stream.resume();
        this.#break(new ApiError('request_invalid', 'documents are named document', { pointer: '/document' }));
        return;
      }
      const mediaType = info.mimeType === 'application/octet-stream' ? null : info.mimeType;
      const about = { mediaType, fileName: info.filename ?? null };
      this.#documents = this.#documents.then(() => take(about, piecesOf(stream)));
      this.#documents.catch((error: unknown) => this.#break(error));
    });
  }

  #keep(name: string, value: string): void {
    const held = this.#fields.get(name);
    if (held === undefined) this.#fields.set(name, value);
    else this.#fields.set(name, [...(typeof held === 'string' ? [held] : held), value]);
  }

  /** The parser gets a copy: it may hold on to a chunk after its callback, and the caller zeroes the chunk. */
  async write(chunk: Uint8Array): Promise<void> {
    const copy = this.#copyOf(chunk);
    const written = new Promise<void>((resolve) => this.#parser.write(copy, () => resolve()));
    await Promise.race([written, this.#broken]);
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** In memory of its own: small copies from Node's pool would stand beside everybody else's. */
  #copyOf(chunk: Uint8Array): Buffer {
    const copy = Buffer.from(copyBytes(chunk).buffer);
    this.#copies.push(copy);
    if (this.#copies.length > HELD_CHUNKS) this.#copies.shift();
    return copy;
  }

  async end(): Promise<FlatParameters> {
    this.#parser.end();
    await Promise.race([this.#closed, this.#broken]);
    await Promise.race([this.#documents, this.#broken]);
    wipe(...this.#copies);
    return Object.fromEntries(this.#fields);
  }

  /** Stops everything and answers the first failure, once the document under way has noticed. */
  async giveUp(error: unknown): Promise<unknown> {
    const first = this.#failure?.error ?? error;
    this.#parser.destroy(new Error('the form was given up'));
    await this.#documents.catch(() => undefined);
    wipe(...this.#copies);
    return first;
  }
}

/**
 * A part piece by piece, as the parser cut it. The stream's own iterator joins what has piled up into a new buffer and
 * leaves the pieces as they are: content that nobody zeroes.
 */
async function* piecesOf(stream: Readable): AsyncGenerator<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let over: { readonly error?: Error } | undefined;
  let wake = (): void => undefined;
  const end = (error?: Error | null): void => {
    over ??= error === undefined || error === null ? {} : { error };
    wake();
  };
  stream.on('data', (piece: Buffer) => {
    pieces.push(piece);
    stream.pause();
    wake();
  });
  finished(stream, { writable: false }, end);
  try {
    for (;;) {
      const piece = pieces.shift();
      if (piece !== undefined) yield piece;
      else if (over?.error !== undefined) throw over.error;
      else if (over !== undefined) return;
      else {
        const more = new Promise<void>((resolve) => {
          wake = resolve;
        });
        stream.resume();
        await more;
      }
    }
  } finally {
    stream.destroy();
  }
}

function newParser(headers: IncomingHttpHeaders): busboy.Busboy {
  try {
    return busboy({ headers, limits: LIMITS, defParamCharset: 'utf8' });
  } catch {
    throw new ApiError('body_invalid', 'the multipart boundary is missing or cannot be used');
  }
}

function tooLong(name: string): ApiError {
  const pointer = /^[A-Za-z.]{1,60}$/.test(name) ? `/${name.replace('.', '/')}` : '/';
  return new ApiError('request_invalid', 'the field is too long', { pointer });
}
