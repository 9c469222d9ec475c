import { constantTimeEqual, sha256Stream, wipe } from '../../crypto/index.ts';
import { FaxError } from '../fax/errors.ts';
import type { BatchId, FaxId } from '../fax/ids.ts';
import type { Submission } from '../gateway.ts';
import { requestHash } from './request-hash.ts';
import type { IntakeLimits } from './resolve.ts';

const encoder = new TextEncoder();

/**
 * A submission under a key that has an answer already: its documents are hashed and stored nowhere, and the answer is
 * given again when the request is the same.
 */
export function createReplay(
  hashKey: Uint8Array,
  known: { readonly hash: string; readonly answer: string },
  limits: IntakeLimits,
): Submission {
  const digests: Uint8Array[] = [];
  let left = limits.documentBytes;
  return {
    async document(_info, source) {
      const digest = sha256Stream();
      for await (const chunk of source) {
        left -= chunk.length;
        if (left >= 0) digest.update(chunk);
        wipe(chunk);
        if (left < 0) throw new FaxError('document_too_large', 'the documents are too large', { pointer: '/document' });
      }
      digests.push(digest.digest());
    },
    async commit(request) {
      const hash = requestHash(hashKey, request, digests);
      if (!constantTimeEqual(encoder.encode(hash), encoder.encode(known.hash))) {
        throw new FaxError('idempotency_mismatch', 'this Idempotency-Key was used with another request', {
          pointer: '/idempotency-key',
        });
      }
      return { ...(JSON.parse(known.answer) as { faxes: FaxId[]; batch: BatchId | null }), replayed: true };
    },
    async abort() {
      // Nothing was stored.
    },
  };
}
