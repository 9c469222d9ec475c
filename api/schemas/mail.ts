import { z } from 'zod';
import {
  MAIL_KINDS,
  MAIL_STATES,
  NOTICE_ADDRESSES,
  NOTICE_TOPICS,
  parseMailAddress,
} from '../../gateway/fax/notice.ts';
import { isTimeZone } from './fax.ts';
import { AccountIdText, idOf, Paging, Time, UserIdText } from './shape.ts';

/** One mail address, as it is written to. */
const MailAddressText = z
  .string()
  .max(254)
  .refine((text) => parseMailAddress(text) !== undefined, { error: 'not a mail address' })
  .transform((text) => parseMailAddress(text) ?? text);

const NoticeTopicName = z.enum(NOTICE_TOPICS);

/** Where notices go, and what of; what concerns the own log-in is always among them. */
export const NoticesBody = z
  .object({
    addresses: z
      .array(MailAddressText)
      .max(NOTICE_ADDRESSES)
      .transform((all) => [...new Set(all)]),
    topics: z
      .array(NoticeTopicName)
      .max(NOTICE_TOPICS.length)
      .default([])
      .transform((all) => NOTICE_TOPICS.filter((one) => all.includes(one))),
  })
  .strict();

export const NoticesView = z.object({
  addresses: z.array(z.string()),
  topics: z.array(NoticeTopicName),
  sends: z.boolean().describe('Whether the gateway has a server for mails; without one nobody is told anything'),
});
export type NoticesView = z.infer<typeof NoticesView>;

export const MailTrialBody = z.object({ to: MailAddressText }).strict();

export const OutboxQuery = z.object({
  account: AccountIdText.optional(),
  state: z.enum(MAIL_STATES).optional(),
  before: idOf('mail').optional().describe('Id of the last mail of the page before'),
  limit: Paging.shape.limit,
});

/** A mail on its way; what it says is sealed, and gone once it is sent. */
export const OutboxMailView = z.object({
  id: z.string(),
  kind: z.enum(MAIL_KINDS),
  to: z.string(),
  account: z.string().nullable().describe('Whose reader gets it; null: of all accounts'),
  state: z.enum(MAIL_STATES),
  attempts: z.number().int(),
  nextAt: Time.nullable(),
  lastError: z.string().nullable().describe('Why the last attempt failed: a word, or the code of the server'),
  createdAt: Time,
  endedAt: Time.nullable(),
});
export type OutboxMailView = z.infer<typeof OutboxMailView>;
export const OutboxList = z.object({ items: z.array(OutboxMailView), sends: z.boolean() });

const ScheduleShape = z.object({
  every: z.enum(['daily', 'weekly', 'monthly']),
  hour: z.number().int().min(0).max(23),
  weekday: z.number().int().min(1).max(7).describe('1 is Monday; with weekly'),
  day: z.number().int().min(1).max(28).describe('With monthly'),
  timeZone: z
    .string()
    .max(64)
    .regex(/^[A-Za-z]/, 'not an IANA time zone')
    .refine(isTimeZone, { error: 'not an IANA time zone' }),
});

/** When a saved report is mailed, and to whom. */
export const ReportScheduleBody = ScheduleShape.extend({
  weekday: ScheduleShape.shape.weekday.default(1),
  day: ScheduleShape.shape.day.default(1),
  timeZone: ScheduleShape.shape.timeZone.optional().describe("The account's own when left out, UTC for administrators"),
  administrators: z.array(UserIdText).max(50).default([]).describe('Each gets it as its role sees numbers'),
  account: z
    .boolean()
    .optional()
    .describe("Whether it goes to the account's addresses; of an API user's report always"),
}).strict();

export const ReportScheduleView = ScheduleShape.extend({
  administrators: z.array(z.string()),
  account: z.boolean(),
  addresses: z.number().int().describe('How many mails the next one comes to'),
  nextAt: Time,
  changedBy: z.string(),
  changedAt: Time,
  sends: z.boolean(),
});
export type ReportScheduleView = z.infer<typeof ReportScheduleView>;
