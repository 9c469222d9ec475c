import { openObject, randomId, sealObject, sha256Stream, wipe } from '../../crypto/index.ts';
import { FaxError } from '../fax/errors.ts';
import type { CoverText } from '../fax/fax.ts';
import { type AccountId, type FaxId, newId } from '../fax/ids.ts';
import type { ImageVault } from '../ports/image-vault.ts';
import type { SealedDocument } from '../ports/renderer.ts';
import { COVER_OBJECT, putCover } from './cover.ts';
import type { IntakeLimits } from './resolve.ts';

/** One document that has come in. */
export interface UploadedDocument {
  readonly object: string;
  readonly bytes: number;
  /** SHA-256 of the plaintext; lives in memory only, as input of the request's keyed hash. */
  readonly digest: Uint8Array;
  readonly mediaType: string | null;
  readonly fileName: string | null;
}

/** What a client says of a document. */
export interface DocumentInfo {
  readonly mediaType: string | null;
  readonly fileName: string | null;
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
  #hasCover = false;
  #bytes = 0;

  constructor(vault: ImageVault, account: AccountId, limits: IntakeLimits) {
    this.#vault = vault;
    this.#account = account;
    this.#limits = limits;
  }

  get documents(): readonly UploadedDocument[] {
    return this.#documents;
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
    const { fax, dek } = await this.first();
    const object = `doc/${this.#documents.length}`;
    const digest = sha256Stream();
    const before = this.#bytes;
    await this.#vault.put(
      fax,
      object,
      sealObject(dek, { fax, object }, this.#measured(source, digest), { wipeSource: true }),
    );
    const bytes = this.#bytes - before;
    if (bytes === 0)
      throw new FaxError('document_rejected', 'the document is empty', { pointer: '/document', reason: 'empty' });
    this.#documents.push({ object, bytes, digest: digest.digest(), ...info });
  }

  async *#measured(source: AsyncIterable<Uint8Array>, digest: { update(chunk: Uint8Array): unknown }) {
    for await (const chunk of source) {
      this.#bytes += chunk.length;
      if (this.#bytes > this.#limits.documentBytes) {
        wipe(chunk);
        throw new FaxError('document_too_large', `documents may have ${this.#limits.documentBytes} bytes in all`, {
          pointer: '/document',
        });
      }
      digest.update(chunk);
      yield chunk;
    }
  }

  /** The first fax and its key, made now when there is none yet. */
  async first(): Promise<{ readonly fax: FaxId; readonly dek: Uint8Array }> {
    const known = this.#faxes[0];
    if (known !== undefined && this.#dek !== undefined) return { fax: known, dek: this.#dek };
    const fax = newId('fax', randomId);
    this.#faxes.push(fax);
    this.#dek = await this.#vault.open(fax, this.#account);
    return { fax, dek: this.#dek };
  }

  /** Seals the text of a cover page beside the documents. */
  async cover(text: CoverText): Promise<void> {
    const { fax, dek } = await this.first();
    await putCover(this.#vault, fax, dek, text);
    this.#hasCover = true;
  }

  /** Another fax with the same documents under a key of its own: opened and sealed again record by record. */
  async copy(): Promise<FaxId> {
    const source = await this.first();
    const fax = newId('fax', randomId);
    this.#faxes.push(fax);
    const dek = await this.#vault.open(fax, this.#account);
    try {
      const documents = this.#documents.map(({ object }) => object);
      for (const object of this.#hasCover ? [...documents, COVER_OBJECT] : documents) {
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
    return this.#documents.map(({ object, mediaType, fileName }) => ({
      object,
      ...(mediaType === null ? {} : { mediaType }),
      ...(fileName === null ? {} : { fileName }),
      sealed: this.#vault.read(fax, object),
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
