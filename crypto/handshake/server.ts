import { base64url } from '../base64url.ts';
import { copyBytes } from '../bytes.ts';
import { type Curve, webCryptoCurve } from '../curve.ts';
import { digestSha512 } from '../digest.ts';
import { SealError } from '../errors.ts';
import { signJws } from '../jws.ts';
import { type RandomSource, randomBytes } from '../random.ts';
import type { SigningKey } from '../signature.ts';
import { type SlotLimits, Slots } from '../slots.ts';
import { wipe } from '../wipe.ts';
import { type ClientHello, chooseSuite, HELLO_NONCE_SIZE, parseClientHello } from './client-hello.ts';
import { SERVER_HELLO_TYP, type ServerHelloParts, SID_SIZE, serverHelloPayload } from './server-hello.ts';
import { DEFAULT_SUITE, type Suite } from './suite.ts';
import { deriveSession, transcriptHash } from './transcript.ts';

/** What a server answers hellos with: its handshake key and the root's statement about it. */
export interface ServerIdentity {
  /** Certified by `statement`. */
  readonly handshakeKey: SigningKey;
  /** SJ. */
  readonly statement: string;
  /** Hosts of the statement; a hello to another host is refused. */
  readonly hosts: readonly string[];
  /** Successions of roots that lead to the one of `statement`, oldest first; none when left out. */
  readonly roots?: readonly string[];
}

/** Settings of the handshake; all have defaults. */
export interface HandshakeOptions {
  /** Spoken suites, the server's preference first. */
  readonly suites?: readonly Suite[];
  /** Seconds without a message after which a session ends (900). */
  readonly idle?: number;
  /** Seconds after which it ends in any case (3,600). */
  readonly life?: number;
  /** Exchanges at once and waiting: 2 of the 4 threads of Node's pool, 64 waiting ≈ 0.3 s. */
  readonly limits?: SlotLimits;
  /** For vectors only. */
  readonly curve?: Curve;
  /** For vectors only. */
  readonly random?: RandomSource;
}

/** What the server keeps of an exchange. Everything else of it has been wiped or dropped. */
export interface ServerSession {
  /** 16 octets. */
  readonly sid: Uint8Array;
  /** 64 octets. Wipe both when the session ends. */
  readonly c2s: Uint8Array;
  /** 64 octets. */
  readonly s2c: Uint8Array;
  /** Transcript hash, 64 octets: what a client key signs to log in. Not secret. */
  readonly th: Uint8Array;
  readonly suite: Suite;
}

/** Answer to a hello. */
export interface HelloAnswer {
  /** Goes out as JSON, with exactly these texts. */
  readonly response: {
    readonly hello: string;
    readonly stmt: string;
    readonly fin: string;
    readonly roots?: readonly string[];
  };
  readonly session: ServerSession;
  /** Milliseconds since 1970: the session's absolute end, as signed. */
  readonly expires: number;
}

/** The server side of the handshake. */
export interface HandshakeServer {
  /**
   * Answers CH. Key generation, agreement and signature run on the thread pool behind a bounded queue.
   * Throws `hello_*` for a bad hello and `busy`.
   *
   * @param now milliseconds since 1970
   * @param preferred true for addresses that logged in lately: half of the waiting places are theirs
   */
  hello(ch: Uint8Array, now: number, preferred?: boolean): Promise<HelloAnswer>;
}

const DEFAULT_LIMITS: SlotLimits = { concurrent: 2, waiting: 64 };

/** @param identity the present identity, or a function that gives it when the handshake key is renewed meanwhile */
export function createHandshakeServer(
  identity: ServerIdentity | (() => ServerIdentity),
  options: HandshakeOptions = {},
): HandshakeServer {
  const slots = new Slots(options.limits ?? DEFAULT_LIMITS);
  const current = typeof identity === 'function' ? identity : () => identity;
  return {
    async hello(ch, now, preferred) {
      const received = copyBytes(ch);
      const hello = parseClientHello(received);
      const suite = chooseSuite(hello.suites, options.suites ?? [DEFAULT_SUITE]);
      const server = current();
      if (!server.hosts.includes(hello.aud)) throw new SealError('hello_host');
      return slots.run(() => answer(server, received, hello, suite, Math.floor(now / 1000), options), preferred);
    },
  };
}

async function answer(
  identity: ServerIdentity,
  ch: Uint8Array,
  hello: ClientHello,
  suite: Suite,
  iat: number,
  options: HandshakeOptions,
): Promise<HelloAnswer> {
  const ephemeral = await (options.curve ?? webCryptoCurve()).generate();
  // Before the signature, so that a point off the curve costs no more than its import.
  const z = await ephemeral.derive(hello.epk).catch(() => Promise.reject(new SealError('hello_share')));
  try {
    const share = { suite, epk: ephemeral.point, aud: hello.aud, iat };
    return await signed(identity, ch, share, z, options);
  } finally {
    wipe(z);
  }
}

/** Our half of the exchange, as far as it is chosen before the signature. */
type Share = Pick<ServerHelloParts, 'suite' | 'epk' | 'aud' | 'iat'>;

async function signed(
  identity: ServerIdentity,
  ch: Uint8Array,
  share: Share,
  z: Uint8Array,
  options: HandshakeOptions,
): Promise<HelloAnswer> {
  const random = options.random ?? randomBytes;
  const exp = share.iat + (options.life ?? 3_600);
  const sid = random(SID_SIZE);
  const n = random(HELLO_NONCE_SIZE);
  const idle = options.idle ?? 900;
  const payload = serverHelloPayload({ ...share, n, sid, exp, idle, ch: await digestSha512(ch) });
  const hj = await signJws(payload, identity.handshakeKey, SERVER_HELLO_TYP);
  const th = await transcriptHash(ch, hj, identity.statement);
  const { c2s, s2c, fin } = await deriveSession(th, z);
  const { roots = [] } = identity;
  const answer = { hello: hj, stmt: identity.statement, fin: base64url(fin) };
  const response = roots.length === 0 ? answer : { ...answer, roots };
  return { response, session: { sid, c2s, s2c, th, suite: share.suite }, expires: exp * 1000 };
}
