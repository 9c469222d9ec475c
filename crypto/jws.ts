import { base64url, fromBase64url } from './base64url.ts';
import { jsonObject, utf8 } from './bytes.ts';
import { type Curve, webCryptoCurve } from './curve.ts';
import { SealError } from './errors.ts';
import { type P521Jwk, type PublicKeyLike, pointOf } from './public-key.ts';
import type { SigningKey } from './signature.ts';

/** No statement or receipt of ours comes near this. */
const JWS_LIMIT = 65_536;
const HEADER_MEMBERS: readonly string[] = ['alg', 'typ', 'kid', 'jwk'];

/** A JWS taken apart, nothing of it verified yet. */
export interface ParsedJws {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly signingInput: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * Compact JWS (RFC 7515 §7.1), `alg` ES512 (RFC 7518 §3.4), with `typ` and the key's `kid` in the header.
 *
 * @param more further header members, such as `jwk` (RFC 7515 §4.1.3) for a key that the verifier knows by its pin only
 */
export async function signJws(
  payload: object,
  key: SigningKey,
  typ: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const header = { alg: 'ES512', typ, kid: key.kid, ...more };
  const input = `${base64url(utf8(JSON.stringify(header)))}.${base64url(utf8(JSON.stringify(payload)))}`;
  return `${input}.${base64url(await key.sign(utf8(input)))}`;
}

/**
 * The payload of a compact JWS whose signature, algorithm and `typ` are as expected. Throws `jws` for a malformed text
 * and `signature` for everything that parses but is not to be trusted.
 */
export async function verifyJws(
  jws: string,
  key: PublicKeyLike,
  typ: string,
  curve: Curve = webCryptoCurve(),
): Promise<Readonly<Record<string, unknown>>> {
  const parsed = parseJws(jws);
  if (!(await isSignedBy(parsed, pointOf(key), typ, curve))) throw new SealError('signature');
  return parsed.payload;
}

/** Takes a compact JWS apart: three strict base64url parts, header and payload JSON objects. Throws `jws`. */
export function parseJws(jws: string): ParsedJws {
  if (jws.length > JWS_LIMIT) throw new SealError('jws', 'too long');
  const [head, body, tail, ...more] = jws.split('.');
  if (head === undefined || body === undefined || tail === undefined || more.length > 0) throw new SealError('jws');
  const header = jsonObject(part(head));
  const payload = jsonObject(part(body));
  if (header === null || payload === null) throw new SealError('jws', 'header and payload are JSON objects');
  return { header, payload, signingInput: utf8(`${head}.${body}`), signature: part(tail) };
}

function part(text: string): Uint8Array {
  try {
    return fromBase64url(text);
  } catch {
    throw new SealError('jws', 'not base64url');
  }
}

/**
 * True when header and signature are right. Header members that we do not write (`crit`, `b64`, …) make it false;
 * `more` names those that this kind of JWS has beside the usual ones.
 */
export async function isSignedBy(
  parsed: ParsedJws,
  point: Uint8Array,
  typ: string,
  curve: Curve,
  more: readonly string[] = [],
): Promise<boolean> {
  const { header } = parsed;
  if (header.alg !== 'ES512' || header.typ !== typ) return false;
  if (Object.keys(header).some((member) => !HEADER_MEMBERS.includes(member) && !more.includes(member))) return false;
  return curve.verify(point, parsed.signingInput, parsed.signature);
}

/** The P-521 key in a header's `jwk`, or null. It says nothing until its pin has been compared. */
export function embeddedKey(parsed: ParsedJws): P521Jwk | null {
  const { jwk } = parsed.header;
  try {
    pointOf(jwk);
    return jwk as P521Jwk;
  } catch {
    return null;
  }
}
