import { base64url, digestSha256, randomBytes } from '../../crypto/client.ts';
import { ClientError } from './errors.ts';
import type { SignInDoor } from './types.ts';

/** An authorization code on its way to the gateway, with what proves that it was asked for here. */
export interface OidcAnswer {
  /** The provider's name in the gateway's settings. */
  readonly provider: string;
  readonly code: string;
  readonly verifier: string;
  readonly nonce: string;
  readonly redirectUri: string;
  /** Issuer that the redirect named (RFC 9207); null when it named none. */
  readonly iss: string | null;
}

/** What has to be kept, in this browser alone, while somebody is at a provider. */
export interface SignInBegun extends Pick<OidcAnswer, 'provider' | 'verifier' | 'nonce' | 'redirectUri'> {
  readonly state: string;
}

/** What a page keeps and where it sends its person. */
export interface SignInTrip {
  readonly begun: SignInBegun;
  readonly address: string;
}

/** Octets of state, nonce and verifier: nobody guesses 256 bits. */
const RANDOM = 32;

/**
 * The providers by which administrators sign in at the gateway of `origin`. They are public; the gateway proves itself when
 * the code is brought to it. @throws ClientError unreachable
 */
export async function signInDoors(origin: string, signal?: AbortSignal): Promise<SignInDoor[]> {
  const unreachable = (cause?: unknown) => new ClientError('unreachable', 'the gateway cannot be reached', { cause });
  const request: RequestInit = { cache: 'no-store', credentials: 'omit', redirect: 'error' };
  const answer = await fetch(new URL('/v1/oidc', origin), {
    ...request,
    ...(signal === undefined ? {} : { signal }),
  }).catch((cause: unknown) => {
    throw unreachable(cause);
  });
  if (!answer.ok) throw unreachable();
  const list: unknown = await answer.json().catch((cause: unknown) => {
    throw unreachable(cause);
  });
  const items: unknown = typeof list === 'object' && list !== null ? Reflect.get(list, 'items') : undefined;
  if (!Array.isArray(items)) throw unreachable();
  return items as SignInDoor[];
}

/**
 * A trip to a provider: authorization code with PKCE S256 (RFC 7636), state and nonce new for each.
 *
 * @param anew whether the person has to prove anew who it is, not only be known there
 * @throws ClientError usage when nobody can sign in there now
 */
export async function beginSignIn(
  { name, door }: Pick<SignInDoor, 'name' | 'door'>,
  redirectUri: string,
  anew = false,
): Promise<SignInTrip> {
  if (door === null) throw new ClientError('usage', 'the provider does not answer now');
  const random = () => base64url(randomBytes(RANDOM));
  const begun = { provider: name, state: random(), nonce: random(), verifier: random(), redirectUri };
  const challenge = base64url(await digestSha256(new TextEncoder().encode(begun.verifier)));
  const address = new URL(door.authorizationEndpoint);
  const parameters = {
    ...{ response_type: 'code', client_id: door.clientId, redirect_uri: redirectUri, scope: door.scope },
    ...{ state: begun.state, nonce: begun.nonce, code_challenge: challenge, code_challenge_method: 'S256' },
    ...(door.acrValues === '' ? {} : { acr_values: door.acrValues }),
    ...(anew ? { prompt: 'login', max_age: '0' } : {}),
  };
  for (const [field, value] of Object.entries(parameters)) address.searchParams.set(field, value);
  return { begun, address: address.href };
}

/**
 * What the provider sent the person back with: the proof of a log-in.
 *
 * @throws ClientError untrusted_server for an answer to a question that was not asked here, usage for a refusal of the
 *   provider, with its code as the reason
 */
export function endSignIn(begun: SignInBegun, answer: URLSearchParams): { readonly oidc: OidcAnswer } {
  const { state, ...asked } = begun;
  if (answer.get('state') !== state)
    throw new ClientError('untrusted_server', 'this is not the answer to a sign-in that was begun here');
  const code = answer.get('code');
  if (code === null || code === '') {
    const error = answer.get('error') ?? '';
    const reason = /^[a-z_]{1,64}$/.test(error) ? error : 'unknown';
    throw new ClientError('usage', 'the identity provider has not signed you in', { reason });
  }
  return { oidc: { ...asked, code, iss: answer.get('iss') } };
}
