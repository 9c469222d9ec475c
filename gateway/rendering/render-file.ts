import { newKey, openObject, randomId, sealObject, wipe } from '../../crypto/index.ts';
import type { CodedPage } from '../imaging/page.ts';
import type { ConvertJob, Renderer, RenderOptions, StoredPage } from '../ports/renderer.ts';

/** One document as it lies in a file. */
export interface FileDocument {
  readonly bytes: Uint8Array;
  /** Tells office documents and HTML from text; everything else is known by its bytes. */
  readonly fileName?: string;
}

/** A page of documents that were rendered without a gateway. */
export interface FilePage {
  readonly page: number;
  readonly coded: CodedPage;
  readonly warnings: readonly string[];
}

/**
 * Renders documents for people and scripts: the same pipeline, the same sandbox and the same bits as a fax, with a key that lives
 * as long as the call.
 * @param coverForm a PDF form that is filled with `options.cover`
 * @throws {DocumentRejected} as {@link Renderer.render}
 */
export async function* renderFile(
  renderer: Renderer,
  documents: readonly FileDocument[],
  options: RenderOptions,
  signal?: AbortSignal,
  coverForm?: Uint8Array,
): AsyncGenerator<FilePage> {
  const dek = newKey();
  const fax = randomId('file');
  try {
    const sealedAs = (object: string, bytes: Uint8Array) => {
      return { object, sealed: sealObject(dek, { fax, object }, [bytes]) };
    };
    const sealed = documents.map(({ bytes, ...about }, index) => ({ ...about, ...sealedAs(`doc/${index}`, bytes) }));
    const form = coverForm === undefined ? {} : { coverForm: sealedAs('cover/1', coverForm) };
    const job = { fax, dek, documents: sealed, ...form, options, ...(signal === undefined ? {} : { signal }) };
    for await (const event of renderer.render(job)) {
      if (event.type !== 'page') continue;
      const { page, width, rows, xDpi, yDpi, warnings } = event;
      const t6 = await whole(openObject(dek, { fax, object: event.object }, event.sealed), event.bytes);
      yield { page, coded: { width, rows, xDpi, yDpi, t6 }, warnings };
    }
  } finally {
    wipe(dek);
  }
}

/** One file made of rendered pages, in chunks; a PNG is made of one page. */
export async function* fileOfPages(
  renderer: Renderer,
  pages: readonly CodedPage[],
  format: ConvertJob['format'],
): AsyncGenerator<Uint8Array> {
  const dek = newKey();
  const fax = randomId('file');
  try {
    const stored = pages.map(({ t6, ...size }, index): StoredPage => {
      const object = `page/${index + 1}`;
      return { ...size, object, sealed: sealObject(dek, { fax, object }, [t6]) };
    });
    yield* renderer.convert({ fax, dek, pages: stored, format });
  } finally {
    wipe(dek);
  }
}

async function whole(chunks: AsyncIterable<Uint8Array>, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for await (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
