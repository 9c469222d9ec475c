import { z } from 'zod';
import { type Micros, parseMoney } from '../fax/money.ts';

/** An amount as a setting writes it, `"0.0145"` or 0.0145, in units of the gateway's currency; at most six decimals. */
const moneySchema = z.union([z.string(), z.number()]).transform((value, context): Micros => {
  const amount = parseMoney(String(value));
  if (amount !== undefined) return amount;
  context.addIssue({ code: 'custom', message: 'is not an amount with at most six decimals, such as "0.0145"' });
  return z.NEVER;
});

/** Longest minimum or increment, seconds: an hour. */
const LONGEST = 3_600;

const rateSchema = z.strictObject({
  direction: z.enum(['outbound', 'inbound']).default('outbound'),
  prefix: z
    .string()
    .regex(/^\+[0-9]{0,15}$/, 'a prefix is + and digits, such as +49')
    .default('+'),
  perCall: moneySchema.default(0),
  perMinute: moneySchema.default(0),
  perPage: moneySchema.default(0),
  minimum: z.int().min(0).max(LONGEST).default(0),
  increment: z.int().min(1).max(LONGEST).default(60),
});

/** A carrier's price list as a setting writes it; each prefix once in each direction. */
export const ratesSchema = z
  .array(rateSchema)
  .max(50_000)
  .refine((rates) => new Set(rates.map(({ direction, prefix }) => direction + prefix)).size === rates.length, {
    message: 'two rates have the same prefix and direction',
  });

/** A budget as a setting writes it; what is left out is no limit. */
export const budgetSchema = z.strictObject({
  day: moneySchema.nullable().default(null),
  month: moneySchema.nullable().default(null),
});
