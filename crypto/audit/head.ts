import { base64url, fromBase64url } from '../base64url.ts';
import { SealError } from '../errors.ts';
import { type CertifiedReceipt, type ReceiptKey, signCertified, verifyCertified } from '../receipt.ts';

const TYP = 'sfx-audit-head+jws';

/** How far the audit log had come at a moment. */
export interface AuditHead {
  /** Entries so far. */
  readonly place: number;
  /** Link of the last of them, 32 octets. */
  readonly link: Uint8Array;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A signed head: compact JWS ES512 by the key of receipts, with the root's statement about it. */
export async function signAuditHead({ place, link, at }: AuditHead, key: ReceiptKey): Promise<string> {
  return signCertified({ v: 1, place, link: base64url(link), at: new Date(at).toISOString() }, key, TYP);
}

/** The head again, and the pin of the root that vouches for its key. Throws `jws` or `signature`. */
export async function verifyAuditHead(jws: string): Promise<AuditHead & Pick<CertifiedReceipt, 'pin'>> {
  const { claims, pin } = await verifyCertified(jws, TYP);
  const { place, link, at } = claims;
  const moment = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  if (typeof place !== 'number' || typeof link !== 'string' || Number.isNaN(moment)) {
    throw new SealError('jws', 'this is no head of an audit log');
  }
  return { place, link: fromBase64url(link), at: moment, pin };
}
