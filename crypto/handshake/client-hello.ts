import { base64url, fromBase64url } from '../base64url.ts';
import { jsonObject, utf8 } from '../bytes.ts';
import { SealError } from '../errors.ts';
import { expectPoint, POINT_SIZE } from '../public-key.ts';
import { isHost } from './host.ts';
import { PROTOCOL_VERSION, type Suite } from './suite.ts';

/** Largest CH. One with a single suite has about 350 octets. */
const CLIENT_HELLO_LIMIT = 2_048;
/** Octets of the nonces `n`. */
export const HELLO_NONCE_SIZE = 32;
const SUITES_LIMIT = 8;

/** CH, the first message: `POST /sfx1/hello` (SPEC.md §4.1). */
export interface ClientHello {
  /** What the client offers, its preference first; names we do not know are kept out by {@link chooseSuite}. */
  readonly suites: readonly string[];
  /** Ephemeral point, 133 octets. */
  readonly epk: Uint8Array;
  /** 32 random octets. */
  readonly n: Uint8Array;
  /** Host that the client means to reach. */
  readonly aud: string;
}

/** CH as it is sent. */
export function encodeClientHello(hello: ClientHello): Uint8Array {
  const { suites, epk, n, aud } = hello;
  return utf8(JSON.stringify({ v: PROTOCOL_VERSION, suites, epk: base64url(epk), n: base64url(n), aud }));
}

/**
 * CH from a stranger. Members that are not known are ignored (a later suite may bring its own; the transcript covers
 * them). Throws `hello_malformed`, `hello_version` or `hello_share`.
 */
export function parseClientHello(bytes: Uint8Array): ClientHello {
  if (bytes.length > CLIENT_HELLO_LIMIT) throw new SealError('hello_malformed', 'more than 2048 bytes');
  const hello = jsonObject(bytes);
  if (hello === null) throw new SealError('hello_malformed', 'not a JSON object in UTF-8');
  if (hello.v !== PROTOCOL_VERSION) throw new SealError('hello_version');
  const { suites, aud } = hello;
  if (!isSuiteList(suites)) throw new SealError('hello_malformed', 'suites');
  if (!isHost(aud)) throw new SealError('hello_malformed', 'aud');
  return { suites, epk: shareOf(hello.epk), n: nonceOf(hello.n), aud };
}

function isSuiteList(value: unknown): value is string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > SUITES_LIMIT) return false;
  return value.every((name) => typeof name === 'string' && name.length <= 64);
}

function nonceOf(text: unknown): Uint8Array {
  try {
    if (typeof text === 'string') return fromBase64url(text, HELLO_NONCE_SIZE);
  } catch {
    // The same answer as for another type.
  }
  throw new SealError('hello_malformed', 'n');
}

function shareOf(text: unknown): Uint8Array {
  try {
    if (typeof text === 'string') return expectPoint(fromBase64url(text, POINT_SIZE));
  } catch {
    // The same answer as for another type.
  }
  throw new SealError('hello_share');
}

/** The first of the server's suites that the client offers. Throws `hello_no_suite`. */
export function chooseSuite(offered: readonly string[], spoken: readonly Suite[]): Suite {
  const chosen = spoken.find((suite) => offered.includes(suite));
  if (chosen === undefined) throw new SealError('hello_no_suite');
  return chosen;
}
