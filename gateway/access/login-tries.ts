import { hmacSha256 } from '../../crypto/index.ts';
import type { LoginAttempt } from '../gateway.ts';
import type { AccountRecords, LoginTry } from '../ports/account-records.ts';
import type { Clock } from '../ports/clock.ts';
import { rateNetwork } from './address.ts';

const HOUR = 3_600_000;

const YEAR = 365 * 24 * HOUR;

/**
 * Times after the first, second, … try in a row, ms: so many are free, each later one waits for twice the time of the one
 * before it, at last for an hour, and after `most` none is looked at any more.
 */
function waits(free: number, most: number): readonly number[] {
  const doubled = Array.from({ length: most - free }, (_, at) => Math.min(1_000 * 2 ** (at + 1), HOUR));
  return [...Array.from({ length: free - 1 }, () => 0), ...doubled, YEAR];
}

/**
 * NIST SP 800-63B §3.2.2 allows 100 wrong passwords in a row: a right one, or a new password, begins the count anew. Those
 * from sources that logged in before are counted apart from all others, fifty for each, so that strangers shut out
 * strangers only. Known sources have more tries for free: clients that share a password may come together. A try too soon
 * is refused like a wrong one and not counted.
 */
export const LOGIN_PACE = {
  /** Time after the n-th try in a row, ms; the last one goes for all further ones. */
  waits: { known: waits(15, 50), unknown: waits(5, 50) },
  /** Without a try for this long counting begins anew, ms. */
  forget: { exists: YEAR, missing: HOUR },
  /** A source is known for this long after its last log-in, ms. */
  remember: 90 * 24 * HOUR,
};

/** The pace of guessing at passwords, for each user that is named, whether there is one or not. */
export interface LoginTries {
  /** What a try from `address` may do. `stored`: the verifier that it would be held against; null: there is none. */
  take(attempt: LoginAttempt, address: string, stored: string | null): Promise<LoginTry>;
  /** It was right: its source is known from now on, and counting begins anew. */
  end(attempt: LoginAttempt, address: string, stored: string | null, taken: LoginTry): Promise<void>;
}

/** @param serverKey key of the HMACs that stand for users and addresses, 32 octets */
export function createLoginTries(
  accounts: Pick<AccountRecords, 'takeLoginTry' | 'endLoginTries'>,
  serverKey: Uint8Array,
  clock: Pick<Clock, 'now'>,
): LoginTries {
  const mac = (parts: readonly (string | null)[]): Uint8Array =>
    hmacSha256(serverKey, new TextEncoder().encode(JSON.stringify(parts)));
  const keyOf = ({ realm, account, user }: LoginAttempt, address: string, stored: string | null) => ({
    target: mac(['login target', realm, account, user]),
    source: mac(['login source', realm, account, user, rateNetwork(address)]),
    verifier: mac(['login verifier', realm, account, user, stored]),
    exists: stored !== null,
  });
  return {
    async take(attempt, address, stored) {
      return accounts.takeLoginTry(keyOf(attempt, address, stored), LOGIN_PACE, clock.now());
    },
    async end(attempt, address, stored, taken) {
      if (taken === 'too_soon') return;
      await accounts.endLoginTries(keyOf(attempt, address, stored), taken, LOGIN_PACE.remember, clock.now());
    },
  };
}
