import type { Account } from '../fax/account.ts';
import type { AccountId, FaxId } from '../fax/ids.ts';
import type { Actor } from './account-records.ts';

/** How an account is closed. Milliseconds since 1970. */
export interface ClosingTimes {
  /** From then on nobody can open it again. */
  readonly eraseAt: number;
  /** Its numbers belong to nobody else before. */
  readonly numbersUntil: number;
}

/** Something of a closed account that is on its way, or an image that it left. */
export interface Leftover {
  readonly fax: FaxId;
  readonly account: AccountId;
  /** `cancel`: it is not finished. `wipe`: it is, and its image is there. */
  readonly todo: 'cancel' | 'wipe';
}

/** The end of accounts. Each method is one transaction. */
export interface ClosingRecords {
  /**
   * Nobody logs in any more, nothing is sent, received or posted. What is under way is for `leftovers`.
   *
   * @throws AccountError account_unknown, account_closed
   */
  close(account: AccountId, times: ClosingTimes, actor: Actor, now: number): Promise<Account>;
  /** As it was before, but for its webhooks, which stay off. @throws AccountError account_unknown, account_erased */
  reopen(account: AccountId, actor: Actor, now: number): Promise<Account>;
  /** Of closed accounts; none that was asked to end already. */
  leftovers(limit: number): Promise<Leftover[]>;
  /** Marks closed accounts of which nothing is on its way and no image is left; answers how many, and how many wait still. */
  settle(now: number): Promise<{ readonly settled: number; readonly waiting: number }>;
  /** Settled accounts whose time has come. */
  due(now: number, limit: number): Promise<AccountId[]>;
  /** Takes away what opens a door and what is not needed for CDRs. False: it was reopened, or is erased. */
  erase(account: AccountId, now: number): Promise<boolean>;
  /** Frees numbers of erased accounts that have rested long enough; answers how many. */
  freeNumbers(now: number): Promise<number>;
}
