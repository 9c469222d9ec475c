import { z } from 'zod';
import { NumberText, Time } from './shape.ts';

/** A fax number of the account. */
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
export const NumberBody = z.object({ number: NumberText, label: z.string().max(100).default('') });
