import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import type { CarrierCallback } from '../../../gateway/ports/carrier-adapter.ts';

/** A key that callbacks are signed with. */
export interface CallbackKey {
  readonly privateKey: KeyObject;
  /** 32 octets in Base64, as the carrier shows it. */
  readonly publicKey: string;
}

export function newCallbackKey(): CallbackKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  return { privateKey, publicKey: raw.toString('base64') };
}

/** A callback as Telnyx sends it: Ed25519 over `timestamp|body`. */
export function signedCallback(type: string, payload: object, now: number, key: CallbackKey): CarrierCallback {
  const event = {
    id: randomUUID(),
    event_type: type,
    occurred_at: new Date(now).toISOString(),
    record_type: 'event',
    payload,
  };
  const url = 'https://fax.example/v1/carriers/telnyx/callback';
  const body = Buffer.from(JSON.stringify({ data: event, meta: { attempt: 1, delivered_to: url } }));
  const timestamp = String(Math.floor(now / 1_000));
  const signature = sign(null, Buffer.concat([Buffer.from(`${timestamp}|`), body]), key.privateKey);
  const headers = {
    'content-type': 'application/json',
    'telnyx-timestamp': timestamp,
    'telnyx-signature-ed25519': signature.toString('base64'),
  };
  return { method: 'POST', path: new URL(url).pathname, headers, body: new Uint8Array(body), source: '192.76.120.1' };
}
