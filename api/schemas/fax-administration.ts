import { z } from 'zod';
import { LineView } from './cdr.ts';
import { DirectionName, FaxFilter, FaxStateName, FaxView } from './fax.ts';
import { AccountIdText, FaxIdText, idOf, listOf, Time } from './shape.ts';

/** A fax as administrators see it: whose it is as well. */
export const AdminFaxView = FaxView.extend({ account: AccountIdText });
export type AdminFaxView = z.infer<typeof AdminFaxView>;

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

/** What is going on: calls in progress, the oldest first, and the faxes behind them. */
export const LiveView = z.object({
  at: Time,
  calls: z.array(LiveCallView),
  liveCalls: z.number().int().describe('All of them, also those that the list has no room for'),
  faxes: z.partialRecord(FaxStateName, z.number().int()).describe('Faxes in each state that waits for something'),
});
export type LiveView = z.infer<typeof LiveView>;

/** How many calls, and whose. */
export const LiveQuery = z.object({
  account: AccountIdText.optional(),
  limit: z.coerce.number().int().min(1).max(500).default(200),
});
