import { createHmac } from 'node:crypto';
import type { CarrierCallback } from '../../../gateway/ports/carrier-adapter.ts';

/** What a callback is signed with, and how. */
export interface SigningKey {
  readonly key: string;
  /** SignalWire's own header, or that of the API it is compatible with. */
  readonly header?: 'x-signalwire-signature' | 'x-twilio-signature';
}

/** A callback as SignalWire sends it: HMAC-SHA-1 over the URL and the fields in the order of their names. */
export function signedCallback(
  url: string,
  fields: Readonly<Record<string, string>>,
  { key, header = 'x-signalwire-signature' }: SigningKey,
): CarrierCallback {
  const content = Object.keys(fields)
    .sort()
    .reduce((text, name) => `${text}${name}${fields[name]}`, url);
  const { pathname, search } = new URL(url);
  return {
    method: 'POST',
    path: `${pathname}${search}`,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      [header]: createHmac('sha1', key).update(content).digest('base64'),
    },
    body: new Uint8Array(Buffer.from(new URLSearchParams(fields).toString())),
    source: '198.51.100.7',
  };
}
