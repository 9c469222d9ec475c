import { fromBase64url } from '../../crypto/index.ts';
import type { PasskeyAssertion, PasskeyRegistration } from '../gateway.ts';
import type { NewPasskey, PasskeyKey } from '../ports/passkey-records.ts';

/** COSE algorithms (RFC 9053, RFC 8812) that a passkey may have: ES256, EdDSA, RS256 for older TPMs. The first is liked best. */
export const PASSKEY_ALGORITHMS: readonly number[] = [-7, -8, -257];

/** Why the answer of a passkey does not hold. Never told at a log-in; for logs, and for whoever registers one. */
export type PasskeyFault = 'malformed' | 'challenge' | 'origin' | 'framed' | 'attestation' | 'authenticator';

/** What an answer has to be about. */
export interface Ceremony {
  /** Origins of the console: scheme, host and port. */
  readonly origins: readonly string[];
  isChallenge(challenge: string): boolean;
}

/** What holds, or why nothing does. */
export type Verdict<T> = { readonly fault: PasskeyFault } | { readonly fault: null; readonly holds: T };

/** The library is read when the first passkey is met: it is large, and most processes never meet one. */
const library = () => import('@simplewebauthn/server');

/**
 * Checks the answer to `navigator.credentials.get` (Web Authentication Level 3 §7.2) against a key. The user was
 * verified by the passkey's keeper, or it does not hold. The counter is the caller's to compare.
 */
export async function checkAssertion(
  assertion: PasskeyAssertion,
  key: Pick<PasskeyKey, 'credential' | 'publicKey'> & { readonly host: string },
  ceremony: Ceremony,
): Promise<Verdict<{ readonly counter: number }>> {
  const client = readClientData(assertion.clientDataJSON, 'webauthn.get', ceremony);
  if (client.fault !== null) return client;
  const { origin, challenge, host } = client.holds;
  if (host !== key.host) return { fault: 'origin' };
  const { verifyAuthenticationResponse } = await library();
  const { id, clientDataJSON, authenticatorData, signature } = assertion;
  const answer = { clientDataJSON, authenticatorData, signature };
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: { id, rawId: id, type: 'public-key', response: answer, clientExtensionResults: {} },
      ...{ expectedChallenge: challenge, expectedOrigin: origin, expectedRPID: host, requireUserVerification: true },
      // Counters are compared where they are kept, together with the change.
      credential: { id: key.credential, publicKey: new Uint8Array(key.publicKey), counter: 0 },
    });
    if (!verified) return { fault: 'authenticator' };
    return { fault: null, holds: { counter: authenticationInfo.newCounter } };
  } catch {
    // Whatever a stranger's octets do to the library, they prove nothing.
    return { fault: 'authenticator' };
  }
}

/**
 * Checks the answer to `navigator.credentials.create` (Web Authentication Level 3 §7.1): what has to be kept of it.
 * Attestation is neither asked for nor believed: the only statement that is taken is none, or the key's own.
 */
export async function checkRegistration(
  registration: PasskeyRegistration,
  ceremony: Ceremony,
): Promise<Verdict<Omit<NewPasskey, 'user' | 'name'>>> {
  const client = readClientData(registration.clientDataJSON, 'webauthn.create', ceremony);
  if (client.fault !== null) return client;
  const { origin, challenge, host } = client.holds;
  const { id, clientDataJSON, attestationObject, transports } = registration;
  try {
    if (!(await isUnattested(attestationObject))) return { fault: 'attestation' };
    const { verifyRegistrationResponse } = await library();
    const answer = { clientDataJSON, attestationObject };
    const found = await verifyRegistrationResponse({
      response: { id, rawId: id, type: 'public-key', response: answer, clientExtensionResults: {} },
      ...{ expectedChallenge: challenge, expectedOrigin: origin, expectedRPID: host, requireUserVerification: true },
      supportedAlgorithmIDs: [...PASSKEY_ALGORITHMS],
    });
    const { credential, credentialDeviceType } = found.registrationInfo ?? {};
    if (!found.verified || credential?.id !== id || !(await isWholeKey(credential.publicKey)))
      return { fault: 'authenticator' };
    const { publicKey, counter } = credential;
    const synced = credentialDeviceType === 'multiDevice';
    return { fault: null, holds: { host, synced, credential: id, publicKey, counter, transports } };
  } catch {
    return { fault: 'authenticator' };
  }
}

/**
 * Statements with certificates are refused unread: no browser sends one that was not asked for, and to judge them means to
 * fetch what they name.
 */
async function isUnattested(attestationObject: string): Promise<boolean> {
  const { decodeAttestationObject } = await import('@simplewebauthn/server/helpers');
  const decoded = decodeAttestationObject(new Uint8Array(fromBase64url(attestationObject)));
  const format = decoded.get('fmt');
  return format === 'none' || (format === 'packed' && decoded.get('attStmt').get('x5c') === undefined);
}

/** RFC 9053 §7, RFC 8230 §4: the library takes what is left of a key that was cut off. RSA from 2048 to 4096 bits. */
async function isWholeKey(publicKey: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const { cose, decodeCredentialPublicKey } = await import('@simplewebauthn/server/helpers');
  const key = decodeCredentialPublicKey(publicKey);
  const sizes = (...labels: readonly number[]): number[] => labels.map((label) => sizeOf(key, label));
  if (cose.isCOSEPublicKeyEC2(key)) return sizes(-2, -3).every((size) => size === 32);
  if (cose.isCOSEPublicKeyOKP(key)) return sizes(-2).every((size) => size === 32);
  const [modulus = 0, exponent = 0] = sizes(-1, -2);
  return cose.isCOSEPublicKeyRSA(key) && modulus >= 256 && modulus <= 512 && exponent >= 1 && exponent <= 8;
}

/** Octets of a parameter of a COSE_Key; 0 when it has none of that name. */
function sizeOf(key: unknown, label: number): number {
  const value: unknown = key instanceof Map ? key.get(label) : undefined;
  return value instanceof Uint8Array ? value.length : 0;
}

/** What the browser says that it was asked, by whom. */
interface ClientData {
  readonly origin: string;
  /** Host name of the origin: the relying party. */
  readonly host: string;
  readonly challenge: string;
}

/** §5.8.1, and of §7.1 and §7.2 the steps about it. */
function readClientData(
  text: string,
  type: 'webauthn.create' | 'webauthn.get',
  { origins, isChallenge }: Ceremony,
): Verdict<ClientData> {
  const fields = parsedFields(text);
  if (fields === undefined) return { fault: 'malformed' };
  const { origin, challenge, crossOrigin = false, topOrigin } = fields;
  if (fields.type !== type || typeof challenge !== 'string' || typeof origin !== 'string')
    return { fault: 'malformed' };
  if (!isChallenge(challenge)) return { fault: 'challenge' };
  if (!origins.includes(origin)) return { fault: 'origin' };
  if (crossOrigin !== false || topOrigin !== undefined) return { fault: 'framed' };
  return { fault: null, holds: { origin, challenge, host: new URL(origin).hostname } };
}

function parsedFields(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(fromBase64url(text)));
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
