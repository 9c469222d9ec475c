import type { Curve } from '../curve.ts';
import { SealError } from '../errors.ts';
import { embeddedKey, isSignedBy, parseJws, signJws } from '../jws.ts';
import { type P521Jwk, pinOf, pointOf } from '../public-key.ts';
import type { SigningKey } from '../signature.ts';

/** `typ` of a succession. */
const SUCCESSION_TYP = 'sfx-succession+jws';
/** Successions that a reader follows: more than any gateway has roots, and few enough to be checked for a stranger. */
export const SUCCESSION_LIMIT = 8;

/**
 * A root names its heir: a JWS that carries the old root's key as `jwk` and the new one in its payload (SPEC.md §3.1).
 *
 * @param now milliseconds since 1970
 */
export async function issueSuccession(heir: P521Jwk, root: SigningKey, now: number): Promise<string> {
  const claims = { v: 1, next: await pinOf(heir), jwk: heir, iat: Math.floor(now / 1000) };
  return signJws(claims, root, SUCCESSION_TYP, { jwk: root.publicJwk });
}

/** One step from a root to its heir, with a genuine signature of the former. */
export interface Succession {
  /** Pin of the root that signed. */
  readonly from: string;
  /** Pin of its heir. */
  readonly to: string;
  /** Seconds since 1970. */
  readonly at: number;
}

/** Verifies one succession; whether `from` is to be trusted is for the caller to know. Throws `jws` or `signature`. */
export async function verifySuccession(jws: string, curve: Curve): Promise<Succession> {
  const parsed = parseJws(jws);
  const root = embeddedKey(parsed);
  if (root === null) throw new SealError('signature', 'the succession does not name its root');
  if (!(await signedBy(root, parsed, curve))) throw new SealError('signature');
  const { v, next, jwk, iat } = parsed.payload;
  if (v !== 1 || typeof next !== 'string' || !Number.isSafeInteger(iat)) throw new SealError('jws');
  if ((await heirPin(jwk)) !== next) throw new SealError('signature', 'the succession names no heir');
  return { from: await pinOf(root), to: next, at: Number(iat) };
}

/** A point off the curve signs nothing. */
async function signedBy(root: P521Jwk, parsed: ReturnType<typeof parseJws>, curve: Curve): Promise<boolean> {
  try {
    return await isSignedBy(parsed, pointOf(root), SUCCESSION_TYP, curve);
  } catch {
    return false;
  }
}

async function heirPin(jwk: unknown): Promise<string | null> {
  try {
    pointOf(jwk);
    return await pinOf(jwk as P521Jwk);
  } catch {
    return null;
  }
}

/**
 * Whether a root whose key may be trusted by its pin has handed over to `wanted`, directly or by its heirs: the
 * successions stand oldest first, and each must be genuine.
 */
export async function leadsTo(
  pins: readonly string[],
  successions: readonly string[],
  wanted: string,
  curve: Curve,
): Promise<boolean> {
  if (successions.length > SUCCESSION_LIMIT) return false;
  const trusted = new Set(pins);
  try {
    for (const jws of successions) {
      const { from, to } = await verifySuccession(jws, curve);
      if (trusted.has(from)) trusted.add(to);
    }
  } catch {
    return false;
  }
  return trusted.has(wanted);
}
