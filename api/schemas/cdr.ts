import { z } from 'zod';
import { LEFT_OUT } from '../../gateway/fax/route.ts';
import { DirectionName, FaxStateName, isTimeZone } from './fax.ts';
import { CarrierCopyName } from './purge.ts';
import {
  AccountIdText,
  BatchIdText,
  FaxIdText,
  idOf,
  listOf,
  NumberText,
  Paging,
  Time,
  UserIdText,
  WholeText,
} from './shape.ts';

/** Reasons for which a carrier does not get the next call. */
export const LeftOutName = z.enum(Object.keys(LEFT_OUT) as (keyof typeof LEFT_OUT)[]);

export const CdrResultName = z.enum(['ok', 'partial', 'failed', 'uncertain', 'canceled']);

/** The last state of the line. */
export const LineView = z.object({
  rate: z.number(),
  modulation: z.string(),
  compression: z.string(),
  ecm: z.boolean(),
  t38: z.boolean(),
  retrains: z.number().int(),
  badRows: z.number().int(),
});

/** Why a call went over its carrier: the rule, the place in its order, and why those before it were left out. */
export const RouteDecisionView = z.object({
  rule: z.string().nullable(),
  place: z.number().int(),
  of: z.number().int(),
  trial: z.boolean(),
  leftOut: z.array(z.object({ carrier: z.string(), why: LeftOutName })),
});

/** Call detail record: one per call, and one without a call for a fax that ended without any. */
export const CdrView = z.object({
  id: idOf('cdr'),
  account: AccountIdText,
  user: UserIdText.nullable(),
  fax: FaxIdText,
  batch: BatchIdText.nullable(),
  call: idOf('call').nullable(),
  direction: DirectionName,
  from: z.string().nullable(),
  to: z.string(),
  country: z.string().nullable().describe('Where the far number is: ISO 3166-1, or + and a calling code'),
  remoteId: z.string().nullable(),
  subaddress: z.string().nullable().describe('Of an inbound call: the subaddress (T.30 SUB) that the caller named'),
  carrier: z.string().nullable(),
  reference: z.string().nullable(),
  attempt: z.number().int(),
  startedAt: Time,
  answeredAt: Time.nullable(),
  endedAt: Time,
  /** Milliseconds. */
  duration: z.number(),
  pages: z.number().int().nullable(),
  pagesSent: z.number().int(),
  result: CdrResultName,
  cause: z.string(),
  detail: z.string(),
  action: z.string(),
  sipStatus: z.number().int().nullable().describe('Final status of the INVITE, where the carrier is a SIP trunk'),
  q850: z.number().int().nullable().describe('Cause of the telephone network (Q.850), where the trunk told one'),
  billable: z.boolean(),
  /** Millionths of `currency`; both null where the price is not known. */
  cost: z.number().int().nullable(),
  currency: z.string().nullable(),
  /** Seconds that the cost was made of. */
  chargedSeconds: z.number().int().nullable(),
  line: LineView.nullable(),
  route: RouteDecisionView.nullable(),
  faxState: FaxStateName,
  tags: z.record(z.string(), z.string()),
  receipt: z.string().nullable(),
  epochReceipt: z.string().nullable(),
  /** What became of the carrier's copy: `kept` is the red mark; null where it never had one that it keeps. */
  purge: CarrierCopyName.nullable(),
  /** A further receipt, of what the carrier erased after the wipe. */
  purgeReceipt: z.string().nullable(),
});
export type CdrView = z.infer<typeof CdrView>;

export const CdrList = listOf(CdrView);

const Cause = z.string().max(40).optional();
const CarrierName = z.string().max(100).optional();
const Country = z.string().max(4).optional().describe('Of the far number: ISO 3166-1, or + and a calling code');
const Prefix = NumberText.optional().describe('How the number of the receiver or the sender begins, as +4930');

/** Filters of CDRs; times bound the end of the call. */
export const CdrFilter = z.object({
  fax: FaxIdText.optional(),
  direction: DirectionName.optional(),
  number: NumberText.optional(),
  prefix: Prefix,
  user: UserIdText.optional(),
  /** `name:value`. */
  tag: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,40}:.{0,200}$/)
    .optional(),
  result: CdrResultName.optional(),
  cause: Cause,
  carrier: CarrierName,
  country: Country,
  since: Time.optional(),
  until: Time.optional(),
});
export const CdrQueryText = CdrFilter.extend(Paging.shape);

/** A day of the calendar; years beyond the reach of any report are refused. */
const Day = z.iso.date().regex(/^20\d\d-/, 'not a day between 2000 and 2099');

const CdrDimensionName = z.enum([
  ...(['account', 'user', 'direction', 'number', 'country', 'carrier', 'result', 'cause'] as const),
]);

