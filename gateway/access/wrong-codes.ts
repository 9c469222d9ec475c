import type { UserId } from '../fax/ids.ts';
import type { AccountRecords } from '../ports/account-records.ts';
import type { Clock } from '../ports/clock.ts';

/**
 * RFC 4226 §7.3 asks for a limit: of 10^6 codes three are right at any time, so whoever has stolen a password would
 * guess one in some days. Ten wrong ones in a quarter of an hour leave 0.3 % a day. Only log-ins that are right in all
 * else are counted, so that a stranger cannot lock a user out, and not those by password from sources that logged in
 * before, which have a count of their own.
 */
export const WRONG_CODES = { most: 10, within: 15 * 60_000 };

/** Wrong codes of each user, over all processes. */
export interface WrongCodes {
  add(user: UserId): Promise<void>;
  /** Whether no code of this user is right for now. */
  tooMany(user: UserId): Promise<boolean>;
}

export function createWrongCodes(
  accounts: Pick<AccountRecords, 'noteWrongCode' | 'wrongCodes'>,
  clock: Pick<Clock, 'now'>,
): WrongCodes {
  const { most, within } = WRONG_CODES;
  return {
    add: (user) => accounts.noteWrongCode(user, within, clock.now()),
    tooMany: async (user) => (await accounts.wrongCodes(user, within, clock.now())) >= most,
  };
}
