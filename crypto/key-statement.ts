import { type Curve, webCryptoCurve } from './curve.ts';
import { SealError } from './errors.ts';
import { verifySuccession } from './handshake/succession.ts';
import { embeddedKey, parseJws, signJws, verifyJws } from './jws.ts';
import { type P521Jwk, pinOf } from './public-key.ts';
import type { SigningKey } from './signature.ts';

/** `typ` of the statement about all public keys of a gateway. */
const TYP = 'sfx-keys+jws';
/** Roots of a gateway that a reader follows; each costs a verification. */
const ROOTS_LIMIT = 100;

/** A public key of a gateway, and when it signs or signed. Times are ISO 8601, to the second. */
export interface PublishedKey {
  readonly use: 'root' | 'receipt' | 'webhook';
  /** Pin of a P-521 key; the first characters of its text for an Ed25519 key. */
  readonly kid: string;
  /** Of `root` and `receipt`; null for `webhook`. */
  readonly jwk: P521Jwk | null;
  /** `whpk_…` of `webhook`; null for the others. */
  readonly whpk: string | null;
  readonly since: string;
  /** Null while it is in use. */
  readonly until: string | null;
}

/** What a root says about the public keys of its gateway. */
export interface KeyStatement {
  readonly hosts: readonly string[];
  /** ISO 8601. */
  readonly at: string;
  /** Pin of the root that will follow, when one was announced. */
  readonly next: string | null;
  readonly keys: readonly PublishedKey[];
}

/** The public statement as it is written into a file: JSON with these members. */
export interface StatementFile {
  readonly sealfax: 'keys';
  readonly v: 1;
  /** Signed by the root of the moment, whose key it carries. */
  readonly statement: string;
  /** How earlier roots handed over, oldest first. */
  readonly roots: readonly string[];
}

/** Signs the statement with the root, whose public key it carries as `jwk`. */
export async function signKeyStatement(statement: KeyStatement, root: SigningKey): Promise<string> {
  return signJws({ v: 1, ...statement }, root, TYP, { jwk: root.publicJwk });
}

/** A statement that its root has signed. */
export interface VerifiedKeyStatement {
  readonly statement: KeyStatement;
  /** Pin of the root that signed it. */
  readonly pin: string;
  /** Pins of all roots that handed over to it, step by step, itself last: genuine for whoever knows one of them. */
  readonly pins: readonly string[];
}

/** Verifies a statement file, off-line. Throws `jws` or `signature`. */
export async function verifyKeyStatement(
  file: Pick<StatementFile, 'statement' | 'roots'>,
  curve: Curve = webCryptoCurve(),
): Promise<VerifiedKeyStatement> {
  if (file.roots.length > ROOTS_LIMIT) throw new SealError('jws', 'more roots than a gateway has');
  const root = embeddedKey(parseJws(file.statement));
  if (root === null) throw new SealError('signature', 'the statement does not name its root');
  const payload = await verifyJws(file.statement, root, TYP, curve);
  const pin = await pinOf(root);
  const statement = statementOf(payload);
  const pins = [pin];
  // From the newest back: each step must end where the later one begins.
  for (const jws of file.roots.toReversed()) {
    const { from, to } = await verifySuccession(jws, curve);
    if (to !== pins[0]) throw new SealError('signature', 'the roots do not follow each other');
    pins.unshift(from);
  }
  return { statement, pin, pins };
}

function statementOf({ v, hosts, at, next, keys }: Readonly<Record<string, unknown>>): KeyStatement {
  const whole = v === 1 && typeof at === 'string' && (next === null || typeof next === 'string');
  if (!whole || !Array.isArray(hosts) || !Array.isArray(keys) || !keys.every(isKey)) {
    throw new SealError('jws', 'this is no statement about keys');
  }
  return { hosts: hosts.map(String), at, next, keys };
}

function isKey(value: unknown): value is PublishedKey {
  if (typeof value !== 'object' || value === null) return false;
  const { use, kid, since, until } = value as Record<string, unknown>;
  const times = typeof since === 'string' && (until === null || typeof until === 'string');
  return times && typeof kid === 'string' && (use === 'root' || use === 'receipt' || use === 'webhook');
}