/** A letter first: an offset would mean one thing here and its opposite to the database. */
const ZoneName = z
  .string()
  .max(64)
  .regex(/^[A-Za-z]/, 'not an IANA time zone')
  .refine(isTimeZone, { error: 'not an IANA time zone' });

/** Days that move with the calendar; weeks begin on Monday. */
export const ReportPeriod = z.enum([
  ...(['today', 'yesterday', 'this_week', 'last_week', 'this_month', 'last_month', 'this_year', 'last_year'] as const),
  ...(['last_7_days', 'last_30_days'] as const),
]);

/** What a report counts; left out: everything. */
const SumFilter = z.object({
  direction: DirectionName.optional(),
  carrier: CarrierName,
  result: CdrResultName.optional(),
  cause: Cause,
  country: Country,
  user: UserIdText.optional(),
  number: NumberText.optional().describe('As receiver or as sender'),
  prefix: Prefix,
});

/** What a report is, whatever text it comes in. */
const ReportShape = SumFilter.extend({
  from: Day.optional().describe('First day; that of this month when left out'),
  to: Day.optional().describe('The day after the last one; tomorrow when left out'),
  period: ReportPeriod.optional().describe('Instead of from and to'),
  group: z.enum(['hour', 'day', 'week', 'month', 'total']).default('month').describe('Spans of the calendar'),
  timeZone: ZoneName.optional().describe("IANA time zone; the account's own when left out, UTC for administrators"),
  top: WholeText(1, 1_000).optional().describe('Only so many lines, the largest'),
});

/** A report: days of `timeZone`, the last one excluded. */
export const CdrSummaryQuery = ReportShape.extend({
  by: z
    .string()
    .max(100)
    .transform((text) => text.split(','))
    .pipe(z.array(CdrDimensionName))
    .default([])
    .describe('What to tell apart, separated by commas'),
  percentiles: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .describe('Median and 95th percentile of connect time and open line too; counted from the records'),
});

/** The same as JSON, as it is saved. */
export const SavedQuery = ReportShape.extend({
  by: z.array(CdrDimensionName).max(8).default([]),
  percentiles: z.boolean().default(false),
  /** Of administrators: one account; all of them when left out. */
  account: AccountIdText.optional(),
})
  .strict()
  .refine(({ period, from, to }) => period === undefined || (from === undefined && to === undefined), {
    error: 'either a period, or from and to',
    path: ['period'],
  });

export const ReportName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,59}$/, 'lower-case letters, digits, dots, hyphens, 60 at most');

/** A report under a name. */
export const SavedReportBody = z.object({ title: z.string().max(100).default(''), query: SavedQuery });
export const SavedReportView = z.object({
  name: z.string(),
  title: z.string(),
  query: SavedQuery,
  changedBy: z.string(),
  changedAt: Time,
});
export type SavedReportView = z.infer<typeof SavedReportView>;
export const SavedReportList = z.object({ items: z.array(SavedReportView) });

/** Milliseconds that half of all calls, and 95 of 100, did not exceed. */
const PercentilesView = z.object({ p50: z.number(), p95: z.number() });

/** Sums of the calls that ended in one span; a dimension that was not asked for is null. */
export const CdrSumView = z.object({
  start: Time,
  account: AccountIdText.nullable(),
  /** Empty for received faxes. */
  user: z.string().nullable(),
  direction: DirectionName.nullable(),
  /** Of the far side; empty where the caller gave none. */
  number: z.string().nullable(),
  /** Of the far side; empty where it is not known. */
  country: z.string().nullable(),
  /** Empty for faxes that ended without a call. */
  carrier: z.string().nullable(),
  result: CdrResultName.nullable(),
  cause: z.string().nullable(),
  cdrs: z.number().int(),
  calls: z.number().int(),
  delivered: z.number().int(),
  /** Part of all records with result ok, 0 to 1. */
  successRate: z.number(),
  pages: z.number().int(),
  billableCalls: z.number().int(),
  billableSeconds: z.number().int(),
  /** Millionths of `currency`. */
  cost: z.number().int(),
  /** Billable calls whose price is not known, and which are not in `cost`. */
  unpricedCalls: z.number().int(),
  connect: PercentilesView.nullable().describe('From dialling to the answer, milliseconds; with percentiles'),
  open: PercentilesView.nullable().describe('How long the line was open, milliseconds; with percentiles'),
});
export type CdrSumView = z.infer<typeof CdrSumView>;

export const CdrSummaryView = z.object({
  from: z.string(),
  to: z.string(),
  timeZone: z.string(),
  /** ISO 4217. */
  currency: z.string(),
  source: z.enum(['sums', 'cdrs']).describe('sums: exact for all time. cdrs: ends where records are kept no longer'),
  items: z.array(CdrSumView),
});
