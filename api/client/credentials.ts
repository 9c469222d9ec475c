import type { SigningKey } from '../../crypto/client.ts';

/** What proves who is calling: an API secret or password, or a registered P-521 key that signs the transcript. */
export type Proof = string | SigningKey;

/** Who logs in. It is sent inside the seal only, after the gateway has proved itself. */
export interface Credentials {
  readonly realm: 'api' | 'admin';
  /** Account name; null for administrators. */
  readonly account: string | null;
  readonly user: string;
  readonly proof: Proof;
  /** Shown in the audit log and the session list. */
  readonly device: string;
}

/** Body of the log-in, `POST /v1/session`. */
export function loginBody(
  { realm, account, user, proof, device }: Credentials,
  tlsLeaf: string | null,
  signature: string | null,
): Readonly<Record<string, string | null>> {
  const secret = typeof proof === 'string' ? proof : null;
  return { realm, account: realm === 'admin' ? null : account, user, secret, signature, device, tlsLeaf };
}
