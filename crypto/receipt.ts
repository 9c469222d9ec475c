import { webCryptoCurve } from './curve.ts';
import { SealError } from './errors.ts';
import { embeddedKey, isSignedBy, parseJws, signJws, verifyJws } from './jws.ts';
import { type P521Jwk, type PublicKeyLike, pinOf, pointOf } from './public-key.ts';
import type { SigningKey } from './signature.ts';

const TYP = 'sfx-receipt+jws';
const CERTIFICATE_TYP = 'sfx-receipt-key+jws';
/** Header member of a receipt that holds the root's statement about the receipt key. */
const CERTIFICATE = 'crt';

/** A key that signs receipts, with the root's statement about it when there is one. */
export interface ReceiptKey extends SigningKey {
  readonly certificate?: string;
}

/**
 * The root's statement that `key` signs receipts: a JWS with the root's own key as `jwk`, so that a receipt that carries
 * it can be checked by whoever knows the root's pin, and by nothing else.
 *
 * @param now milliseconds since 1970
 */
export async function certifyReceiptKey(key: SigningKey, root: SigningKey, now: number): Promise<ReceiptKey> {
  const claims = { v: 1, use: 'receipt', jwk: key.publicJwk, iat: Math.floor(now / 1000) };
  const certificate = await signJws(claims, root, CERTIFICATE_TYP, { jwk: root.publicJwk });
  return { ...key, sign: (message) => key.sign(message), certificate };
}

/** A signed receipt: compact JWS ES512 over the object. The key is one of its own, apart from the handshake key. */
export async function signReceipt(receipt: object, key: ReceiptKey): Promise<string> {
  return signCertified(receipt, key, TYP);
}

/** The same for what else the key of receipts signs, told apart by `typ`. */
export async function signCertified(claims: object, key: ReceiptKey, typ: string): Promise<string> {
  return signJws(claims, key, typ, key.certificate === undefined ? {} : { [CERTIFICATE]: key.certificate });
}

/** The receipt again, off-line, with the public key alone. Throws `jws` or `signature`. */
export async function verifyReceipt(jws: string, publicKey: PublicKeyLike): Promise<Readonly<Record<string, unknown>>> {
  return verifyByKey(jws, publicKey, TYP);
}

async function verifyByKey(
  jws: string,
  publicKey: PublicKeyLike,
  typ: string,
): Promise<Readonly<Record<string, unknown>>> {
  const parsed = parseJws(jws);
  if (!(await isSignedBy(parsed, pointOf(publicKey), typ, webCryptoCurve(), [CERTIFICATE])))
    throw new SealError('signature');
  return parsed.payload;
}

/** A receipt that carries its own proof, up to the root whose pin the caller compares. */
export interface CertifiedReceipt {
  readonly claims: Readonly<Record<string, unknown>>;
  /** base64url(SHA-256(SPKI)) of the root: genuine only if it is a pin that the caller knows. */
  readonly pin: string;
}

/** Verifies a receipt by the statement inside it. Throws `jws` or `signature`, also when it carries none. */
export async function verifyCertifiedReceipt(jws: string): Promise<CertifiedReceipt> {
  return verifyCertified(jws, TYP);
}

/** The same for what else the key of receipts signs. Throws `jws` or `signature`. */
export async function verifyCertified(jws: string, typ: string): Promise<CertifiedReceipt> {
  const certificate = parseJws(jws).header[CERTIFICATE];
  if (typeof certificate !== 'string') throw new SealError('signature', 'the receipt does not name its root');
  const root = embeddedKey(parseJws(certificate));
  if (root === null) throw new SealError('signature', 'the receipt does not name its root');
  const { use, jwk } = await verifyJws(certificate, root, CERTIFICATE_TYP);
  if (use !== 'receipt') throw new SealError('signature');
  return { claims: await verifyByKey(jws, keyIn(jwk), typ), pin: await pinOf(root) };
}

function keyIn(jwk: unknown): P521Jwk {
  try {
    pointOf(jwk);
    return jwk as P521Jwk;
  } catch {
    throw new SealError('signature', 'the root certifies no key');
  }
}
