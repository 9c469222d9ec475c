import { mac, verifyEd25519 } from '../../crypto/client.ts';
import { ClientError } from './errors.ts';
import type { EventType } from './types.ts';

/** Difference of the clocks that is accepted, in milliseconds (Standard Webhooks: 5 minutes). */
const TOLERANCE = 300_000;

/** The body of a verified webhook. */
export interface WebhookMessage {
  type: EventType;
  /** ISO 8601. */
  timestamp: string;
  data: { event: string; account: string; seq: number; fax: string | null; [name: string]: unknown };
}

/** Why a webhook is not believed: `reason` of the ClientError `webhook_rejected`. */
export type WebhookFault =
  | 'headers_missing'
  | 'timestamp_invalid'
  | 'too_old'
  | 'too_new'
  | 'no_match'
  | 'key_invalid'
  | 'body_invalid';

/** With what a receiver verifies: its endpoint's secret (`whsec_…`), the gateway's key (`whpk_…`), or both. */
export interface WebhookKeys {
  readonly secret?: string;
  readonly publicKey?: string;
  /** Milliseconds since 1970; the machine's clock when left out. */
  readonly now?: number;
}

/** Headers as node:http, `fetch` or a plain object have them. */
export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Verifies a request that arrived at a webhook endpoint (Standard Webhooks 1.0.0, v1 and v1a) and answers its message.
 * One matching signature is enough. `body` is the raw body: parse nothing before.
 *
 * Deliveries come at least once: drop those whose `data.event` was seen before.
 *
 * @throws ClientError `webhook_rejected` with a WebhookFault as `reason`: answer 400 and do nothing
 */
export async function verifyWebhook(
  body: Uint8Array | string,
  headers: WebhookHeaders,
  keys: WebhookKeys,
): Promise<WebhookMessage> {
  const id = header(headers, 'webhook-id');
  const timestamp = header(headers, 'webhook-timestamp');
  const signatures = header(headers, 'webhook-signature');
  checkTime(timestamp, keys.now ?? Date.now());
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const content = signedContent(id, timestamp, bytes);
  for (const one of signatures.split(' ').slice(0, 16)) {
    if (await matches(one, content, keys)) return message(bytes);
  }
  throw rejected('no_match', 'no signature of this webhook is by the given secret or key');
}

function rejected(reason: WebhookFault, message: string): ClientError {
  return new ClientError('webhook_rejected', message, { reason });
}

function header(headers: WebhookHeaders, name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : fieldOf(headers, name);
  if (typeof value !== 'string' || value === '') throw rejected('headers_missing', `the header ${name} is missing`);
  return value;
}

function fieldOf(headers: Exclude<WebhookHeaders, Headers>, name: string): unknown {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}

function checkTime(timestamp: string, now: number): void {
  if (!/^\d{1,12}$/.test(timestamp))
    throw rejected('timestamp_invalid', 'webhook-timestamp is not a number of seconds');
  const age = now - Number(timestamp) * 1_000;
  if (age > TOLERANCE) throw rejected('too_old', 'the webhook is more than five minutes old');
  if (age < -TOLERANCE) throw rejected('too_new', 'the webhook is from the future; check the clock');
}

function signedContent(id: string, timestamp: string, body: Uint8Array): Uint8Array {
  const start = new TextEncoder().encode(`${id}.${timestamp}.`);
  const content = new Uint8Array(start.length + body.length);
  content.set(start);
  content.set(body, start.length);
  return content;
}

async function matches(token: string, content: Uint8Array, { secret, publicKey }: WebhookKeys): Promise<boolean> {
  const [version, text = ''] = token.split(',', 2);
  if (version === 'v1' && secret !== undefined) {
    return sameText(text, toBase64(await mac('SHA-256', keyBytes(secret, 'whsec_'), content)));
  }
  if (version === 'v1a' && publicKey !== undefined) {
    const signature = fromBase64(text);
    return signature !== null && verifyEd25519(keyBytes(publicKey, 'whpk_'), content, signature);
  }
  return false;
}

function keyBytes(text: string, prefix: string): Uint8Array {
  const bytes = text.startsWith(prefix) ? fromBase64(text.slice(prefix.length)) : null;
  if (bytes === null || bytes.length < 24) throw rejected('key_invalid', `not a key of the form ${prefix}…`);
  return bytes;
}

/** In time that depends on the lengths only. */
function sameText(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function fromBase64(text: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

function message(body: Uint8Array): WebhookMessage {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as WebhookMessage;
  } catch {
    throw rejected('body_invalid', 'the signed body is not JSON');
  }
}
