import { z } from 'zod';
import { Time } from './shape.ts';

/** What has been spent in one day or month, in millionths of the currency. */
export const SpendingView = z.object({
  span: z.enum(['day', 'month']),
  since: Time,
  until: Time,
  spent: z.number().int(),
  /** Null: no limit. */
  budget: z.number().int().nullable(),
  /** Below 0 when live calls went beyond the budget; null without one. */
  left: z.number().int().nullable(),
  /** Billable calls whose price is not known, and which are not in `spent`. */
  unpricedCalls: z.number().int(),
});

/** An account or a carrier, and what it has spent today and this month. */
export const PayerView = z.object({
  kind: z.enum(['account', 'carrier']),
  /** Id of an account, or name of a carrier. */
  id: z.string(),
  name: z.string(),
  timeZone: z.string(),
  /** ISO 4217. */
  currency: z.string(),
  spending: z.array(SpendingView),
});
export type PayerView = z.infer<typeof PayerView>;
export const PayerList = z.object({ items: z.array(PayerView) });
