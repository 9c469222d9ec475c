import { openSmall, randomBytes, sealSmall } from '../../crypto/index.ts';
import type { EndpointId } from '../fax/ids.ts';

/** Bytes of a signing secret (Standard Webhooks asks for 24 to 64). */
const SECRET_SIZE = 32;
/** How long a rotated secret signs beside the new one: 24 hours, in milliseconds. */
export const ROTATION_OVERLAP = 24 * 3_600_000;

/** A secret and when it ends; null for the newest. */
export interface EndpointSecret {
  /** `whsec_` and base64. */
  readonly secret: string;
  /** Milliseconds since 1970. */
  readonly until: number | null;
}

/** A new secret: `whsec_` and the base64 of 32 random bytes. */
export function newEndpointSecret(): string {
  return `whsec_${Buffer.from(randomBytes(SECRET_SIZE)).toString('base64')}`;
}

/** The HMAC key of a `whsec_…` secret. */
export function secretKey(secret: string): Uint8Array {
  return new Uint8Array(Buffer.from(secret.slice('whsec_'.length), 'base64'));
}

/** Secrets that still sign at `now`, newest first. */
export function liveSecrets(secrets: readonly EndpointSecret[], now: number): string[] {
  return secrets.filter((one) => one.until === null || one.until > now).map((one) => one.secret);
}

/** `secrets` with a new one in front. The one before it signs for 24 hours more; older ones end at once: two at most. */
export function rotated(secrets: readonly EndpointSecret[], now: number): EndpointSecret[] {
  const before = secrets.find((one) => one.until === null);
  const old = before === undefined ? [] : [{ secret: before.secret, until: now + ROTATION_OVERLAP }];
  return [{ secret: newEndpointSecret(), until: null }, ...old];
}

const context = (endpoint: EndpointId) => `webhook secrets ${endpoint}`;

/** Sealed under the server's key and bound to the endpoint, so that rows cannot be exchanged. */
export async function sealSecrets(
  key: Uint8Array,
  endpoint: EndpointId,
  secrets: readonly EndpointSecret[],
): Promise<Uint8Array> {
  return sealSmall(key, context(endpoint), new TextEncoder().encode(JSON.stringify(secrets)));
}

/** The secrets of a row. @throws SealError `wrap` when the row is another endpoint's or the key another one */
export async function openSecrets(
  key: Uint8Array,
  endpoint: EndpointId,
  sealed: Uint8Array,
): Promise<EndpointSecret[]> {
  const bytes = await openSmall(key, context(endpoint), sealed);
  const secrets = JSON.parse(new TextDecoder().decode(bytes)) as EndpointSecret[];
  bytes.fill(0);
  return secrets;
}
