import type { UserId } from '../fax/ids.ts';
import type { Clock } from '../ports/clock.ts';

/** The same user's refused key stands in the audit log once in this time, ms: its holder may ask as often as it likes. */
const QUIET = 3_600_000;

/**
 * Right API keys over plain HTTPS that were refused all the same: of a user who is switched off, or from an address that
 * the rules do not let in. At a log-in each one is told; here every request brings a key.
 */
export interface RefusedKeys {
  /** Whether a refusal of this user's key is to be told now. */
  isNews(user: UserId): boolean;
}

export function createRefusedKeys(clock: Pick<Clock, 'monotonic'>): RefusedKeys {
  // Only users who exist have an entry.
  const told = new Map<UserId, number>();
  return {
    isNews(user) {
      const now = clock.monotonic();
      const before = told.get(user);
      if (before !== undefined && now - before < QUIET) return false;
      told.set(user, now);
      return true;
    },
  };
}
