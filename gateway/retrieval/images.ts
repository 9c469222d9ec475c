import { FaxError } from '../fax/errors.ts';
import type { Fax, PageRecord } from '../fax/fax.ts';
import type { Images, PagePixels } from '../gateway.ts';
import type { FaxRecords } from '../ports/fax-records.ts';
import type { ImageVault } from '../ports/image-vault.ts';
import { VaultError } from '../ports/image-vault.ts';
import type { Renderer, StoredPage } from '../ports/renderer.ts';

/** What retrieval reads from. */
export interface RetrievalParts {
  readonly records: Pick<FaxRecords, 'pages'>;
  readonly vault: Pick<ImageVault, 'withKey' | 'read'>;
  readonly renderer: Pick<Renderer, 'convert'>;
}

/**
 * Pages on their way to people and programs. The sandboxed child opens and converts them; here only chunks pass
 * through. A fax's key is in this process for as long as the child needs to take it.
 */
export function createImages(parts: RetrievalParts): Images {
  const { records, vault } = parts;
  const convert = createConversion(parts);
  return {
    async *page(fax, number, pixels) {
      yield* convert(fax, [await onePage(records, fax, number)], 'png', pixels);
    },
    async *document(fax, format) {
      const pages = await records.pages(fax.id);
      if (pages.length === 0) throw new FaxError('page_not_found', 'the fax has no pages yet');
      yield* convert(fax, pages, format);
    },
    async *sealedPage(fax, number) {
      if (!fax.imageExists) throw wiped();
      await onePage(records, fax, number);
      yield* vault.read(fax.id, `page/${number}`);
    },
  };
}

/** Turns stored pages into one file. */
export type Conversion = (
  fax: Fax,
  pages: readonly PageRecord[],
  format: 'pdf' | 'tiff' | 'png',
  pixels?: PagePixels,
) => AsyncGenerator<Uint8Array>;

/** Conversion by the sandboxed child. Throws FaxError image_wiped, image_sealed, image_lost. */
export function createConversion({ vault, renderer }: Omit<RetrievalParts, 'records'>): Conversion {
  return async function* convert(fax, pages, format, pixels = 'exact') {
    assertReadable(fax);
    const stored = pages.map((page) => storedPage(vault, fax, page));
    const loan = await borrowKey(vault, fax);
    try {
      yield* renderer.convert({
        fax: fax.id,
        dek: loan.dek,
        pages: stored,
        format,
        squarePixels: pixels === 'square',
        info: { createdAt: fax.createdAt },
        signal: loan.ended,
      });
    } catch (error) {
      throw asFaxError(error);
    } finally {
      await loan.end();
    }
  };
}

function assertReadable(fax: Fax): void {
  if (!fax.imageExists) throw wiped();
  if (fax.sealedKey !== null) {
    throw new FaxError('image_sealed', 'only the customer’s own key opens this fax; fetch the sealed pages');
  }
}

const wiped = (): FaxError => new FaxError('image_wiped', 'the image has been wiped; its receipt remains');

async function onePage(records: RetrievalParts['records'], fax: Fax, number: number): Promise<PageRecord> {
  const pages = await records.pages(fax.id);
  const page = pages.find((one) => one.number === number);
  if (page === undefined) throw new FaxError('page_not_found', 'the fax has no such page (yet)');
  return page;
}

function storedPage(vault: RetrievalParts['vault'], fax: Fax, page: PageRecord): StoredPage {
  const object = `page/${page.number}`;
  const { width, rows, xDpi, yDpi } = page;
  return { object, width, rows, xDpi, yDpi, sealed: vault.read(fax.id, object) };
}

/** A key on loan from the vault, which zeroes it at the end of the loan, or when the fax is wiped meanwhile. */
interface Loan {
  readonly dek: Uint8Array;
  readonly ended: AbortSignal;
  end(): Promise<void>;
}

/** The output is a stream: the key is on loan for as long as it is read. */
async function borrowKey(vault: RetrievalParts['vault'], fax: Fax): Promise<Loan> {
  const over = Promise.withResolvers<void>();
  const lent = Promise.withResolvers<Omit<Loan, 'end'>>();
  const work = vault.withKey(fax.id, (dek, ended) => {
    lent.resolve({ dek, ended });
    return over.promise;
  });
  work.catch((error: unknown) => lent.reject(asFaxError(error)));
  const end = (): Promise<void> => {
    over.resolve();
    return work;
  };
  return { ...(await lent.promise), end };
}

function asFaxError(error: unknown): unknown {
  if (!(error instanceof VaultError)) return error;
  if (error.code === 'image_wiped') return wiped();
  return error.code === 'image_lost' ? new FaxError('image_lost', 'the image is lost') : error;
}
