import { openObject } from '../../crypto/index.ts';
import type { PageRecord } from '../fax/fax.ts';
import type { OutgoingPage } from '../ports/carrier-adapter.ts';
import type { Lease } from './lease.ts';
import type { DispatchParts } from './parts.ts';

/**
 * The pages of a call, decrypted a record at a time while the line takes them. Each record is zeroed when the next is
 * asked for (crypto's `openObject`); a lease that no longer holds opens nothing.
 */
export function outgoingPages(
  { vault }: DispatchParts,
  lease: Lease,
  dek: Uint8Array,
  pages: readonly PageRecord[],
): OutgoingPage[] {
  return pages.map(({ number, width, rows, xDpi, yDpi, bytes }) => ({
    number,
    width,
    rows,
    xDpi,
    yDpi,
    bytes,
    async *open() {
      const object = `page/${number}`;
      for await (const record of openObject(dek, { fax: lease.fax, object }, vault.read(lease.fax, object))) {
        if (!lease.holds) return;
        yield record;
      }
    },
  }));
}
