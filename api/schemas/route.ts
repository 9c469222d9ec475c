import { z } from 'zod';
import { LeftOutName } from './cdr.ts';
import { NumberText, Time } from './shape.ts';

const Order = z.enum(['listed', 'cheapest']);

/** A rule by which calls find their carriers. */
export const RouteRuleView = z.object({
  name: z.string(),
  prefixes: z.array(z.string()),
  accounts: z.array(z.string()).describe('Names; empty: everybody'),
  windows: z
    .array(z.object({ days: z.array(z.string()), from: z.string(), to: z.string(), zone: z.string() }))
    .describe('Times of the week in which it holds; empty: always'),
  holds: z.boolean().describe('Whether it holds now'),
  carriers: z.array(z.string()).describe('Empty: all, in the order of the configuration'),
  order: Order,
  tags: z.array(z.string()).describe('Only carriers with all of these'),
});
export type RouteRuleView = z.infer<typeof RouteRuleView>;

/** What may go over a carrier. */
export const CarrierTermsView = z.object({
  name: z.string(),
  tags: z.array(z.string()),
  /** `pass`: the sender's number. `fixed`: always `shows`. `only`: `numbers`, and `shows` for others, if anything. */
  callerId: z.object({
    rule: z.enum(['pass', 'fixed', 'only']),
    shows: z.string().nullable(),
    numbers: z.array(z.string()),
  }),
});
export type CarrierTermsView = z.infer<typeof CarrierTermsView>;

export const RouteList = z.object({ items: z.array(RouteRuleView), carriers: z.array(CarrierTermsView) });
export type RouteList = z.infer<typeof RouteList>;

export const RouteQuery = z.object({
  number: NumberText.describe('The number that would be called'),
  from: NumberText.optional().describe('The number that the fax would come from'),
  account: z.string().max(64).optional().describe('Id or name; nobody in particular when left out'),
  at: Time.optional().describe('The moment of the call; now when left out'),
});

/** Why a call would go the way that it would go. */
export const RouteExplanationView = z.object({
  at: Time,
  to: z.string(),
  from: z.string().nullable(),
  account: z.string().nullable(),
  rule: z.string().nullable().describe('Null: none fits, every carrier in the order of the configuration'),
  order: Order,
  currency: z.string(),
  carriers: z.array(
    z.object({
      name: z.string(),
      place: z.number().int(),
      shows: z.string().nullable(),
      trial: z.boolean(),
      price: z.number().int().nullable().describe('Estimate for one page, in millionths of the currency'),
      reasons: z.array(z.string()),
      calls: z.number().int(),
      maxCalls: z.number().int().nullable(),
      waiting: z.number().int(),
    }),
  ),
  leftOut: z.array(
    z.object({
      name: z.string(),
      place: z.number().int(),
      why: LeftOutName,
      sentence: z.string(),
      passing: z.boolean(),
    }),
  ),
  waitFor: z.string().nullable().describe('With no carrier: the one in whose line a fax would wait'),
  lessons: z.array(z.string()).describe('What calls have taught about the number'),
});
export type RouteExplanationView = z.infer<typeof RouteExplanationView>;
