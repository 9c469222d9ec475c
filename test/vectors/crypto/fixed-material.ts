import { createHash } from 'node:crypto';
import { p521 } from '@noble/curves/nist.js';
import type { Curve, EphemeralKey } from '../../../crypto/client.ts';
import { base64url } from '../../../crypto/client.ts';
import { pemOfPkcs8 } from '../../../crypto/private-key.ts';
import { jwkOfPoint, pinOf, spkiOfPoint } from '../../../crypto/public-key.ts';
import type { RandomSource } from '../../../crypto/random.ts';
import type { SigningKey } from '../../../crypto/signature.ts';

// Keys and randomness of the published vectors, all from names: nothing here may ever protect anything.
// P-521 is @noble/curves, so the vectors do not come from the implementation that they test; its ECDSA is
// deterministic (RFC 6979), so that the whole set can be written again octet by octet.

/** SHA-512(name ‖ counter) as an endless source. */
export function fixedRandom(name: string): RandomSource {
  let counter = 0;
  return (length) => {
    const blocks: Buffer[] = [];
    for (let have = 0; have < length; have += 64) {
      blocks.push(createHash('sha512').update(`sfx1 vector ${name} ${counter++}`).digest());
    }
    return new Uint8Array(Buffer.concat(blocks).subarray(0, length));
  };
}

/** A private number of P-521, 66 octets, from a name. */
export function fixedScalar(name: string): Uint8Array {
  const scalar = fixedRandom(`scalar ${name}`)(66);
  // Below 2^520 and so below the group's order, never zero in practice.
  scalar[0] = 0;
  return scalar;
}

/** The uncompressed point of a private number. */
export function pointOfScalar(scalar: Uint8Array): Uint8Array {
  return new Uint8Array(p521.getPublicKey(scalar, false));
}

/** Z of a private number and a point. */
export function sharedX(scalar: Uint8Array, point: Uint8Array): Uint8Array {
  return new Uint8Array(p521.getSharedSecret(scalar, point, false)).slice(1, 67);
}

/** P-521 over @noble/curves, with fixed ephemerals where they are given. */
export function nobleCurve(scalar: Uint8Array = p521.utils.randomSecretKey()): Curve {
  const ephemeral: EphemeralKey = {
    point: pointOfScalar(scalar),
    derive: async (peer) => sharedX(scalar, peer),
  };
  return {
    generate: async () => ephemeral,
    verify: async (point, message, signature) => {
      if (signature.length !== 132) return false;
      return p521.verify(signature, message, point, { lowS: false });
    },
  };
}

/** A signing key of a private number. */
export async function fixedSigningKey(scalar: Uint8Array): Promise<SigningKey> {
  const point = pointOfScalar(scalar);
  const pin = await pinOf(spkiOfPoint(point));
  return {
    kid: pin,
    pin,
    publicSpki: spkiOfPoint(point),
    publicJwk: jwkOfPoint(point),
    sign: async (message) => new Uint8Array(p521.sign(message, scalar, { lowS: false })),
  };
}

/** The same key as PKCS#8 DER, for importing into WebCrypto (RFC 5915 inside RFC 5208). */
export function pkcs8OfScalar(scalar: Uint8Array, point: Uint8Array = pointOfScalar(scalar)): Uint8Array {
  const prefix = '3081ee020100301006072a8648ce3d020106052b810400230481d63081d30201010442';
  return new Uint8Array(
    Buffer.concat([Buffer.from(prefix, 'hex'), scalar, Buffer.from('a1818903818600', 'hex'), point]),
  );
}

/** The same key as PEM. */
export function pemOfScalar(scalar: Uint8Array): Uint8Array {
  return pemOfPkcs8(pkcs8OfScalar(scalar));
}

/** JWK with the private number, for implementations that import no other form. */
export function jwkOfScalar(scalar: Uint8Array) {
  return { ...jwkOfPoint(pointOfScalar(scalar)), d: base64url(scalar) };
}

/** Body octets of the larger vectors: octet i is (31 i + 7 ⌊i / 256⌋ + 101) mod 256. */
export function vectorBody(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + (at >>> 8) * 7 + 101) & 0xff);
}
