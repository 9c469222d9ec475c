import { constantTimeEqual, hmacSha1 } from '../../crypto/index.ts';
import type { CarrierCallback } from '../../gateway/ports/carrier-adapter.ts';
import { SIGNATURE_HEADERS } from './wire.ts';

/** More fields than any callback has. */
const MOST_FIELDS = 100;
const LONGEST_BODY = 65_536;

/** Why a callback is not believed. `no_origin`: the gateway does not know by which URL it was asked. */
export type WebhookRefusal = 'unsigned' | 'forged' | 'no_form' | 'no_origin';

/** A callback that SignalWire sent. */
export interface GenuineCallback {
  readonly fields: URLSearchParams;
  /** Base64; a repeated callback has the same. */
  readonly signature: string;
}

/**
 * Opens a callback in the name of SignalWire: HMAC-SHA-1 over the URL as SignalWire has it, and each field with its value in
 * the order of their names. It says nothing of its time: who has seen one may send it again, so that it counts as a reason to
 * ask the carrier and as nothing else.
 *
 * @param origin of this gateway as its settings say; what the request calls itself does not matter
 */
export function openCallback(
  { path, headers, body }: Pick<CarrierCallback, 'path' | 'headers' | 'body'>,
  origin: URL | undefined,
  key: string,
): GenuineCallback | WebhookRefusal {
  if (origin === undefined) return 'no_origin';
  const signature = SIGNATURE_HEADERS.map((name) => headers[name]).find((value) => value !== undefined) ?? '';
  if (!/^[A-Za-z0-9+/]{27}=$/.test(signature)) return 'unsigned';
  const fields = formOf(headers['content-type'], body);
  if (fields === undefined) return 'no_form';
  const given = new Uint8Array(Buffer.from(signature, 'base64'));
  const genuine = urlsOf(origin, path).some((url) => constantTimeEqual(signatureOf(url, fields, key), given));
  return genuine ? { fields, signature } : 'forged';
}

/** The octets of the signature over `url` and `fields`. */
export function signatureOf(url: string, fields: URLSearchParams, key: string): Uint8Array {
  const sorted = [...fields].sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
  const content = url + sorted.map(([name, value]) => name + value).join('');
  return hmacSha1(new TextEncoder().encode(key), new TextEncoder().encode(content));
}

/** The URL as it is configured, and with the port that a URL leaves out: senders differ in it. */
function urlsOf({ protocol, hostname, port, origin }: URL, path: string): string[] {
  const standard = protocol === 'https:' ? 443 : 80;
  return port === '' ? [`${origin}${path}`, `${protocol}//${hostname}:${standard}${path}`] : [`${origin}${path}`];
}

/** A form in which every name stands once: of a name that comes twice, nobody knows which value counts. */
function formOf(contentType: string | undefined, body: Uint8Array): URLSearchParams | undefined {
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType ?? '') || body.length > LONGEST_BODY)
    return undefined;
  const fields = new URLSearchParams(new TextDecoder().decode(body));
  const names = [...fields.keys()];
  return names.length <= MOST_FIELDS && new Set(names).size === names.length ? fields : undefined;
}
