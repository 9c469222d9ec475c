import { z } from 'zod';
import { AccountIdText, NumberText, Time, WholeText } from './shape.ts';

/** A fax number of the account, or a subaddress that it has of a number which accounts share. */
export const NumberView = z.object({
  number: z.string(),
  subaddress: z
    .string()
    .nullable()
    .describe('Of a number that is shared: the account receives what is sent to this subaddress'),
  label: z.string(),
  createdAt: Time,
});
export type NumberView = z.infer<typeof NumberView>;
export const NumberList = z.object({ items: z.array(NumberView) });

const Label = z.string().max(100).default('');
export const NumberBody = z.object({ number: NumberText, label: Label });

const SubaddressView = z.object({ subaddress: z.string(), account: AccountIdText, label: z.string(), createdAt: Time });

/** A number as administrators see it. */
export const HeldNumberView = z.object({
  number: z.string(),
  account: AccountIdText,
  label: z.string(),
  createdAt: Time,
  subaddressOnly: z.boolean().describe('Calls that name no subaddress of somebody are refused'),
  subaddresses: z.array(SubaddressView),
});
export type HeldNumberView = z.infer<typeof HeldNumberView>;

/** Numbers of all accounts in their order; `next` is the last one when there may be more. */
export const HeldNumberList = z.object({ items: z.array(HeldNumberView), next: z.string().nullable() });
export const HeldNumberQuery = z.object({
  after: NumberText.optional(),
  limit: WholeText(1, 500).default(200),
});
export const NumberChange = z.object({ subaddressOnly: z.boolean() });
export const SubaddressBody = z.object({ account: z.string().min(1).max(64), label: Label });

/** A number that a carrier says we have. `account`: who has it here; null: nobody. */
export const CarrierNumberView = z.object({ number: z.string(), label: z.string(), account: AccountIdText.nullable() });
export type CarrierNumberView = z.infer<typeof CarrierNumberView>;
export const CarrierNumberList = z.object({ items: z.array(CarrierNumberView) });

/** Which of a carrier's numbers an account gets: those that are named, or all that nobody has. */
export const NumberImportBody = z.object({
  account: z.string().min(1).max(64),
  numbers: z.array(NumberText).min(1).max(10_000).optional(),
});
/** `kept`: numbers that somebody has already; nothing of theirs was changed. */
export const NumberImport = z.object({ added: z.array(NumberView), kept: z.array(CarrierNumberView) });
