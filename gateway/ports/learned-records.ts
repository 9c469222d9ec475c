import type { AccountId } from '../fax/ids.ts';
import type { LearnedFacts } from '../fax/learned.ts';
import type { Actor } from './account-records.ts';

/** What calls have taught about a number. Times are ms since 1970. */
export interface LearnedDestination {
  readonly number: string;
  readonly facts: LearnedFacts;
  /** When all of it is forgotten, unless a call confirms it. */
  readonly expiresAt: number;
}

/** Facts about numbers, learned from calls. They are hints: one that is lost costs a slower call. */
export interface LearnedRecords {
  /** Undefined: nothing is known, or what was has expired. */
  learned(number: string, now: number): Promise<LearnedDestination | undefined>;
  /**
   * Has `teach` change what is known about `number`, held meanwhile against others; null when nothing is left to know.
   * With `known` only a number that is known already is taught. Facts do not outlive the CDR of the call that they come
   * from: it is kept for as long as `account` says, or for `days`; 0 days: for good.
   */
  learn(
    number: string,
    teach: (facts: LearnedFacts) => LearnedFacts | null,
    options: { readonly known: boolean; readonly account: AccountId; readonly days: number },
    now: number,
  ): Promise<void>;
  /** False: nothing was known. */
  forget(number: string, actor: Actor, now: number): Promise<boolean>;
  /** Deletes what has expired, and the oldest beyond `most` numbers. Answers how many numbers. */
  tidy(most: number, now: number): Promise<number>;
}
