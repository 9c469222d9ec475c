import { hmacSha256 } from '../../crypto/index.ts';
import type { LoginAttempt } from '../gateway.ts';
import type { AccountRecords, LoginTry } from '../ports/account-records.ts';
import type { Clock } from '../ports/clock.ts';
import { rateNetwork } from './address.ts';

const HOUR = 3_600_000;

/** So many tries are free; each later one waits for twice the time of the one before it, at last for `longest` s. */
const waits = (free: number, longest: number): readonly number[] =>
  [...Array.from({ length: free - 1 }, () => 0), 2, 4, 8, 16, 32, 64, longest].map((seconds) => seconds * 1_000);

/**
 * NIST SP 800-63B §3.2.2 allows 100 wrong passwords in a row; here no more than 100 in an hour are looked at. Those from
 * sources that logged in before are counted apart from all others, so that strangers slow down strangers only. Known
 * sources have more tries for free: clients that share a password may come together. A try too soon is refused like a
 * wrong one and not counted.
 */
export const LOGIN_PACE = {
  /** Time after the n-th try in a row, ms; the last one goes for all further ones. */
  waits: { known: waits(15, 120), unknown: waits(5, 90) },
  /** Without a try for this long counting begins anew, ms. */
  forget: HOUR,
  /** A source is known for this long after its last log-in, ms. */
  remember: 90 * 24 * HOUR,
};

/** The pace of guessing at passwords, for each user that is named, whether there is one or not. */
export interface LoginTries {
  /** What a try from `address` may do. */
  take(attempt: LoginAttempt, address: string): Promise<LoginTry>;
  /** It was right: its source is known from now on, and counting begins anew. */
  end(attempt: LoginAttempt, address: string, taken: LoginTry): Promise<void>;
}

/** @param serverKey key of the HMACs that stand for users and addresses, 32 octets */
export function createLoginTries(
  accounts: Pick<AccountRecords, 'takeLoginTry' | 'endLoginTries'>,
  serverKey: Uint8Array,
  clock: Pick<Clock, 'now'>,
): LoginTries {
  const mac = (parts: readonly (string | null)[]): Uint8Array =>
    hmacSha256(serverKey, new TextEncoder().encode(JSON.stringify(parts)));
  const keyOf = ({ realm, account, user }: LoginAttempt, address: string) => ({
    target: mac(['login target', realm, account, user]),
    source: mac(['login source', realm, account, user, rateNetwork(address)]),
  });
  return {
    async take(attempt, address) {
      return accounts.takeLoginTry(keyOf(attempt, address), LOGIN_PACE, clock.now());
    },
    async end(attempt, address, taken) {
      if (taken === 'too_soon') return;
      await accounts.endLoginTries(keyOf(attempt, address), taken, LOGIN_PACE.remember, clock.now());
    },
  };
}
