import { openObject, randomId, sealObject, sha256Stream, wipe } from '../../crypto/index.ts';
import { FaxError } from '../fax/errors.ts';
import type { CoverText } from '../fax/fax.ts';
import { type AccountId, type FaxId, newId } from '../fax/ids.ts';
import type { ImageVault } from '../ports/image-vault.ts';
import type { SealedDocument } from '../ports/renderer.ts';
import { COVER_OBJECT, FORM_OBJECT, putCover, putForm } from './cover.ts';
import type { IntakeLimits } from './resolve.ts';

/** One document that has come in. */
export interface UploadedDocument {
  readonly object: string;
  readonly bytes: number;
  /** SHA-256 of the plaintext; lives in memory only, as input of the request's keyed hash. */
  readonly digest: Uint8Array;
  readonly mediaType: string | null;
  readonly fileName: string | null;
  /** Whether its first octets are those of a TIFF file. */
  readonly isTiff: boolean;
  /** Its ciphertext, where it is small: what was just written need not be read back. */
  readonly sealed: readonly Uint8Array[] | undefined;
}

/** What a client says of a document. */
export interface DocumentInfo {
  readonly mediaType: string | null;
  readonly fileName: string | null;
}

/** Octets of ciphertext that are kept for the inspection; larger documents are read back from the vault. */
const MOST_KEPT = 256 * 1024;

/** What is looked at while a document passes: its digest, and the signature of a TIFF file. */
class Look {
  readonly #digest = sha256Stream();
  readonly #first = new Uint8Array(4);
  #length = 0;

