import { z } from 'zod';
import { DirectionName, FaxStateName } from './fax.ts';
import { AccountIdText, BatchIdText, FaxIdText, idOf, listOf, NumberText, Paging, Time, UserIdText } from './shape.ts';

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
  line: LineView.nullable(),
  faxState: FaxStateName,
  tags: z.record(z.string(), z.string()),
  receipt: z.string().nullable(),
  epochReceipt: z.string().nullable(),
});
export type CdrView = z.infer<typeof CdrView>;

export const CdrList = listOf(CdrView);

/** Filters of CDRs; times bound the start of the call. */
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
