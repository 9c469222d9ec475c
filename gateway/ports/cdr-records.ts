import type { Cdr } from '../fax/cdr.ts';
import type { AccountId } from '../fax/ids.ts';
import type { Micros } from '../fax/money.ts';

/** What sums may be told apart by. */
export type CdrDimension = 'account' | 'direction' | 'carrier' | 'result' | 'cause';

/** Spans of time that sums are made for: each calendar day or month of the time zone, or all of it. */
export type CdrSpan = 'day' | 'month' | 'total';

export interface CdrSummaryQuery {
  /** Undefined: all accounts (administrators only). */
  readonly account?: AccountId;
  /** First day, and the day after the last one: `2026-11-21`, in `timeZone`. */
  readonly from: string;
  readonly to: string;
  /** IANA name. */
  readonly timeZone: string;
  readonly group: CdrSpan;
  readonly by: readonly CdrDimension[];
}

/** Sums of the calls that ended in one span. A dimension that was not asked for is null. */
export interface CdrSum {
  /** First moment of the span. */
  readonly start: number;
  readonly account: AccountId | null;
  readonly direction: Cdr['direction'] | null;
  /** Empty for faxes that ended without a call. */
  readonly carrier: string | null;
  readonly result: Cdr['result'] | null;
  readonly cause: Cdr['cause'] | null;
  /** All records: calls, and faxes that ended without one. */
  readonly cdrs: number;
  readonly calls: number;
  /** Records with result `ok`. */
  readonly delivered: number;
  /** Pages on paper. */
  readonly pages: number;
  readonly billableCalls: number;
  /** Each billable call in seconds, a second that has begun counts. */
  readonly billableSeconds: number;
  /** Of the calls whose price is known. */
  readonly cost: Micros;
  /** Billable calls whose price is not known; they are not in `cost`. */
  readonly unpricedCalls: number;
}

/** What a step of the retention has taken away. */
export interface CdrsRetired {
  readonly cdrs: number;
  /** Whole months, with everything in them. */
  readonly months: number;
  /** Whether another step would find more. */
  readonly more: boolean;
}

/** CDRs as a store of years. The upkeep is for one process at a time. */
export interface CdrRecords {
  /** Spans without any record are left out. In order of time. @throws FaxError option_invalid */
  summary(query: CdrSummaryQuery): Promise<CdrSum[]>;
  /**
   * Makes this month and the next three ready, and every month of which the net holds rows. Answers how many it made, and
   * how many rows the net still holds.
   */
  prepareMonths(now: number): Promise<{ readonly made: number; readonly strays: number }>;
  /**
   * Takes away what is past its time, at most `limit` records or one whole month at a call: `days` after the end of the
   * call, where the account's policy does not say otherwise; 0 means never. A CDR stays as long as the image or a receipt
   * of its fax is outstanding. Sums stay: they hold nothing personal.
   */
  retire(now: number, days: number, limit: number): Promise<CdrsRetired>;
}
