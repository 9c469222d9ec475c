import { decodeProtectedHeader, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { base64url, constantTimeEqual, digestSha256, digestSha512 } from '../../crypto/index.ts';
import { TOLERANCE } from './connection.ts';
import { OpenIdError } from './errors.ts';

/** Signatures by a provider's own key. Nothing is taken that a client's secret has signed, or nobody. */
export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** Kinds of tokens that are shown to the gateway as a right (RFC 9068 §2.1, RFC 7519 §5.1); none at all is an older way. */
const TOKEN_TYPES = ['at+jwt', 'application/at+jwt', 'jwt'];
/** Kinds of tokens that tell a log-out (Back-Channel Logout 1.0 §2.4). */
const LOGOUT_TYPES = ['logout+jwt', 'application/logout+jwt', 'jwt'];
/** Member of `events` of a logout token, and how old it may be, ms. */
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const LOGOUT_AGE = 180_000;

/** What a token is checked against. */
export interface TokenCheck {
  readonly keys: JWTVerifyGetKey;
  readonly issuer: string;
  readonly audience: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The claims of a token that an API user brings (RFC 9068 §4). @throws JOSEError, OpenIdError */
export async function verifyToken(token: string, check: TokenCheck): Promise<JWTPayload & { readonly exp: number }> {
  const payload = await verified(token, TOKEN_TYPES, check, ['exp', 'sub']);
  // RFC 7800: it is for whoever has a key that this gateway cannot ask for.
  if (payload.cnf !== undefined) throw new OpenIdError('claims_refused', 'bound to a key of its sender');
  return { ...payload, exp: payload.exp ?? 0 };
}

/** What a logout token says (Back-Channel Logout 1.0 §2.6). @throws JOSEError, OpenIdError */
export async function verifyLogoutToken(
  token: string,
  check: TokenCheck,
): Promise<JWTPayload & { readonly iat: number }> {
  const payload = await verified(token, LOGOUT_TYPES, check, ['iat', 'jti', 'events']);
  const refused = (why: string) => new OpenIdError('claims_refused', why);
  const { events, iat = 0 } = payload;
  const event = typeof events === 'object' && events !== null && Object.hasOwn(events, LOGOUT_EVENT);
  if (!event) throw refused('tells no log-out');
  // An ID token has a nonce: it must not pass for this.
  if (Object.hasOwn(payload, 'nonce')) throw refused('has a nonce');
  if (payload.sub === undefined && payload.sid === undefined) throw refused('names nobody');
  if (Math.abs(check.now - iat * 1_000) > LOGOUT_AGE) throw refused('is too old');
  return { ...payload, iat };
}

async function verified(
  token: string,
  types: readonly string[],
  { keys, issuer, audience, now }: TokenCheck,
  requiredClaims: string[],
): Promise<JWTPayload> {
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    ...{ issuer, audience, requiredClaims, algorithms: ALGORITHMS, clockTolerance: TOLERANCE },
    currentDate: new Date(now),
  });
  const { typ } = protectedHeader;
  if (typ !== undefined && !types.includes(typ.toLowerCase()))
    throw new OpenIdError('claims_refused', 'another kind of token');
  return payload;
}

/**
 * Whether an ID token came with this access token, where it says so (OpenID Connect Core §3.1.3.8): the left half of the
 * hash that its signature uses. @throws OpenIdError claims_refused
 */
export async function checkAccessTokenHash(idToken: string, claimed: unknown, accessToken: string): Promise<void> {
  if (claimed === undefined) return;
  const { alg = '' } = decodeProtectedHeader(idToken);
  const octets = new TextEncoder().encode(accessToken);
  const hash = await hashFor(alg, octets);
  const half = base64url(hash.subarray(0, hash.length / 2));
  const said = typeof claimed === 'string' ? claimed : '';
  if (!constantTimeEqual(new TextEncoder().encode(half), new TextEncoder().encode(said)))
    throw new OpenIdError('claims_refused', 'the ID token belongs to another access token');
}

/** RFC 7518 §3.1: the digits of the algorithm name its hash; Ed25519 uses SHA-512. */
async function hashFor(alg: string, octets: Uint8Array): Promise<Uint8Array> {
  if (alg.endsWith('256')) return digestSha256(octets);
  if (alg.endsWith('384'))
    return new Uint8Array(await globalThis.crypto.subtle.digest('SHA-384', new Uint8Array(octets)));
  return digestSha512(octets);
}
