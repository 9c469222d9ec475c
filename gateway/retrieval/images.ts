import { copyBytes, scheduleCollection, wipe } from '../../crypto/index.ts';
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
  const { records, vault, renderer } = parts;

  async function* convert(
    fax: Fax,
    pages: readonly PageRecord[],
    format: 'pdf' | 'tiff' | 'png',
    pixels: PagePixels = 'exact',
  ): AsyncGenerator<Uint8Array> {
    assertReadable(fax);
    const stored = pages.map((page) => storedPage(vault, fax, page));
    const dek = await copyOfKey(vault, fax);
    try {
      yield* renderer.convert({
        fax: fax.id,
        dek,
        pages: stored,
        format,
        squarePixels: pixels === 'square',
        info: { createdAt: fax.createdAt },
      });
    } finally {
      wipe(dek);
      scheduleCollection();
    }
  }

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

/** The key outlives `withKey` here, because the output is a stream; the caller zeroes it. */
async function copyOfKey(vault: RetrievalParts['vault'], fax: Fax): Promise<Uint8Array> {
  try {
    return await vault.withKey(fax.id, async (dek) => copyBytes(dek));
  } catch (error) {
    if (error instanceof VaultError && error.code === 'image_wiped') throw wiped();
    if (error instanceof VaultError && error.code === 'image_lost')
      throw new FaxError('image_lost', 'the image is lost');
    throw error;
  }
}
