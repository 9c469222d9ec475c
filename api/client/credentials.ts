import { base64url, passkeyChallenge, type SigningKey, signTranscript } from '../../crypto/client.ts';
import { ClientError } from './errors.ts';
import type { OidcAnswer } from './openid.ts';
import type { StepUpProof } from './sign-in.ts';
import type { PasskeyAnswer } from './types.ts';

/** Asks a passkey: the answer to `challenge` (base64url) of `navigator.credentials.get`. */
export interface PasskeyProof {
  readonly passkey: (challenge: string) => Promise<PasskeyAnswer>;
}

/** What an OpenID provider has sent an administrator back with: good for one log-in. */
export interface OidcProof {
  readonly oidc: OidcAnswer;
}

/** An identity provider's token of an API user; a function is asked at each log-in, since tokens do not last. */
export interface TokenProof {
  readonly token: string | (() => string | Promise<string>);
}

/**
 * What proves who is calling: an API secret or password, a registered P-521 key that signs the transcript, or an
 * administrator's passkey, which answers a challenge derived from it and says by itself whose it is; or what an identity
 * provider says.
 */
export type Proof = string | SigningKey | PasskeyProof | OidcProof | TokenProof;

/**
 * Six digits of the authenticator, or a recovery code, asked for at each log-in. Each code opens one session: the next
 * needs the next one.
 */
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
  if ('oidc' in proof) return { user: '', oidc: proof.oidc };
  if ('token' in proof) return { token: typeof proof.token === 'string' ? proof.token : await proof.token() };
  return { secret: null, signature: base64url(await signTranscript(th, proof)) };
}

/** Body of the log-in, `POST /v1/session`. `proven`: of `proofFields`. */
export function loginBody(
  { realm, account, user, device }: Credentials,
  tlsLeaf: string | null,
  proven: Readonly<Record<string, unknown>>,
  code: string | null,
): Readonly<Record<string, unknown>> {
  return { realm, account: realm === 'admin' ? null : account, user, ...proven, ...codeField(code), device, tlsLeaf };
}

/** The member of a log-in's body that a code is sent in. */
export function codeField(code: string | null): { totp?: string; recovery?: string } {
  if (code === null) return {};
  return /^\d{6}$/.test(code) ? { totp: code } : { recovery: code };
}

/** The code to send, or null for a user without one. @throws ClientError usage when it is neither of the two forms */
export async function currentCode({ totp }: Pick<Credentials, 'totp'>): Promise<string | null> {
  if (totp === undefined) return null;
  const code = (await totp()).replaceAll(/[\s-]/g, '');
  if (/^(?:\d{6}|[0-9A-Za-z]{16})$/.test(code)) return code;
  throw new ClientError('usage', 'a TOTP code has six digits, a recovery code sixteen digits and letters');
}

/** What the log-in's own credentials prove within its session; null when they cannot be given twice. */
export async function provenAgain(credentials: Credentials, th: Uint8Array): Promise<StepUpProof | null> {
  const { proof } = credentials;
  if (typeof proof !== 'string' && 'passkey' in proof) return null;
  return { ...(await proofFields(proof, th)), ...codeField(await currentCode(credentials)) };
}
