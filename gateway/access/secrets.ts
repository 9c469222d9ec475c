import {
  dummyApiSecretVerifier,
  dummyPasswordHash,
  fromBase64url,
  generateSigningKey,
  isApiSecret,
  verifyApiSecret,
  verifyPassword,
  verifyTranscript,
} from '../../crypto/index.ts';
import type { AccessRow } from '../ports/account-records.ts';

/** ECDSA P-521 as r ‖ s, octets. */
const SIGNATURE_SIZE = 132;

/** What was presented, of which exactly one is meant. */
export interface Presented {
  readonly secret: string | null;
  readonly signature: string | null;
}

/**
 * Checks what a log-in presents against a row, or against dummies of the same cost when there is none. The form of
 * what is presented chooses the verifier, never the stored row.
 */
export interface SecretCheck {
  /** `th` is what a client key signs. @throws SealError `busy` when too many passwords are being checked */
  check(presented: Presented, th: Uint8Array, row: AccessRow | undefined): Promise<boolean>;
}

/**
 * The dummies are asked for in every check, so that the first one for nobody costs no more than the others.
 *
 * @param serverKey key of the HMAC that API secrets are stored under
 */
export function createSecretCheck(serverKey: Uint8Array): SecretCheck {
  const noMac = dummyApiSecretVerifier();
  let noKey: Promise<Uint8Array> | undefined;
  const dummyKey = (): Promise<Uint8Array> => {
    noKey ??= generateSigningKey().then((key) => key.publicSpki);
    return noKey;
  };

  const bySecret = (secret: string, stored: Uint8Array | null | undefined): boolean => {
    const equal = verifyApiSecret(serverKey, stored ?? noMac, secret);
    return equal && stored !== null && stored !== undefined;
  };
  const byPassword = async (password: string, stored: string | null | undefined): Promise<boolean> => {
    const dummy = await dummyPasswordHash();
    const equal = await verifyPassword(stored ?? dummy, password);
    return equal && stored !== null && stored !== undefined;
  };
  const bySignature = async (signature: string, th: Uint8Array, stored: string | null | undefined) => {
    const dummy = await dummyKey();
    const key = stored === null || stored === undefined ? dummy : fromBase64url(stored);
    const valid = await verifyTranscript(th, decoded(signature), key);
    return valid && stored !== null && stored !== undefined;
  };

  return {
    async check(presented, th, row) {
      if (presented.signature !== null) return bySignature(presented.signature, th, row?.user.clientKey);
      const secret = presented.secret ?? '';
      if (isApiSecret(secret)) return bySecret(secret, row?.verifiers.secretMac);
      return byPassword(secret, row?.verifiers.passwordHash);
    },
  };
}

/** Octets of a signature; text that is none becomes a signature that fits nothing, so that it costs the same. */
function decoded(signature: string): Uint8Array {
  try {
    return fromBase64url(signature, SIGNATURE_SIZE);
  } catch {
    return new Uint8Array(SIGNATURE_SIZE).fill(1);
  }
}