  at(chunk: Uint8Array): void {
    this.#digest.update(chunk);
    if (this.#length < 4) this.#first.set(chunk.subarray(0, 4 - this.#length), this.#length);
    this.#length += chunk.length;
  }

  seen(): Pick<UploadedDocument, 'digest' | 'isTiff'> {
    return { digest: this.#digest.digest(), isTiff: isTiffSignature(this.#first) };
  }
}

/** Byte order, then 42 in it (TIFF 6.0 §2). */
function isTiffSignature([a, b, c, d]: Uint8Array): boolean {
  return (a === 0x49 && b === 0x49 && c === 42 && d === 0) || (a === 0x4d && b === 0x4d && c === 0 && d === 42);
}

/** Ciphertext on its way into the vault, kept while it is little. */
class SmallCopy {
  chunks: Uint8Array[] | undefined = [];
  #length = 0;

  async *of(sealed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of sealed) {
      this.#length += chunk.length;
      if (this.#length > MOST_KEPT) this.chunks = undefined;
      this.chunks?.push(chunk);
      yield chunk;
    }
  }
}

/** A source that can be read more than once. */
export function again(open: () => AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => open()[Symbol.asyncIterator]() };
}

async function* each(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/**
 * Documents on their way in: sealed chunk by chunk into the vault under the key of the first fax (W0a, W0b). The key
 * is made with the first document and held until `close`.
 */
export class Upload {
  readonly #vault: ImageVault;
  readonly #account: AccountId;
  readonly #limits: IntakeLimits;
  readonly #faxes: FaxId[] = [];
  readonly #documents: UploadedDocument[] = [];
  #dek: Uint8Array | undefined;
  readonly #others: string[] = [];
  #bytes = 0;
  #formBytes = 0;

  constructor(vault: ImageVault, account: AccountId, limits: IntakeLimits) {
    this.#vault = vault;
    this.#account = account;
    this.#limits = limits;
  }

  get documents(): readonly UploadedDocument[] {
    return this.#documents;
  }

  /** Bytes of everything that each further fax has a copy of, apart from the text of a cover. */
  get bytes(): number {
    return this.#bytes + this.#formBytes;
  }

  /** Says that the upload goes on; nothing of it expires meanwhile. */
  async renew(): Promise<void> {
    if (this.#faxes.length > 0) await this.#vault.keepOpen(this.#faxes);
  }

  /** Every fax that owns a key so far: what `discard` removes. */
  get faxes(): readonly FaxId[] {
    return this.#faxes;
  }

  /** Seals one document. @throws FaxError document_too_large, option_invalid, document_rejected (empty); VaultError */
  async take(info: DocumentInfo, source: AsyncIterable<Uint8Array>): Promise<void> {
    if (this.#documents.length >= this.#limits.documents) {
      const message = `at most ${this.#limits.documents} documents`;
      throw new FaxError('option_invalid', message, { pointer: '/document' });
    }
    const object = `doc/${this.#documents.length}`;
    const { fax, dek } = await this.first(object);
    const look = new Look();
    const copy = new SmallCopy();
    const before = this.#bytes;
    const sealed = sealObject(dek, { fax, object }, this.#measured(source, look), { wipeSource: true });
    await this.#vault.put(fax, object, copy.of(sealed));
    const bytes = this.#bytes - before;
    if (bytes === 0)
      throw new FaxError('document_rejected', 'the document is empty', { pointer: '/document', reason: 'empty' });
    this.#documents.push({ object, bytes, ...look.seen(), sealed: copy.chunks, ...info });
  }

  async *#measured(source: AsyncIterable<Uint8Array>, look: Look) {
    for await (const chunk of source) {
      this.#bytes += chunk.length;
      if (this.#bytes > this.#limits.documentBytes) {
        wipe(chunk);
        throw new FaxError('document_too_large', `documents may have ${this.#limits.documentBytes} bytes in all`, {
          pointer: '/document',
        });
      }
      look.at(chunk);
      yield chunk;
    }
  }

  /** The first fax and its key, made now when there is none yet; `object` is what is put into the vault next. */
  async first(object?: string): Promise<{ readonly fax: FaxId; readonly dek: Uint8Array }> {
    const known = this.#faxes[0];
    if (known !== undefined && this.#dek !== undefined) return { fax: known, dek: this.#dek };
    const fax = newId('fax', randomId);
    this.#faxes.push(fax);
    this.#dek = await this.#vault.open(fax, this.#account, object);
    return { fax, dek: this.#dek };
  }

  /** Seals the text of a cover page beside the documents. */
  async cover(text: CoverText): Promise<void> {
    const { fax, dek } = await this.first();
    await putCover(this.#vault, fax, dek, text);
    this.#others.push(COVER_OBJECT);
  }

  /** Seals the form that the cover is set in. `pdf` is zeroed. */
  async form(pdf: Uint8Array): Promise<void> {
    const { fax, dek } = await this.first();
    this.#formBytes = pdf.length;
    await putForm(this.#vault, fax, dek, pdf);
    this.#others.push(FORM_OBJECT);
  }

  /** Another fax with the same documents under a key of its own: opened and sealed again record by record. */
  async copy(): Promise<FaxId> {
    const source = await this.first();
    const fax = newId('fax', randomId);
    this.#faxes.push(fax);
    const dek = await this.#vault.open(fax, this.#account);
    try {
      const documents = this.#documents.map(({ object }) => object);
      for (const object of [...documents, ...this.#others]) {
        const plain = openObject(source.dek, { fax: source.fax, object }, this.#vault.read(source.fax, object));
        await this.#vault.put(fax, object, sealObject(dek, { fax, object }, plain));
      }
    } finally {
      wipe(dek);
    }
    return fax;
  }

  /** The documents as the renderer takes them. */
  sealed(fax: FaxId): SealedDocument[] {
    return this.#documents.map(({ object, mediaType, fileName, isTiff, sealed }) => ({
      object,
      isTiff,
      ...(mediaType === null ? {} : { mediaType }),
      ...(fileName === null ? {} : { fileName }),
      sealed: sealed === undefined ? again(() => this.#vault.read(fax, object)) : again(() => each(sealed)),
    }));
  }

  /** Forgets the key; what is in the vault stays. */
  close(): void {
    if (this.#dek !== undefined) wipe(this.#dek);
    this.#dek = undefined;
    for (const { digest } of this.#documents) wipe(digest);
  }

  /** Removes every key, object and row of this upload. */
  async discard(): Promise<void> {
    this.close();
    for (const fax of this.#faxes) await this.#vault.discard(fax);
  }
}
