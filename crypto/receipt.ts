import { signJws, verifyJws } from './jws.ts';
import type { PublicKeyLike } from './public-key.ts';
import type { SigningKey } from './signature.ts';

const TYP = 'sfx-receipt+jws';

/** A signed receipt: compact JWS ES512 over the object. The key is one of its own, apart from the handshake key. */
export async function signReceipt(receipt: object, key: SigningKey): Promise<string> {
  return signJws(receipt, key, TYP);
}

/** The receipt again, off-line, with the public key alone. Throws `jws` or `signature`. */
export async function verifyReceipt(jws: string, publicKey: PublicKeyLike): Promise<Readonly<Record<string, unknown>>> {
  return verifyJws(jws, publicKey, TYP);
}
