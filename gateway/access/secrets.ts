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
import type { LoginAttempt } from '../gateway.ts';
import type { AccessRow, AccountRecords } from '../ports/account-records.ts';
import type { Claim, FirstFactor, FirstVerdict, Presented } from './factor.ts';

/** ECDSA P-521 as r ‖ s, octets. */
const SIGNATURE_SIZE = 132;

/** What the factors of a named user look at. */
type Accounts = Pick<AccountRecords, 'access'>;

/**
 * The factors of a user who is named: API secret, password, signature of a client key. The form of what is presented
 * chooses among them. The dummies are asked for in every check, so that the first one for nobody costs no more than the
 * others.
 *
 * @param serverKey key of the HMAC that API secrets are stored under
 */
export function createSecretFactors(accounts: Accounts, serverKey: Uint8Array): readonly FirstFactor[] {
  return [createKeyFactor(accounts), createSecretFactor(accounts, serverKey), createPasswordFactor(accounts)];
}

function createSecretFactor(accounts: Accounts, serverKey: Uint8Array): FirstFactor {
  const noMac = dummyApiSecretVerifier();
  return {
    method: 'secret',
    guessable: false,
    presented: ({ secret }) => secret !== null && isApiSecret(secret),
    begin: async ({ attempt, now }) => {
      const row = await accounts.access(attempt.realm, attempt.account, attempt.user);
      const check = async (looked: AccessRow | undefined): Promise<FirstVerdict> => {
        const { secretMac = null, oldSecret = null } = looked?.verifiers ?? {};
        const secret = attempt.secret ?? '';
        // Both are compared whatever the first comes to, so that one that is no more takes as long.
        const isPresent = verifyApiSecret(serverKey, secretMac ?? noMac, secret) && secretMac !== null;
        const isOld = verifyApiSecret(serverKey, oldSecret?.mac ?? noMac, secret) && (oldSecret?.until ?? 0) > now;
        // For the audit log: who has not moved to the new secret yet.
        const detail = isOld ? { detail: { oldSecret: true } } : {};
        return { right: isPresent || isOld, suffices: false, use: async () => true, ...detail };
      };
      return { row, check };
    },
  };
}

function createPasswordFactor(accounts: Accounts): FirstFactor {
  return {
    method: 'password',
    guessable: true,
    presented: ({ secret }) => secret !== null && !isApiSecret(secret),
    begin: ({ attempt }) =>
      named(accounts, attempt, async (row) => {
        const stored = row?.verifiers.passwordHash ?? null;
        const dummy = await dummyPasswordHash();
        const equal = await verifyPassword(stored ?? dummy, attempt.secret ?? '');
        return equal && stored !== null && row?.account?.policy.localPasswords !== 'refused';
      }),
  };
}

function createKeyFactor(accounts: Accounts): FirstFactor {
  let noKey: Promise<Uint8Array> | undefined;
  const dummyKey = (): Promise<Uint8Array> => {
    noKey ??= generateSigningKey().then((key) => key.publicSpki);
    return noKey;
  };
  return {
    method: 'key',
    guessable: false,
    presented: ({ signature }) => signature !== null,
    begin: ({ attempt, session }: Presented) =>
      named(accounts, attempt, async (row) => {
        const stored = row?.user.clientKey ?? null;
        const dummy = await dummyKey();
        const key = stored === null ? dummy : fromBase64url(stored);
        const valid = await verifyTranscript(session.th, decoded(attempt.signature ?? ''), key);
        return valid && stored !== null;
      }),
  };
}

/** A claim to be the user that the log-in names. */
async function named(
  accounts: Accounts,
  { realm, account, user }: LoginAttempt,
  isRight: (row: AccessRow | undefined) => Promise<boolean>,
): Promise<Claim> {
  const row = await accounts.access(realm, account, user);
  const check = async (looked: AccessRow | undefined): Promise<FirstVerdict> => ({
    right: await isRight(looked),
    suffices: false,
    use: async () => true,
  });
  return { row, check };
}

/** Octets of a signature; text that is none becomes a signature that fits nothing, so that it costs the same. */
function decoded(signature: string): Uint8Array {
  try {
    return fromBase64url(signature, SIGNATURE_SIZE);
  } catch {
    return new Uint8Array(SIGNATURE_SIZE).fill(1);
  }
}
