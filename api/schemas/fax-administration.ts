import { z } from 'zod';
import { LineView } from './cdr.ts';
import { CallView, DirectionName, FaxFilter, FaxStateName, FaxView, SubmitFax } from './fax.ts';
import { AccountIdText, FaxIdText, idOf, listOf, Time, WholeText } from './shape.ts';

/** A fax as administrators see it: whose it is as well. */
export const AdminFaxView = FaxView.extend({
  account: AccountIdText,
  reviewUntil: Time.nullable().describe(
    'Its pages wait to be looked at and released until this moment; it is canceled then. Null when they do not.',
  ),
});
export type AdminFaxView = z.infer<typeof AdminFaxView>;

/** One document to one number, sent by an administrator for an account. */
export const AdminSubmitFax = SubmitFax.extend({
  review: z
    .union([z.boolean(), z.stringbool()])
    .default(false)
    .describe('Make the pages and wait until they are released; for an hour at most'),
}).strict();
export type AdminSubmitFax = z.input<typeof AdminSubmitFax>;

export const AdminFaxList = listOf(AdminFaxView);

/** Filters of fax lists over all accounts, or one. */
export const AdminFaxFilter = FaxFilter.extend({ account: AccountIdText.optional() });

/** A call that has not ended. Pages of a call are counted within its fax. */
export const LiveCallView = z.object({
  id: idOf('call'),
  fax: FaxIdText,
  account: AccountIdText,
  direction: DirectionName,
  carrier: z.string(),
  state: FaxStateName,
  from: z.string().nullable(),
  to: z.string(),
  remoteId: z.string().nullable(),
  pages: z.number().int().nullable().describe('Pages of the fax, once they are known'),
  firstPage: z.number().int(),
  pageStarted: z.number().int(),
  pagesConfirmed: z.number().int(),
  attempt: z.number().int(),
  line: LineView.nullable().describe('As it was at the last page'),
  startedAt: Time,
  answeredAt: Time.nullable(),
  cancelAsked: z.boolean(),
});
export type LiveCallView = z.infer<typeof LiveCallView>;

/** Names what was shown, to be told when it has changed. */
const Tag = z.string().max(64);

/** What is going on: calls in progress, the oldest first, and the faxes behind them. */
export const LiveView = z.object({
  at: Time,
  tag: Tag.describe('Names everything here but the time; for `seen` of the next request'),
  calls: z.array(LiveCallView),
  liveCalls: z.number().int().describe('All of them, also those that the list has no room for'),
  faxes: z.partialRecord(FaxStateName, z.number().int()).describe('Faxes in each state that waits for something'),
});
export type LiveView = z.infer<typeof LiveView>;

/** Waiting for a change: the answer comes as soon as there is something else than what `seen` names. */
export const Watch = z.object({
  seen: Tag.optional().describe('The tag of the answer before this one; left out: there was none'),
  wait: WholeText(0, 25).default(0).describe('Seconds to wait for something else than `seen`'),
});
export type Watch = z.output<typeof Watch>;

/** How many calls, whose, and whether to wait for a change of them. */
export const LiveQuery = z.object({
  account: AccountIdText.optional(),
  limit: WholeText(1, 500).default(200),
  ...Watch.shape,
});

/** A fax as it is on its way, with the calls of its journal. */
export const FaxProgressView = z.object({
  at: Time,
  tag: Tag.describe('Names everything here but the time; for `seen` of the next request'),
  fax: AdminFaxView,
  calls: z.array(CallView),
});
export type FaxProgressView = z.infer<typeof FaxProgressView>;
