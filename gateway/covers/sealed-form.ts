import {
  copyBytes,
  KEY_SIZE,
  newBytes,
  newKey,
  openObject,
  sealObject,
  storedObjectLength,
  unwrapKey,
  wipe,
  wrapKey,
} from '../../crypto/index.ts';
import type { AccountId } from '../fax/ids.ts';

// A sealed form:   0 key of the form, wrapped (61)   61 stored object (crypto/SPEC.md §9) named `cover/1` of the account
//
// The wrap's context holds the account and the name, so that rows cannot be exchanged.

/** Octets of a wrapped key: version, nonce, key, tag (crypto/SPEC.md §10). */
const WRAPPED = 1 + 12 + KEY_SIZE + 16;

/** Name of the object. */
const OBJECT = 'cover/1';

const contextOf = (account: AccountId, name: string) => `cover form ${account} ${name}`;

/** The form under a key of its own, and that key under `sealKey`. */
export async function sealForm(
  sealKey: Uint8Array,
  account: AccountId,
  name: string,
  pdf: Uint8Array,
): Promise<Uint8Array> {
  const key = newKey();
  try {
    const row = newBytes(WRAPPED + storedObjectLength(pdf.length));
    row.set(await wrapKey(sealKey, key, contextOf(account, name)));
    await gather(row.subarray(WRAPPED), sealObject(key, { fax: account, object: OBJECT }, [pdf]));
    return row;
  } finally {
    wipe(key);
  }
}

/** The PDF of a row. @throws SealError when the row is another one's, was changed, or the key is another one */
export async function openForm(
  sealKey: Uint8Array,
  account: AccountId,
  name: string,
  row: Uint8Array,
): Promise<Uint8Array> {
  const key = await unwrapKey(sealKey, row.subarray(0, WRAPPED), contextOf(account, name));
  const pdf = newBytes(row.length);
  try {
    const length = await gather(pdf, openObject(key, { fax: account, object: OBJECT }, [row.subarray(WRAPPED)]));
    return copyBytes(pdf.subarray(0, length));
  } finally {
    wipe(key, pdf);
  }
}

/** Writes `source` into `room`, which has enough; answers how much it was. */
async function gather(room: Uint8Array, source: AsyncIterable<Uint8Array>): Promise<number> {
  let at = 0;
  for await (const chunk of source) {
    room.set(chunk, at);
    at += chunk.length;
  }
  return at;
}
