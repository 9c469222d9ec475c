import { createHmac, hkdfSync } from 'node:crypto';

/** A page's mark being computed over its coded data, piece by piece. */
export interface PageMark {
  update(chunk: Uint8Array): void;
  /** 64 hex digits. */
  digest(): string;
}

/**
 * The mark of a page: HMAC-SHA-256 over its T.6 data under a key derived from the fax's DEK
 * (HKDF-SHA-512, info `sfx1 page mark`). Preview, sent and received page can be compared by it; once the DEK is gone it
 * says nothing about the page, which a plain hash of a form would.
 */
export function createPageMark(dek: Uint8Array): PageMark {
  const key = new Uint8Array(hkdfSync('sha512', dek, new Uint8Array(0), 'sfx1 page mark', 32));
  const hmac = createHmac('sha256', key);
  key.fill(0);
  return { update: (chunk) => void hmac.update(chunk), digest: () => hmac.digest('hex') };
}
