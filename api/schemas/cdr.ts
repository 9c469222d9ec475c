import { z } from 'zod';
import { LEFT_OUT } from '../../gateway/fax/route.ts';
import { DirectionName, FaxStateName, isTimeZone } from './fax.ts';
import { CarrierCopyName } from './purge.ts';
import { AccountIdText, BatchIdText, FaxIdText, idOf, listOf, NumberText, Paging, Time, UserIdText } from './shape.ts';

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

/** Filters of CDRs; times bound the end of the call. */
export const CdrFilter = z.object({
  fax: FaxIdText.optional(),
  direction: DirectionName.optional(),
  number: NumberText.optional(),
  user: UserIdText.optional(),
  /** `name:value`. */
  tag: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,40}:.{0,200}$/)
    .optional(),
  result: CdrResultName.optional(),
  since: Time.optional(),
  until: Time.optional(),
});
export const CdrQueryText = CdrFilter.extend(Paging.shape);

/** A day of the calendar; years beyond the reach of any report are refused. */
const Day = z.iso.date().regex(/^20\d\d-/, 'not a day between 2000 and 2099');

const CdrDimensionName = z.enum(['account', 'direction', 'carrier', 'result', 'cause']);

/** A report: days of `timeZone`, the last one excluded. */
export const CdrSummaryQuery = z.object({
  from: Day.optional().describe('First day; that of this month when left out'),
  to: Day.optional().describe('The day after the last one; tomorrow when left out'),
  group: z.enum(['day', 'month', 'total']).default('month').describe('Spans of the calendar'),
  by: z
    .string()
    .max(100)
    .transform((text) => text.split(','))
    .pipe(z.array(CdrDimensionName))
    .default([])
    .describe('What to tell apart, separated by commas'),
  /** A letter first: an offset would mean one thing here and its opposite to the database. */
  timeZone: z
    .string()
    .max(64)
    .regex(/^[A-Za-z]/, 'not an IANA time zone')
    .refine(isTimeZone, { error: 'not an IANA time zone' })
    .optional()
    .describe("IANA time zone; the account's own when left out, UTC for administrators"),
});

/** Sums of the calls that ended in one span; a dimension that was not asked for is null. */
export const CdrSumView = z.object({
  start: Time,
  account: AccountIdText.nullable(),
  direction: DirectionName.nullable(),
  /** Empty for faxes that ended without a call. */
  carrier: z.string().nullable(),
  result: CdrResultName.nullable(),
  cause: z.string().nullable(),
  cdrs: z.number().int(),
  calls: z.number().int(),
  delivered: z.number().int(),
  pages: z.number().int(),
  billableCalls: z.number().int(),
  billableSeconds: z.number().int(),
  /** Millionths of `currency`. */
  cost: z.number().int(),
  /** Billable calls whose price is not known, and which are not in `cost`. */
  unpricedCalls: z.number().int(),
});
export type CdrSumView = z.infer<typeof CdrSumView>;

export const CdrSummaryView = z.object({
  from: z.string(),
  to: z.string(),
  timeZone: z.string(),
  /** ISO 4217. */
  currency: z.string(),
  items: z.array(CdrSumView),
});
