import type { Ed25519Pair } from '../../crypto/index.ts';
import { hmacSha256, signEd25519 } from '../../crypto/index.ts';
import { secretKey } from './endpoint-secrets.ts';

/** The three headers of Standard Webhooks 1.0.0. */
export interface SignedHeaders {
  readonly 'webhook-id': string;
  /** Seconds since 1970. */
  readonly 'webhook-timestamp': string;
  /** Space-separated: `v1,` for each secret, then `v1a,` for each key. */
  readonly 'webhook-signature': string;
}

/** The gateway's own key, and the one before it while receivers may still know no other. */
export interface WebhookKey extends Ed25519Pair {
  readonly before?: Ed25519Pair | null;
}

/**
 * Signs `id.timestamp.body`: HMAC-SHA256 with each secret (two while one is being rotated) and Ed25519 with the
 * gateway's key (both while it is being rotated), so that a receiver may verify with any.
 *
 * @param now milliseconds since 1970
 */
export async function signDelivery(
  id: string,
  now: number,
  body: Uint8Array,
  secrets: readonly string[],
  signingKey: WebhookKey,
): Promise<SignedHeaders> {
  const timestamp = String(Math.floor(now / 1_000));
  const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  const symmetric = secrets.map((secret) => `v1,${base64(hmacSha256(secretKey(secret), content))}`);
  const pairs = [signingKey, signingKey.before ?? []].flat();
  const asymmetric = await Promise.all(
    pairs.map(async ({ privateKey }) => `v1a,${base64(await signEd25519(privateKey, content))}`),
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': [...symmetric, ...asymmetric].join(' '),
  };
}

/** An Ed25519 public key as Standard Webhooks writes it: `whpk_` and base64. */
export function webhookPublicKey(publicKey: Uint8Array): string {
  return `whpk_${base64(publicKey)}`;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
