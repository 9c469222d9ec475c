// Digest authentication (RFC 7616 as RFC 3261 §22 and RFC 8760 use it): qop `auth`, MD5 and SHA-256.

import { hex } from './hex.ts';
import { type AuthParams, type Headers, parseAuthParams, quote, type SipRequest } from './message/index.ts';
import type { ReceivedResponse } from './message/message.ts';

/** Strongest first (RFC 8760 §2.4). */
export const ALGORITHMS = ['SHA-256', 'MD5'] as const;

export type DigestAlgorithm = (typeof ALGORITHMS)[number];

/** Lower-case hex of the hash of UTF-8 text. */
export type DigestHash = (algorithm: DigestAlgorithm, text: string) => string;

/** What a client authenticates with. */
export interface DigestClientOptions {
  readonly username: string;
  readonly password: string;
  readonly hash: DigestHash;
  /** Uniformly random octets; client nonces are made of them. */
  readonly random: (bytes: number) => Uint8Array;
}

/** Answers the challenges of one trunk; it remembers them, so that later requests carry credentials at once. */
export interface DigestClient {
  /**
   * Takes the challenges of a 401 or 407 to `request`. `retry`: send the request again, authorized. `refused`: the
   * credentials are wrong, or nothing that is asked for is known here. Who retries must bound how often.
   */
  challenged(request: SipRequest, response: ReceivedResponse): 'retry' | 'refused';
  /** The request with credentials for every realm that has asked for them, in the place of older ones. */
  authorize(request: SipRequest): SipRequest;
}

/** Realms remembered of one trunk: its registrar and the proxies on the way. */
const REALM_LIMIT = 8;
const CNONCE_OCTETS = 16;

/** Whose challenge it is (RFC 3261 §22.2, §22.3). */
interface Side {
  readonly challenge: 'www-authenticate' | 'proxy-authenticate';
  readonly credentials: 'authorization' | 'proxy-authorization';
  readonly name: 'Authorization' | 'Proxy-Authorization';
}

const SIDES: Readonly<Record<number, Side>> = {
  401: { challenge: 'www-authenticate', credentials: 'authorization', name: 'Authorization' },
  407: { challenge: 'proxy-authenticate', credentials: 'proxy-authorization', name: 'Proxy-Authorization' },
};

/** A challenge that can be answered. */
interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  readonly algorithm: DigestAlgorithm;
  /** Whether the algorithm was named: it is echoed only then. */
  readonly named: boolean;
  /** False: the peer knows RFC 2069 only. */
  readonly qop: boolean;
  readonly stale: boolean;
}

/** A remembered challenge. */
interface Realm {
  readonly side: Side;
  readonly challenge: Challenge;
  /** Requests that have used its nonce. */
  uses: number;
}

export function createDigestClient(options: DigestClientOptions): DigestClient {
  const realms = new Map<string, Realm>();
  return {
    challenged(request, response) {
      const side = SIDES[response.status];
      const challenges = side === undefined ? [] : bestOfEachRealm(response.headers, side);
      if (side === undefined || challenges.length === 0) return 'refused';
      const refused = challenges.some((challenge) => isRefusal(challenge, side, request, realms));
      for (const challenge of challenges) remember(realms, { side, challenge, uses: 0 });
      return refused ? 'refused' : 'retry';
    },
    authorize(request) {
      const headers = request.headers.copy().remove('authorization').remove('proxy-authorization');
      for (const realm of realms.values()) headers.append(realm.side.name, credentials(realm, request, options));
      return { ...request, headers };
    },
  };
}

function keyOf(side: Side, realm: string): string {
  return `${side.credentials} ${realm}`;
}

function remember(realms: Map<string, Realm>, realm: Realm): void {
  const key = keyOf(realm.side, realm.challenge.realm);
  realms.delete(key);
  realms.set(key, realm);
  const oldest = realms.size > REALM_LIMIT ? realms.keys().next().value : undefined;
  if (oldest !== undefined) realms.delete(oldest);
}

/**
 * Whether a challenge says that the credentials of `request` are wrong: it bore some for this realm, and neither does
 * the challenge call the nonce stale, nor had the nonce been used before, in which case it may have become so.
 */
