import { createObjectSealer, createPageMark, type ObjectSealer, type PageMark } from '../../crypto/index.ts';
import type { PageRecord } from '../fax/fax.ts';
import type { FaxId } from '../fax/ids.ts';
import type { IncomingPageInfo } from '../ports/carrier-adapter.ts';
import { ReceptionError } from './errors.ts';
import { LIMITS, type ReceptionParts } from './parts.ts';
import { SealedStream } from './sealed-stream.ts';

/** Checks what a peer says of the page that it is going to send. @throws ReceptionError page_invalid */
function checkPageInfo({ width, xDpi, yDpi }: IncomingPageInfo): void {
  const within = (value: number, limit: number) => Number.isInteger(value) && value >= 1 && value <= limit;
  if (!within(width, LIMITS.width) || !within(xDpi, LIMITS.dpi) || !within(yDpi, LIMITS.dpi)) {
    throw new ReceptionError('page_invalid', 'the page has an impossible width or resolution');
  }
}

/** One page while it arrives: sealed record by record, straight into the vault. Plaintext is held for one record at most. */
export class IncomingPage {
  readonly #vault: ReceptionParts['vault'];
  readonly #fax: FaxId;
  readonly #number: number;
  readonly #info: IncomingPageInfo;
  readonly #sealer: ObjectSealer;
  readonly #mark: PageMark;
  readonly #stream = new SealedStream();
  readonly #stored: Promise<unknown>;
  #bytes = 0;

  private constructor(
    vault: ReceptionParts['vault'],
    fax: FaxId,
    number: number,
    info: IncomingPageInfo,
    sealer: ObjectSealer,
    mark: PageMark,
  ) {
    this.#vault = vault;
    this.#fax = fax;
    this.#number = number;
    this.#info = info;
    this.#sealer = sealer;
    this.#mark = mark;
    this.#stored = vault.put(fax, this.#object, this.#stream);
    // A vault that fails (no room) must be heard by the write that waits for it.
    this.#stored.catch((error: unknown) => this.#stream.fail(error));
  }

  /** Opens the vault object of page `number` and writes its header. */
  static async begin(
    vault: ReceptionParts['vault'],
    fax: FaxId,
    dek: Uint8Array,
    number: number,
    info: IncomingPageInfo,
  ): Promise<IncomingPage> {
    checkPageInfo(info);
    const sealer = await createObjectSealer(dek, { fax, object: `page/${number}` });
    const page = new IncomingPage(vault, fax, number, info, sealer, createPageMark(dek));
    await page.#stream.write(sealer.header);
    return page;
  }

  /** Takes a chunk of T.6 data; it may be zeroed when this resolves. @throws ReceptionError page_too_large, VaultError */
  async write(chunk: Uint8Array): Promise<void> {
    this.#bytes += chunk.length;
    if (this.#bytes > LIMITS.pageBytes) throw new ReceptionError('page_too_large', 'the page exceeds 16 MiB');
    this.#mark.update(chunk);
    for (const record of await this.#sealer.write(chunk)) await this.#stream.write(record);
  }

  /** Resolves when the page is durable. @throws ReceptionError page_invalid, VaultError */
  async end(rows: number): Promise<PageRecord> {
    if (!Number.isInteger(rows) || rows < 1 || rows > LIMITS.rows || this.#bytes === 0) {
      throw new ReceptionError('page_invalid', 'the page is empty or impossibly long');
    }
    await this.#stream.write(await this.#sealer.end());
    this.#stream.close();
    await this.#stored;
    const { width, xDpi, yDpi } = this.#info;
    const mark = this.#mark.digest();
    return { number: this.#number, width, rows, xDpi, yDpi, bytes: this.#bytes, mark, warnings: [] };
  }

  /** Nothing of the page stays. */
  async drop(): Promise<void> {
    this.#sealer.discard();
    this.#stream.fail(new ReceptionError('out_of_turn', 'the page was dropped'));
    await this.#stored.catch(() => {});
    await this.#vault.remove(this.#fax, this.#object);
  }

  get #object(): string {
    return `page/${this.#number}`;
  }
}
