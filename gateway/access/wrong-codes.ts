import type { UserId } from '../fax/ids.ts';
import type { Clock } from '../ports/clock.ts';

/**
 * RFC 4226 §7.3 asks for a limit: of 10^6 codes three are right at any time, so whoever has stolen a password would
 * guess one in some days. Ten wrong ones in a quarter of an hour leave 0.3 % a day. Only log-ins that are right in all
 * else are counted, so that a stranger cannot lock a user out.
 */
export const WRONG_CODES = { most: 10, within: 15 * 60_000 };

/** Wrong codes of each user, in this process. */
export interface WrongCodes {
  add(user: UserId): void;
  /** Whether no code of this user is right for now. */
  tooMany(user: UserId): boolean;
}

export function createWrongCodes(clock: Pick<Clock, 'monotonic'>): WrongCodes {
  const counts = new Map<UserId, { readonly since: number; wrong: number }>();
  const isOver = (since: number) => clock.monotonic() - since >= WRONG_CODES.within;
  const live = (user: UserId) => {
    const count = counts.get(user);
    return count === undefined || isOver(count.since) ? undefined : count;
  };
  return {
    add(user) {
      const count = live(user);
      if (count !== undefined) {
        count.wrong++;
        return;
      }
      for (const [other, { since }] of counts) if (isOver(since)) counts.delete(other);
      counts.set(user, { since: clock.monotonic(), wrong: 1 });
    },
    tooMany: (user) => (live(user)?.wrong ?? 0) >= WRONG_CODES.most,
  };
}
