import { base64url, passkeyChallenge, type SigningKey, signTranscript } from '../../crypto/client.ts';
import { ClientError } from './errors.ts';
import type { PasskeyAnswer } from './types.ts';

/** Asks a passkey: the answer to `challenge` (base64url) of `navigator.credentials.get`. */
export interface PasskeyProof {
  readonly passkey: (challenge: string) => Promise<PasskeyAnswer>;
}

/**
 * What proves who is calling: an API secret or password, a registered P-521 key that signs the transcript, or an
 * administrator's passkey, which answers a challenge derived from it and says by itself whose it is.
 */
export type Proof = string | SigningKey | PasskeyProof;

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

/** What of a log-in's body says who it is, in the session with transcript hash `th`. */
export async function proofFields(proof: Proof, th: Uint8Array): Promise<Readonly<Record<string, unknown>>> {
  if (typeof proof === 'string') return { secret: proof, signature: null };
  if ('passkey' in proof) return { user: '', passkey: await proof.passkey(await passkeyChallenge(th)) };
  return { secret: null, signature: base64url(await signTranscript(th, proof)) };
}

/** Body of the log-in, `POST /v1/session`. `proven`: of `proofFields`. */
export function loginBody(
  { realm, account, user, device }: Credentials,
  tlsLeaf: string | null,
  proven: Readonly<Record<string, unknown>>,
  code: string | null,
): Readonly<Record<string, unknown>> {
  const totp = code === null ? {} : { totp: code };
  return { realm, account: realm === 'admin' ? null : account, user, ...proven, ...totp, device, tlsLeaf };
}

/** The code to send, or null for a user without one. @throws ClientError usage when it is not six digits */
export async function currentCode({ totp }: Credentials): Promise<string | null> {
  if (totp === undefined) return null;
  const code = (await totp()).replaceAll(/\s/g, '');
  if (!/^\d{6}$/.test(code)) throw new ClientError('usage', 'a TOTP code has six digits');
  return code;
}
