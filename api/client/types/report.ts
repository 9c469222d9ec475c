import type { CdrResult } from './call.ts';
import type { Direction } from './fax.ts';

/** Sums of the calls that ended in one span of time; a dimension that was not asked for is null. */
export interface CdrSum {
  /** First moment of the span. */
  start: string;
  account: string | null;
  /** Empty for received faxes. */
  user: string | null;
  direction: Direction | null;
  /** Of the far side; empty where the caller gave none. */
  number: string | null;
  /** Of the far side; empty where it is not known. */
  country: string | null;
  /** Empty for faxes that ended without a call. */
  carrier: string | null;
  result: CdrResult | null;
  cause: string | null;
  /** All records: calls, and faxes that ended without one. */
  cdrs: number;
  calls: number;
  /** Records with result `ok`. */
  delivered: number;
  /** Part of all records with result ok, 0 to 1. */
  successRate: number;
  /** On paper. */
  pages: number;
  billableCalls: number;
  /** A second that has begun counts. */
  billableSeconds: number;
  /** Millionths of the report's currency. */
  cost: number;
  /** Billable calls whose price is not known, and which are not in `cost`. */
  unpricedCalls: number;
  /** From dialling to the answer; with percentiles. */
  connect: Percentiles | null;
  /** How long the line was open; with percentiles. */
  open: Percentiles | null;
}

/** Milliseconds that half of all calls, and 95 of 100, did not exceed. */
export interface Percentiles {
  p50: number;
  p95: number;
}

/** A report; spans without any record are left out. */
export interface CdrSummary {
  /** First day, and the day after the last one, in `timeZone`. */
  from: string;
  to: string;
  timeZone: string;
  /** ISO 4217. */
  currency: string;
  /** `sums`: exact for all time. `cdrs`: ends where records are kept no longer. */
  source: 'sums' | 'cdrs';
  items: CdrSum[];
}

/** What sums may be told apart by. */
export type CdrDimension = 'account' | 'user' | 'direction' | 'number' | 'country' | 'carrier' | 'result' | 'cause';

/** Days that move with the calendar; weeks begin on Monday. */
export type ReportPeriod =
  | 'today'
  | 'yesterday'
  | 'this_week'
  | 'last_week'
  | 'this_month'
  | 'last_month'
  | 'this_year'
  | 'last_year'
  | 'last_7_days'
  | 'last_30_days';

/** The question of a saved report. */
export interface SavedQuery {
  from?: string | undefined;
  to?: string | undefined;
  period?: ReportPeriod | undefined;
  group: 'hour' | 'day' | 'week' | 'month' | 'total';
  by: CdrDimension[];
  timeZone?: string | undefined;
  direction?: Direction | undefined;
  carrier?: string | undefined;
  result?: CdrResult | undefined;
  cause?: string | undefined;
  country?: string | undefined;
  user?: string | undefined;
  number?: string | undefined;
  prefix?: string | undefined;
  top?: number | undefined;
  percentiles: boolean;
  /** Of administrators: one account. */
  account?: string | undefined;
}

/** A report under a name. */
export interface SavedReport {
  name: string;
  title: string;
  query: SavedQuery;
  changedBy: string;
  changedAt: string;
}

/** When a saved report is mailed, and to whom. */
export interface ReportSchedule {
  every: 'daily' | 'weekly' | 'monthly';
  /** 0 to 23. */
  hour: number;
  /** 1 is Monday; with `weekly`. */
  weekday: number;
  /** 1 to 28; with `monthly`. */
  day: number;
  /** IANA name. */
  timeZone: string;
  /** Ids; each gets it as its role sees numbers. */
  administrators: string[];
  /** Whether it goes to the addresses of the account. */
  account: boolean;
  /** How many mails the next one comes to, as addresses stand now. */
  addresses: number;
  nextAt: string;
  changedBy: string;
  changedAt: string;
  /** Whether the gateway has a server for mails. */
  sends: boolean;
}

/** What may be set of a schedule. */
export type ReportScheduleWish = Pick<ReportSchedule, 'every' | 'hour'> &
  Partial<Pick<ReportSchedule, 'weekday' | 'day' | 'timeZone' | 'administrators' | 'account'>>;
