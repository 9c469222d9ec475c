import { base64url, fromBase64url } from '../base64url.ts';
import { copyBytes, equalBytes, jsonObject } from '../bytes.ts';
import { type Curve, type EphemeralKey, webCryptoCurve } from '../curve.ts';
import { digestSha512 } from '../digest.ts';
import { SealError } from '../errors.ts';
import { embeddedKey, isSignedBy, type ParsedJws, parseJws } from '../jws.ts';
import { expectPoint, POINT_SIZE, pinOf, pointOf } from '../public-key.ts';
import { type RandomSource, randomBytes } from '../random.ts';
import { wipe } from '../wipe.ts';
import { encodeClientHello, HELLO_NONCE_SIZE } from './client-hello.ts';
import { isHost } from './host.ts';
import { parseServerHello, SERVER_HELLO_TYP, type ServerHello } from './server-hello.ts';
import { parseStatement, STATEMENT_TYP, type Statement, type StatementKey } from './statement.ts';
import { leadsTo } from './succession.ts';
import { DEFAULT_SUITE, isSuite, PROTOCOL_VERSION, type Suite } from './suite.ts';
import { deriveSession, FIN_SIZE, transcriptHash } from './transcript.ts';

/** Clocks of client and server may differ by this much (seconds). */
const CLOCK_SKEW = 300;
/** Largest answer to a hello. */
const ANSWER_LIMIT = 65_536;

/** What a client knows before the handshake. */
export interface HandshakeRequest {
  /** Accepted roots: base64url(SHA-256(SPKI)), from the connection string. */
  readonly pins: readonly string[];
  /** The host of the connection string. */
  readonly aud: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Highest statement `seq` seen from these roots; a lower one is refused. */
  readonly seq?: number;
  /** Offered suites (the 256-bit suite alone). */
  readonly suites?: readonly Suite[];
  /** P-521 where the runtime lacks it, and fixed ephemerals of vectors. */
  readonly curve?: Curve;
  /** For vectors only. */
  readonly random?: RandomSource;
}

/** A session on the client's side. */
export interface ClientSession {
  /** 16 octets. */
  readonly sid: Uint8Array;
  /** 64 octets. Wipe both when the session ends. */
  readonly c2s: Uint8Array;
  /** 64 octets. */
  readonly s2c: Uint8Array;
  /** Transcript hash, 64 octets. */
  readonly th: Uint8Array;
  readonly suite: Suite;
  /** Seconds from the handshake to the absolute end, by the server's clock. */
  readonly life: number;
  /** Seconds without a message after which the server ends the session. */
  readonly idle: number;
  /** Remember it beside the pins. */
  readonly statementSeq: number;
  /** Pin of the root that signed the statement: one of the pins, or of a root to which one of them has handed over. */
  readonly root: string;
  /** Pins of roots that will follow; a client may store them. */
  readonly nextRoots: readonly string[];
}

/** A handshake under way. */
export interface ClientHandshake {
  /** CH: the body of `POST /sfx1/hello`. */
  readonly request: Uint8Array;
  /** Checks the answer in the order of SPEC.md §4.3, stopping at the first failure, and derives the session. Once only. */
  finish(answer: Uint8Array | string): Promise<ClientSession>;
}

/** Makes an ephemeral key and CH. Throws `usage` for pins or a host that no server could match. */
export async function startHandshake(request: HandshakeRequest): Promise<ClientHandshake> {
  checkRequest(request);
  const curve = request.curve ?? webCryptoCurve();
  const suites = request.suites ?? [DEFAULT_SUITE];
  let ephemeral: EphemeralKey | null = await curve.generate();
  const n = (request.random ?? randomBytes)(HELLO_NONCE_SIZE);
  const ch = encodeClientHello({ suites, epk: ephemeral.point, n, aud: request.aud });
  return {
    request: copyBytes(ch),
    async finish(answer) {
      const key = ephemeral;
      ephemeral = null;
      if (key === null) throw new SealError('usage', 'a handshake is finished once');
      return finish({ ...request, suites, curve }, ch, key, answer);
    },
  };
}

function checkRequest(request: HandshakeRequest): void {
  if (!isHost(request.aud)) throw new SealError('usage', 'aud is a host: lower case, no port');
  const usable = request.pins.every((pin) => /^[A-Za-z0-9_-]{43}$/.test(pin));
  if (request.pins.length === 0 || !usable) throw new SealError('usage', 'a pin is 43 characters of base64url');
}

interface Expectation extends HandshakeRequest {
  readonly suites: readonly Suite[];
  readonly curve: Curve;
}

async function finish(
  expected: Expectation,
  ch: Uint8Array,
  ephemeral: EphemeralKey,
  answer: Uint8Array | string,
): Promise<ClientSession> {
  const { hello: hj, stmt: sj, fin, roots } = parseAnswer(answer);
  const { root, statement } = await checkStatement(expected, parsePart(sj), roots);
  const hello = await checkHello(expected, statement, parsePart(hj), ch);
  const suite = checkSuite(expected, statement, hello);
  const th = await transcriptHash(ch, hj, sj);
  const z = await derive(ephemeral, hello.epk);
  const secrets = await deriveSession(th, z);
  if (!equalBytes(secrets.fin, finOf(fin))) {
    wipe(secrets.c2s, secrets.s2c);
    throw new SealError('hello_fin');
  }
  return {
    sid: hello.sid,
    c2s: secrets.c2s,
    s2c: secrets.s2c,
    th,
    suite,
    life: hello.exp - hello.iat,
    idle: hello.idle,
    statementSeq: statement.seq,
    root,
    nextRoots: statement.next_roots,
  };
}

