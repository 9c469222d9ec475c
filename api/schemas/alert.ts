import { z } from 'zod';
import { AccountIdText, Time } from './shape.ts';

/** What alerts are about; further ones may come. */
export const AlertCode = z.enum([
  ...(['restore_held', 'not_ready', 'host_finding', 'copies_kept', 'no_carrier'] as const),
  ...(['breaker_open', 'breaker_trial', 'carrier_paused', 'budget_spent', 'budget_low'] as const),
  ...(['countries_waiting', 'faxes_uncertain', 'webhook_disabled', 'webhook_given_up', 'account_paused'] as const),
]);
export type AlertCode = z.infer<typeof AlertCode>;

/** Something that waits for a person, as it is at this moment. */
export const AlertView = z.object({
  level: z.enum(['fault', 'warning']).describe('fault: something does not work. warning: somebody should look'),
  code: AlertCode,
  title: z.string().describe('What is so'),
  advice: z.string().describe('What to do about it'),
  object: z.string().nullable().describe('The carrier, endpoint, check or finding that it is about'),
  account: AccountIdText.nullable(),
  since: Time.nullable(),
});
export type AlertView = z.infer<typeof AlertView>;
export const AlertList = z.object({ items: z.array(AlertView) });
