import { hex, hmacSha256 } from '../../crypto/index.ts';
import type { SubmitRequest } from '../gateway.ts';

const encoder = new TextEncoder();

/**
 * What an Idempotency-Key is compared by: HMAC-SHA-256 under a key of this server over the canonical request and the
 * documents' digests. Keyed, because a plain hash of a form would be a fingerprint of its content in the database.
 *
 * @param digests SHA-256 of each document, in order
 * @returns hex
 */
export function requestHash(key: Uint8Array, request: SubmitRequest, digests: readonly Uint8Array[]): string {
  const documents = digests.map((digest) => hex(hmacSha256(key, digest)));
  return hex(hmacSha256(key, encoder.encode(canonical({ request, documents }))));
}

/** JSON with the keys of every object in order, so that equal requests are equal text. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}
