import { constantTimeEqual, hex, hmacSha1, sha1 } from '../../crypto/index.ts';
import type { CarrierCallback } from '../../gateway/ports/carrier-adapter.ts';
import { type FormPart, readFormData } from '../http/index.ts';
import { SIGNATURE_HEADER } from './wire.ts';

/** Phaxio repeats a callback 16 times, the last time after three days; one that is older than a week is refused, ms. */
const OLDEST = 7 * 86_400_000;
/** How far the carrier's clock may be ahead of ours, ms. */
const AHEAD = 300_000;

/** Why a callback is not believed. */
export type WebhookRefusal = 'unsigned' | 'forged' | 'no_form' | 'no_token';

/** A callback that Phaxio sent: its fields without its file. */
export interface GenuineCallback {
  readonly fields: ReadonlyMap<string, Uint8Array>;
  /** 40 hexadecimal digits; a repeated callback has the same. */
  readonly signature: string;
}

/**
 * Opens a callback in the name of Phaxio: HMAC-SHA-1 over the URL as Phaxio has it, each field with its value in the order
 * of their names, and each file's name with the SHA-1 of what it holds.
 */
export function openCallback(
  { headers, body }: Pick<CarrierCallback, 'headers' | 'body'>,
  url: string | undefined,
  token: string | undefined,
): GenuineCallback | WebhookRefusal {
  if (url === undefined || token === undefined) return 'no_token';
  const signature = (headers[SIGNATURE_HEADER] ?? '').toLowerCase();
  if (!/^[0-9a-f]{40}$/.test(signature)) return 'unsigned';
  const parts = readFormData(headers['content-type'], body);
  if (parts === undefined) return 'no_form';
  const expected = hmacSha1(Buffer.from(token), signedContent(url, parts));
  if (!constantTimeEqual(expected, new Uint8Array(Buffer.from(signature, 'hex')))) return 'forged';
  const fields = parts.filter((part) => part.filename === undefined);
  return { fields: new Map(fields.map(({ name, content }) => [name, content])), signature };
}

function signedContent(url: string, parts: readonly FormPart[]): Uint8Array {
  const sorted = [...parts].sort((one, other) => Buffer.compare(Buffer.from(one.name), Buffer.from(other.name)));
  const fields = sorted.filter(({ filename }) => filename === undefined);
  const files = sorted.filter(({ filename }) => filename !== undefined);
  const octets = Buffer.concat([
    Buffer.from(url),
    ...fields.flatMap(({ name, content }) => [Buffer.from(name), content]),
    ...files.flatMap(({ name, content }) => [Buffer.from(name), Buffer.from(hex(sha1(content)))]),
  ]);
  return new Uint8Array(octets.buffer, octets.byteOffset, octets.length);
}

/** Whether the fax of a genuine callback ended, or began, at a time that a callback may speak of. Unreadable times may not. */
export function isTimely(
  {
    completed_at,
    created_at,
  }: { readonly completed_at?: string | null | undefined; readonly created_at?: string | null | undefined },
  now: number,
): boolean {
  const at = Date.parse(completed_at ?? created_at ?? '');
  return at >= now - OLDEST && at <= now + AHEAD;
}