function isRefusal(challenge: Challenge, side: Side, request: SipRequest, realms: ReadonlyMap<string, Realm>): boolean {
  const bore = request.headers
    .all(side.credentials)
    .some((line) => parseAuthParams(line)?.params.get('realm') === challenge.realm);
  if (!bore || challenge.stale) return false;
  return (realms.get(keyOf(side, challenge.realm))?.uses ?? 0) <= 1;
}

/** The strongest challenge of each realm; those that cannot be answered are left out. */
function bestOfEachRealm(headers: Headers, side: Side): Challenge[] {
  const best = new Map<string, Challenge>();
  for (const line of headers.all(side.challenge)) {
    const challenge = readChallenge(parseAuthParams(line));
    if (challenge === undefined) continue;
    const other = best.get(challenge.realm);
    if (other === undefined || rank(challenge) < rank(other)) best.set(challenge.realm, challenge);
  }
  return [...best.values()].slice(0, REALM_LIMIT);
}

function rank(challenge: Challenge): number {
  return ALGORITHMS.indexOf(challenge.algorithm);
}

function readChallenge(line: AuthParams | undefined): Challenge | undefined {
  const params = line?.params;
  const realm = params?.get('realm');
  const nonce = params?.get('nonce');
  if (line?.scheme !== 'digest' || params === undefined || realm === undefined || nonce === undefined) return undefined;
  const algorithm = readAlgorithm(params.get('algorithm'));
  const qop = params.get('qop');
  const offersAuth = qop?.split(',').some((option) => option.trim().toLowerCase() === 'auth') ?? true;
  if (algorithm === undefined || !offersAuth) return undefined;
  return {
    realm,
    nonce,
    opaque: params.get('opaque'),
    algorithm,
    named: params.has('algorithm'),
    qop: qop !== undefined,
    stale: params.get('stale')?.toLowerCase() === 'true',
  };
}

/** MD5 when none is named (RFC 7616 §3.3); undefined when it is none of ours. */
export function readAlgorithm(name = 'MD5'): DigestAlgorithm | undefined {
  return ALGORITHMS.find((algorithm) => algorithm === name.toUpperCase());
}

function credentials(realm: Realm, request: SipRequest, options: DigestClientOptions): string {
  const { realm: name, nonce, opaque, algorithm, named, qop } = realm.challenge;
  const nc = (++realm.uses).toString(16).padStart(8, '0');
  const cnonce = hex(options.random(CNONCE_OCTETS));
  const parts: DigestParts = {
    algorithm,
    username: options.username,
    realm: name,
    password: options.password,
    method: request.method,
    uri: request.uri,
    nonce,
    counted: qop ? { nc, cnonce } : null,
  };
  const fields = [
    `username=${quote(options.username)}`,
    `realm=${quote(name)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(request.uri)}`,
    `response="${digestResponse(options.hash, parts)}"`,
    ...(named ? [`algorithm=${algorithm}`] : []),
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
    ...(qop ? [`qop=auth`, `nc=${nc}`, `cnonce="${cnonce}"`] : []),
  ];
  return `Digest ${fields.join(', ')}`;
}

/** What a response is computed of. */
export interface DigestParts {
  readonly algorithm: DigestAlgorithm;
  readonly username: string;
  readonly realm: string;
  readonly password: string;
  readonly method: string;
  /** The digest-uri: the Request-URI. */
  readonly uri: string;
  readonly nonce: string;
  /** With qop `auth`; null: as RFC 2069 has it. */
  readonly counted: { readonly nc: string; readonly cnonce: string } | null;
}

/** The `response` of RFC 7616 §3.4.1, without qop that of RFC 2069 §2.1.2. */
export function digestResponse(hash: DigestHash, parts: DigestParts): string {
  const { algorithm, username, realm, password, method, uri, nonce, counted } = parts;
  const a1 = hash(algorithm, `${username}:${realm}:${password}`);
  const a2 = hash(algorithm, `${method}:${uri}`);
  const middle = counted === null ? nonce : `${nonce}:${counted.nc}:${counted.cnonce}:auth`;
  return hash(algorithm, `${a1}:${middle}:${a2}`);
}
