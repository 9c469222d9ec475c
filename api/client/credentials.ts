import type { SigningKey } from '../../crypto/client.ts';
import { ClientError } from './errors.ts';

/** What proves who is calling: an API secret or password, or a registered P-521 key that signs the transcript. */
export type Proof = string | SigningKey;

/** Six digits of the authenticator, asked for at each log-in. Each code opens one session: the next needs the next one. */
export type CodeSource = () => string | Promise<string>;

/** Who logs in. It is sent inside the seal only, after the gateway has proved itself. */
export interface Credentials {
  readonly realm: 'api' | 'admin';
  /** Account name; null for administrators. */
  readonly account: string | null;
  readonly user: string;
  readonly proof: Proof;
  /** Gives the code of the moment at each log-in; left out by users who have no TOTP secret. */
  readonly totp?: CodeSource;
  /** Shown in the audit log and the session list. */
  readonly device: string;
}

/** Body of the log-in, `POST /v1/session`. */
export function loginBody(
  { realm, account, user, proof, device }: Credentials,
  tlsLeaf: string | null,
  signature: string | null,
  code: string | null,
): Readonly<Record<string, string | null>> {
  const secret = typeof proof === 'string' ? proof : null;
  const totp = code === null ? {} : { totp: code };
  return { realm, account: realm === 'admin' ? null : account, user, secret, signature, ...totp, device, tlsLeaf };
}

/** The code to send, or null for a user without one. @throws ClientError usage when it is not six digits */
export async function currentCode({ totp }: Credentials): Promise<string | null> {
  if (totp === undefined) return null;
  const code = (await totp()).replaceAll(/\s/g, '');
  if (!/^\d{6}$/.test(code)) throw new ClientError('usage', 'a TOTP code has six digits');
  return code;
}
