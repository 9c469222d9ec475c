import { ALGORITHMS, type DigestHash, type DigestParts, digestResponse, readAlgorithm } from './digest.ts';
import { parseAuthParams, parseUri, quote, type SipRequest, sameUri } from './message/index.ts';

/** What a server authenticates its peers by. */
export interface DigestServerOptions {
  readonly realm: string;
  readonly hash: DigestHash;
  /** A keyed MAC over text, as text without white space and quotes; nonces are recognised by it. */
  readonly mac: (text: string) => string;
  /** The password of a peer; undefined when there is none of this name. */
  readonly password: (username: string) => string | undefined;
}

/** What came of a request's credentials. `stale`: challenge again, saying so; the peer need not ask anybody. */
export type DigestVerdict = { readonly ok: string } | { readonly refused: 'missing' | 'wrong' | 'stale' };

/** Authenticates the requests of peers that register or call from anywhere (RFC 3261 §22). */
export interface DigestServer {
  /** Headers of a 401: one challenge for each algorithm, the strongest first. `source`: the peer's address. */
  challenge(source: string, now: number, stale: boolean): [name: string, value: string][];
  /** Whether the request is of who it says; `ok` is the user name. A nonce and its count are used once. */
  verify(request: SipRequest, source: string, now: number): DigestVerdict;
}

/** How long a nonce is good for, milliseconds. */
export const NONCE_LIFE = 300_000;
/** Nonces whose counts are remembered; all older ones are stale when there are more. */
const NONCE_LIMIT = 10_000;

/** Authorization of our realm, read. */
interface Credentials {
  readonly parts: Omit<DigestParts, 'password' | 'method'>;
  readonly count: number;
  readonly response: string;
}

export function createDigestServer(options: DigestServerOptions): DigestServer {
  return new NonceServer(options);
}

class NonceServer implements DigestServer {
  readonly #options: DigestServerOptions;
  /** Highest count of each nonce that was used rightly. */
  readonly #counts = new Map<string, number>();
  /** Nonces issued before are stale: their counts are forgotten. */
  #floor = Number.NEGATIVE_INFINITY;

  constructor(options: DigestServerOptions) {
    this.#options = options;
  }

  challenge(source: string, now: number, stale: boolean): [string, string][] {
    const nonce = this.#nonce(Math.floor(now), source);
    const rest = `nonce="${nonce}", qop="auth"${stale ? ', stale=true' : ''}`;
    const realm = quote(this.#options.realm);
    return ALGORITHMS.map((name) => ['WWW-Authenticate', `Digest realm=${realm}, algorithm=${name}, ${rest}`]);
  }

  verify(request: SipRequest, source: string, now: number): DigestVerdict {
    const lines = request.headers.all('authorization').map(parseAuthParams);
    const line = lines.find((candidate) => candidate?.params.get('realm') === this.#options.realm);
    if (line === undefined) return { refused: 'missing' };
    const credentials = line.scheme === 'digest' ? readCredentials(line.params) : undefined;
    if (credentials === undefined) return { refused: 'wrong' };
    if (!this.#isFresh(credentials.parts.nonce, source, now)) return { refused: 'stale' };
    if (!this.#isRight(credentials, request)) return { refused: 'wrong' };
    return this.#count(credentials) ? { ok: credentials.parts.username } : { refused: 'stale' };
  }

  /** The time of issue, and a proof that it and the address are ours. */
  #nonce(issued: number, source: string): string {
    return `${issued}.${this.#options.mac(`${issued} ${source}`)}`;
  }

  #isFresh(nonce: string, source: string, now: number): boolean {
    const issued = issueOf(nonce);
    if (!(issued <= now && now - issued <= NONCE_LIFE && issued >= this.#floor)) return false;
    return sameText(nonce, this.#nonce(issued, source));
  }

  #isRight({ parts, response }: Credentials, request: SipRequest): boolean {
    const known = this.#options.password(parts.username);
    // A name that nobody has costs the same time as a wrong password.
    const expected = digestResponse(this.#options.hash, { ...parts, password: known ?? '', method: request.method });
    const isSame = sameText(response.toLowerCase(), expected);
    return known !== undefined && isSame && isSameUri(parts.uri, request.uri);
  }

  /** Each count of a nonce once, and upwards only (RFC 7616 §3.4); memory is bounded by forgetting the oldest nonces. */
  #count({ parts, count }: Credentials): boolean {
    if (count <= (this.#counts.get(parts.nonce) ?? 0)) return false;
    this.#counts.set(parts.nonce, count);
    const oldest = this.#counts.size > NONCE_LIMIT ? this.#counts.keys().next().value : undefined;
    if (oldest !== undefined) {
      this.#floor = Math.max(this.#floor, issueOf(oldest) + 1);
      this.#counts.delete(oldest);
    }
    return true;
  }
}

function readCredentials(params: ReadonlyMap<string, string>): Credentials | undefined {
  const field = (name: string) => params.get(name);
  const algorithm = readAlgorithm(field('algorithm'));
  const [username, realm, nonce, uri, response] = ['username', 'realm', 'nonce', 'uri', 'response'].map(field);
  const [qop, nc, cnonce] = ['qop', 'nc', 'cnonce'].map(field);
  if (algorithm === undefined || username === undefined || realm === undefined || nonce === undefined) return undefined;
  if (uri === undefined || response === undefined || nc === undefined || cnonce === undefined) return undefined;
  if (qop?.toLowerCase() !== 'auth' || !/^[0-9A-Fa-f]{8}$/.test(nc)) return undefined;
  const parts = { algorithm, username, realm, nonce, uri, counted: { nc, cnonce } };
  return { parts, count: Number.parseInt(nc, 16), response };
}

function issueOf(nonce: string): number {
  return /^[0-9]{1,15}\./.test(nonce) ? Number.parseInt(nonce, 10) : Number.NaN;
}

/** The digest-uri must mean what is asked for (RFC 7616 §3.4.6): credentials are not to be carried over to another request. */
function isSameUri(a: string, b: string): boolean {
  if (a === b) return true;
  const [left, right] = [parseUri(a), parseUri(b)];
  return left !== undefined && right !== undefined && sameUri(left, right);
}

/** Equality in time that depends on the lengths only. */
function sameText(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let at = 0; at < a.length && at < b.length; at++) difference |= a.charCodeAt(at) ^ b.charCodeAt(at);
  return difference === 0;
}
