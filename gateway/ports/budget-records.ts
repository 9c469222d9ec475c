import type { AccountId } from '../fax/ids.ts';
import type { Micros } from '../fax/money.ts';

/** What may be spent in a calendar day and in a calendar month; null is no limit, 0 is nothing. */
export interface Budget {
  readonly day: Micros | null;
  readonly month: Micros | null;
}

/** Spans that budgets are for. */
export type BudgetSpan = keyof Budget;

/** Who spends: an account, by its id, or a carrier, by its name. */
export type Payer =
  | { readonly kind: 'account'; readonly name: AccountId }
  | { readonly kind: 'carrier'; readonly name: string };

/** One day or month of a payer; `until` is not part of it. Both ends are whole quarters of an hour. */
export interface BudgetPeriod {
  readonly span: BudgetSpan;
  readonly since: number;
  readonly until: number;
  /** Null: no limit, it is only looked at. */
  readonly budget: Micros | null;
}

/** What has been spent in a period, by the calls that ended in it. */
export interface Spending extends BudgetPeriod {
  readonly spent: Micros;
  /** Billable calls whose price is not known, and which are not in `spent`. */
  readonly unpriced: number;
}

/** A payer, and what it has spent today and this month. */
export interface PayerSpending {
  readonly kind: Payer['kind'];
  /** Id of an account, or name of a carrier. */
  readonly id: string;
  readonly name: string;
  /** IANA name: whose days and months they are. */
  readonly timeZone: string;
  readonly spending: readonly Spending[];
}

/** `warned`: four fifths are spent. `spent`: all of it, and no call follows before `until`. */
export type BudgetLevel = 'warned' | 'spent';

/** A budget that has run low or out, as all processes know it. */
export type BudgetMark = Payer & {
  readonly span: BudgetSpan;
  readonly since: number;
  readonly until: number;
  readonly level: BudgetLevel;
  readonly spent: Micros;
  readonly budget: Micros;
  /** When it was found. */
  readonly at: number;
};

/** What a look at a payer's budgets has changed. */
export interface Weighed {
  /** Marks that are new, or more severe than before: each is told to exactly one of all who look. */
  readonly raised: readonly BudgetMark[];
  /** Whether a payer who could not spend now can, such as after a higher budget. */
  readonly freed: boolean;
}

/** An account with its budget, and the time zone whose days and months it is for. */
export interface BudgetAccount {
  readonly id: AccountId;
  readonly name: string;
  readonly timeZone: string;
  readonly budget: Budget;
}

/** What has been spent, and whose budgets are used up. */
export interface BudgetRecords {
  /** One entry for each period, in order. */
  spending(payer: Payer, periods: readonly BudgetPeriod[]): Promise<Spending[]>;
  /**
   * Compares what the payer has spent with its budgets, and keeps what it finds: from then on no call of the account, or
   * over the carrier, is given out before the end of a period whose budget is spent. Live calls go on. An account's
   * ledger is told (`account.budget`).
   */
  weigh(payer: Payer, periods: readonly BudgetPeriod[], now: number): Promise<Weighed>;
  /** Marks whose period lasts, of all payers. */
  marks(now: number): Promise<BudgetMark[]>;
  /** Accounts that have a budget or a mark, by name; `id`: this one, if it has. */
  accounts(id?: AccountId): Promise<BudgetAccount[]>;
  /** Calls `listener` after each call that this process has charged with more than nothing, until the answer is called. */
  hear(listener: (account: AccountId) => void): () => void;
  /** The currency that the records count in: `currency`, unless calls were charged in another one before. */
  keepCurrency(currency: string): Promise<string>;
}
