import type { Cdr } from '../fax/cdr.ts';
import type { AccountId, UserId } from '../fax/ids.ts';
import type { Micros } from '../fax/money.ts';
import type { E164, NumberPrefix } from '../fax/number.ts';
import type { Actor } from './account-records.ts';

/** What sums may be told apart by. `number`, `country`: those of the far side. */
export type CdrDimension = 'account' | 'user' | 'direction' | 'number' | 'country' | 'carrier' | 'result' | 'cause';

/**
 * Spans of time that sums are made for: each hour, each calendar day, week (from Monday) or month of the time zone, or all
 * of it.
 */
export type CdrSpan = 'hour' | 'day' | 'week' | 'month' | 'total';

/** What a report counts; left out: everything. */
export interface CdrSumFilter {
  readonly direction?: Cdr['direction'];
  readonly carrier?: string;
  readonly result?: Cdr['result'];
  readonly cause?: string;
  readonly country?: string;
  readonly user?: UserId;
  /** As receiver or as sender. */
  readonly number?: E164;
  /** How the receiver's number begins, or the sender's. */
  readonly prefix?: NumberPrefix;
}

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
  readonly filter?: CdrSumFilter;
  /** Whether percentiles are wanted as well. */
  readonly percentiles?: boolean;
  /** Only so many lines, those with the most records. */
  readonly top?: number;
}

/** Milliseconds that half of all calls, and 95 of 100, did not exceed. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
}

/** Sums of the calls that ended in one span. A dimension that was not asked for is null. */
export interface CdrSum {
  /** First moment of the span. */
  readonly start: number;
  readonly account: AccountId | null;
  /** Empty for received faxes. */
  readonly user: string | null;
  readonly direction: Cdr['direction'] | null;
  /** Empty where the caller gave none. */
  readonly number: string | null;
  /** Empty where it is not known. */
  readonly country: string | null;
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
  /** From dialling to the answer, of answered calls; null without any, and where it was not asked for. */
  readonly connect: Percentiles | null;
  /** How long the line was open, of answered calls; null likewise. */
  readonly open: Percentiles | null;
}

/** A report. */
export interface CdrSummary {
  /**
   * `sums`: exact for all time. `cdrs`: counted from the records themselves, which end where their retention does; by user
   * or number, with a filter of these or of a prefix, and with percentiles.
   */
  readonly source: 'sums' | 'cdrs';
  readonly sums: readonly CdrSum[];
}

/** A report under a name. */
export interface SavedReport {
  readonly name: string;
  readonly title: string;
  /** The question as its maker's realm asks it; the records do not look into it. */
  readonly query: Readonly<Record<string, unknown>>;
  readonly changedBy: string;
  readonly changedAt: number;
}

/** Whose saved reports: an account's, or the administrators' (null). */
export type ReportOwner = AccountId | null;

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
  /** Spans without any record are left out. In order of time, or with `top` of size. @throws FaxError option_invalid */
  summary(query: CdrSummaryQuery): Promise<CdrSummary>;
  /** By name. */
  savedReports(owner: ReportOwner): Promise<SavedReport[]>;
  savedReport(owner: ReportOwner, name: string): Promise<SavedReport | undefined>;
  /** In place of what had the name. @throws FaxError option_invalid beyond `SAVED_REPORTS` of one owner */
  saveReport(owner: ReportOwner, report: SavedReport, actor: Actor): Promise<void>;
  /** False: there is none of this name. */
  removeReport(owner: ReportOwner, name: string, actor: Actor, now: number): Promise<boolean>;
  /**
   * Makes this month and the next three ready, and every month of which the net holds rows. Answers how many it made, and
   * how many rows the net still holds.
   */
  prepareMonths(now: number): Promise<{ readonly made: number; readonly strays: number }>;
  /**
   * Adds up days and months that are over for all accounts together, `limit` at most, so that reports of all accounts read less.
   * Answers how many.
   */
  rollUp(limit: number): Promise<number>;
  /**
   * Takes away what is past its time, at most `limit` records or one whole month at a call: `days` after the end of the
   * call, where the account's policy does not say otherwise; 0 means never. A CDR stays as long as the image or a receipt
   * of its fax is outstanding. Sums stay: they hold nothing personal.
   */
  retire(now: number, days: number, limit: number): Promise<CdrsRetired>;
}
