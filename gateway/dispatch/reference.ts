import { hex, sha256 } from '../../crypto/index.ts';
import type { FaxId } from '../fax/ids.ts';

/**
 * H(fax, fence): the name of one call towards its carrier (SIP Call-ID, client reference, idempotency key). Each claim
 * has its own, and a worker that died can be asked for by it. 128 bits as 32 hex digits.
 */
export function callReference(fax: FaxId, fence: number): string {
  return hex(sha256(new TextEncoder().encode(`sfx call ${fax} ${fence}`)).subarray(0, 16));
}
