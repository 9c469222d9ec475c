import { verifyEd25519 } from '../../crypto/index.ts';
import type { CarrierCallback } from '../../gateway/ports/carrier-adapter.ts';
import { SIGNATURE_HEADERS } from './wire.ts';

/** A callback that is older or younger is refused, ms (Telnyx's own SDKs use the same). */
const WINDOW = 300_000;

/** Why a callback is not believed. */
export type WebhookRefusal = 'unsigned' | 'outdated' | 'forged' | 'no_key';

/**
 * Whether Telnyx sent `callback`: an Ed25519 signature over `timestamp|body`, with the octets as they came, in a time
 * window of five minutes either way. Null: it did.
 */
export async function refusalOf(
  { headers, body }: Pick<CarrierCallback, 'headers' | 'body'>,
  publicKey: string | undefined,
  now: number,
): Promise<WebhookRefusal | null> {
  if (publicKey === undefined) return 'no_key';
  const timestamp = headers[SIGNATURE_HEADERS.timestamp] ?? '';
  const signature = headers[SIGNATURE_HEADERS.signature] ?? '';
  if (!/^[0-9]{1,12}$/.test(timestamp) || !/^[A-Za-z0-9+/]{86}==$/.test(signature)) return 'unsigned';
  const message = Buffer.concat([Buffer.from(`${timestamp}|`), body]);
  const genuine = await verifyEd25519(octets(publicKey), new Uint8Array(message), octets(signature));
  if (!genuine) return 'forged';
  return Math.abs(now - Number(timestamp) * 1_000) > WINDOW ? 'outdated' : null;
}

function octets(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}
