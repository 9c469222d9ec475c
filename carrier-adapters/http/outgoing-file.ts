import { wipe } from '../../crypto/index.ts';
import { writeTiffF } from '../../gateway/imaging/index.ts';
import type { OutgoingPage } from '../../gateway/ports/carrier-adapter.ts';

/**
 * The pages of a call as one TIFF-F file with T.6 data (RFC 3949, profile F), decrypted in memory; the caller wipes it as
 * soon as the carrier has it. Whatever was read before a page turned out not to open is wiped.
 * @throws what the source of a page throws, or RangeError for a page that is not as long as it said
 */
export async function writePages(pages: readonly OutgoingPage[]): Promise<Uint8Array> {
  const coded: Uint8Array[] = [];
  try {
    for (const page of pages) {
      const t6 = new Uint8Array(page.bytes);
      coded.push(t6);
      await fill(t6, page);
    }
    return writeTiffF(
      pages.map(({ width, rows, xDpi, yDpi }, index) => ({ width, rows, xDpi, yDpi, t6: coded[index] ?? NOTHING })),
    );
  } finally {
    for (const t6 of coded) wipe(t6);
  }
}

const NOTHING = new Uint8Array(0);

async function fill(t6: Uint8Array, page: OutgoingPage): Promise<void> {
  let at = 0;
  for await (const chunk of page.open()) {
    if (at + chunk.length > t6.length) throw new RangeError('a page is longer than it said');
    t6.set(chunk, at);
    at += chunk.length;
  }
  if (at !== t6.length) throw new RangeError('a page is shorter than it said');
}