interface Answer {
  readonly hello: string;
  readonly stmt: string;
  readonly fin: string;
  /** Successions of roots, oldest first; a gateway whose root was never replaced sends none. */
  readonly roots: readonly string[];
}

function parseAnswer(answer: Uint8Array | string): Answer {
  const parsed = answer.length > ANSWER_LIMIT ? null : jsonObject(answer);
  const { hello, stmt, fin, roots = [] } = parsed ?? {};
  if (typeof hello !== 'string' || typeof stmt !== 'string' || typeof fin !== 'string') {
    throw new SealError('response_malformed');
  }
  const isList = Array.isArray(roots) && roots.every((one) => typeof one === 'string');
  if (!isList) throw new SealError('response_malformed');
  return { hello, stmt, fin, roots };
}

function parsePart(jws: string): ParsedJws {
  try {
    return parseJws(jws);
  } catch {
    throw new SealError('response_malformed');
  }
}

/** Steps 1 to 6: root in pins, or heir of one that is; signature; times; seq; min_v; host. */
async function checkStatement(
  expected: Expectation,
  parsed: ParsedJws,
  roots: readonly string[],
): Promise<{ readonly root: string; readonly statement: Statement }> {
  const root = embeddedKey(parsed);
  if (root === null) throw new SealError('root_not_pinned');
  const pin = await pinOf(root);
  const trusted = expected.pins.includes(pin) || (await leadsTo(expected.pins, roots, pin, expected.curve));
  if (!trusted) throw new SealError('root_not_pinned');
  if (!(await signedBy(parsed, pointOf(root), STATEMENT_TYP, expected.curve))) {
    throw new SealError('statement_signature');
  }
  const statement = parseStatement(parsed.payload);
  if (!isValidAt(statement.iat, statement.exp, expected.now)) throw new SealError('statement_time');
  if (statement.seq < (expected.seq ?? 0)) throw new SealError('statement_rollback');
  if (statement.v !== PROTOCOL_VERSION || statement.min_v > PROTOCOL_VERSION) throw new SealError('statement_version');
  if (!statement.hosts.includes(expected.aud)) throw new SealError('statement_host');
  return { root: pin, statement };
}

/** Steps 7 to 10: kid; hello signature; ch; aud. */
async function checkHello(
  expected: Expectation,
  statement: Statement,
  parsed: ParsedJws,
  ch: Uint8Array,
): Promise<ServerHello> {
  const key = statement.keys.find(({ kid }) => kid === parsed.header.kid);
  if (key === undefined || !isValidAt(key.nbf, key.exp, expected.now)) throw new SealError('hello_key');
  if (!(await signedBy(parsed, keyPoint(key), SERVER_HELLO_TYP, expected.curve))) {
    throw new SealError('hello_signature');
  }
  const hello = parseServerHello(parsed.payload);
  if (hello.ch !== base64url(await digestSha512(ch))) throw new SealError('hello_binding');
  if (hello.aud !== expected.aud) throw new SealError('hello_audience');
  return hello;
}

function keyPoint(key: StatementKey): Uint8Array {
  try {
    return pointOf(key.jwk);
  } catch {
    throw new SealError('hello_key');
  }
}

/** A point off the curve signs nothing. */
async function signedBy(parsed: ParsedJws, point: Uint8Array, typ: string, curve: Curve): Promise<boolean> {
  try {
    return await isSignedBy(parsed, point, typ, curve);
  } catch {
    return false;
  }
}

/** Step 11: a suite that we offered and that the root's statement names. */
function checkSuite(expected: Expectation, statement: Statement, hello: ServerHello): Suite {
  const { suite } = hello;
  const agreed = isSuite(suite) && expected.suites.includes(suite) && statement.suites.includes(suite);
  if (hello.v !== PROTOCOL_VERSION || !agreed) throw new SealError('hello_suite');
  return suite;
}

/** Step 12: the server's share. */
async function derive(ephemeral: EphemeralKey, epk: string): Promise<Uint8Array> {
  try {
    return await ephemeral.derive(expectPoint(fromBase64url(epk, POINT_SIZE)));
  } catch {
    throw new SealError('hello_point');
  }
}

/** Step 13: an unreadable `fin` is a wrong one. */
function finOf(text: string): Uint8Array {
  try {
    return fromBase64url(text, FIN_SIZE);
  } catch {
    return new Uint8Array(0);
  }
}

function isValidAt(from: number, to: number, now: number): boolean {
  const seconds = now / 1000;
  return from <= seconds + CLOCK_SKEW && seconds - CLOCK_SKEW <= to;
}
