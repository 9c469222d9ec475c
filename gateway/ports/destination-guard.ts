import type { Account } from '../fax/account.ts';
import type { Fax } from '../fax/fax.ts';
import type { E164 } from '../fax/number.ts';
import type { Admission } from './guard-records.ts';

/** What stands between an account and numbers that cost dear. */
export interface DestinationGuard {
  /**
   * May the account send to all of `to`? Answers for each of them, at its place, what its acceptance has to note.
   *
   * @param own fax numbers of the account
   * @throws FaxError destination_denied with the rule as reason and a pointer to the number
   */
  admit(account: Account, own: readonly E164[], to: readonly E164[], now: number): Promise<readonly Admission[]>;
  /** Looks again right before a call: rules may have changed since. Why the number is not called, or undefined. */
  recheck(fax: Pick<Fax, 'id' | 'account' | 'to'>): Promise<string | undefined>;
}
