import type { RecipientKey } from '../../crypto/client.ts';
import { fromBase64url, openObject, unwrapWithPrivateKey } from '../../crypto/client.ts';
import { collect } from './bytes.ts';
import type { PageInfo } from './types.ts';

/** Largest page that the gateway takes, in bytes of T.6. */
const PAGE_LIMIT = 16 * 1_048_576;

/** A page that the gateway could not read, opened: one T.6 (MMR) image, most significant bit first, 1 = black. */
export interface SealedPage extends PageInfo {
  readonly t6: Uint8Array;
}

/**
 * The data key of a fax, unwrapped with the account's own key: 32 bytes, to be zeroed by the caller. Throws SealError
 * `wrap` for another key.
 *
 * @param sealedKey base64url of the wrap
 */
export async function pageKey(key: RecipientKey, fax: string, sealedKey: string): Promise<Uint8Array> {
  return unwrapWithPrivateKey(key, fromBase64url(sealedKey), fax);
}

/** Opens the stored object of one page. */
export async function openPage(
  dek: Uint8Array,
  fax: string,
  page: PageInfo,
  sealed: AsyncIterable<Uint8Array>,
): Promise<SealedPage> {
  const opened = openObject(dek, { fax, object: `page/${page.number}` }, sealed);
  return { ...page, t6: await collect(opened, PAGE_LIMIT) };
}
