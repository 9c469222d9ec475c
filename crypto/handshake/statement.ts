import { isObject } from '../bytes.ts';
import { SealError } from '../errors.ts';
import { signJws } from '../jws.ts';
import { jwkOfPoint, type P521Jwk, type PublicKeyLike, pinOf, pointOf } from '../public-key.ts';
import type { SigningKey } from '../signature.ts';
import { isHost } from './host.ts';
import { isSuite, PROTOCOL_VERSION, type Suite } from './suite.ts';

/** `typ` of SJ. */
export const STATEMENT_TYP = 'sfx-stmt+jws';
const DAY = 86_400;
/** A handshake key lives at most this long (seconds); a stolen one is of no use after. */
const KEY_LIFE_LIMIT = 30 * DAY;

/** One certified handshake key. */
export interface StatementKey {
  readonly kid: string;
  readonly jwk: P521Jwk;
  /** Seconds since 1970. */
  readonly nbf: number;
  /** Seconds since 1970. */
  readonly exp: number;
}

/** Payload of SJ, the root's signed statement (SPEC.md §3). */
export interface Statement {
  readonly v: number;
  /** Rises with every statement; a client refuses a lower one than it has seen. */
  readonly seq: number;
  readonly hosts: readonly string[];
  readonly keys: readonly StatementKey[];
  readonly suites: readonly string[];
  /** Lowest protocol version that a client may speak. */
  readonly min_v: number;
  /** Pins of roots that will follow this one. */
  readonly next_roots: readonly string[];
  readonly iat: number;
  readonly exp: number;
}

/** What a new statement says. Times in seconds. */
export interface StatementRequest {
  readonly seq: number;
  readonly hosts: readonly string[];
  /** Handshake keys; without times they are valid from now for the statement's life. */
  readonly keys: readonly { readonly publicKey: PublicKeyLike; readonly nbf?: number; readonly exp?: number }[];
  readonly suites: readonly Suite[];
  readonly minV?: number;
  readonly nextRoots?: readonly string[];
  /** Seconds that the statement is valid. */
  readonly ttl: number;
}

/**
 * SJ: signs a statement with the root, whose public key it carries as `jwk`.
 *
 * @param now milliseconds since 1970
 */
export async function issueStatement(request: StatementRequest, root: SigningKey, now: number): Promise<string> {
  const iat = Math.floor(now / 1000);
  checkRequest(request);
  const exp = iat + request.ttl;
  const keys = await Promise.all(
    request.keys.map((key) => statementKey(key.publicKey, key.nbf ?? iat, key.exp ?? exp)),
  );
  const statement: Statement = {
    v: PROTOCOL_VERSION,
    seq: request.seq,
    hosts: request.hosts,
    keys,
    suites: request.suites,
    min_v: request.minV ?? PROTOCOL_VERSION,
    next_roots: request.nextRoots ?? [],
    iat,
    exp,
  };
  return signJws(statement, root, STATEMENT_TYP, { jwk: root.publicJwk });
}

function checkRequest(request: StatementRequest): void {
  const wrong = request.hosts.find((host) => !isHost(host));
  if (wrong !== undefined) throw new SealError('usage', `"${wrong}" is not a host (lower case, no port)`);
  if (request.hosts.length === 0 || request.keys.length === 0) throw new SealError('usage', 'no host or no key');
  if (request.suites.length === 0 || !request.suites.every(isSuite)) throw new SealError('usage', 'suites');
  if (!Number.isSafeInteger(request.seq) || request.seq < 0) throw new SealError('usage', 'seq');
  if (!Number.isSafeInteger(request.ttl) || request.ttl <= 0) throw new SealError('usage', 'ttl');
}

async function statementKey(publicKey: PublicKeyLike, nbf: number, exp: number): Promise<StatementKey> {
  if (exp <= nbf || exp - nbf > KEY_LIFE_LIMIT) {
    throw new SealError('usage', 'a handshake key is certified for at most 30 days');
  }
  return { kid: await pinOf(publicKey), jwk: jwkOfPoint(pointOf(publicKey)), nbf, exp };
}

/** The payload of a verified SJ. Throws `statement_malformed`. */
export function parseStatement(payload: Readonly<Record<string, unknown>>): Statement {
  const { v, seq, hosts, keys, suites, min_v, next_roots, iat, exp } = payload;
  const numbers = [v, seq, min_v, iat, exp].every((member) => Number.isSafeInteger(member));
  const lists = [hosts, suites, next_roots].every(isTextList);
  if (!numbers || !lists || !Array.isArray(keys) || !keys.every(isStatementKey)) {
    throw new SealError('statement_malformed');
  }
  return { v, seq, hosts, keys, suites, min_v, next_roots, iat, exp } as Statement;
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isStatementKey(value: unknown): value is StatementKey {
  if (!isObject(value) || typeof value.kid !== 'string' || !isObject(value.jwk)) return false;
  return Number.isSafeInteger(value.nbf) && Number.isSafeInteger(value.exp);
}
