import { z } from 'zod';
import { AccountIdText, NumberText, Time } from './shape.ts';

/** A country (`DE`), or a calling code that no country has for itself (`+870`). */
export const PlaceText = z
  .string()
  .regex(/^([A-Z]{2}|\+[1-9][0-9]{0,2})$/, 'a country such as DE, or a code such as +870');

/** How an account stands with a country. */
export const PlaceView = z.object({
  place: PlaceText,
  /** `home`: needs no approval. `waiting`: faxes to it are held until somebody decides. */
  state: z.enum(['home', 'approved', 'denied', 'waiting']),
  /** Faxes that are held for it. */
  waiting: z.number().int(),
  /** When the first of them fails. */
  until: Time.nullable(),
  decided: z.object({ at: Time, by: z.string() }).nullable(),
});
export type PlaceView = z.infer<typeof PlaceView>;
export const PlaceList = z.object({ items: z.array(PlaceView) });

export const DecisionBody = z.object({ decision: z.enum(['approved', 'denied']) }).strict();

/** Faxes of one account that wait for one country. */
export const WaitingPlaceView = z.object({
  account: AccountIdText,
  place: PlaceText,
  faxes: z.number().int(),
  since: Time,
  until: Time,
});
export type WaitingPlaceView = z.infer<typeof WaitingPlaceView>;
export const WaitingPlaceList = z.object({ items: z.array(WaitingPlaceView) });

export const LookQuery = z.object({ number: NumberText, account: z.string().max(64).optional() });

/** A number as the guard against toll fraud sees it. */
export const DestinationLookView = z.object({
  number: z.string(),
  place: PlaceText,
  class: z.enum(['premium', 'satellite', 'revenue_share']).nullable(),
  /** As far as the numbering plan says it. */
  line: z.enum(['mobile', 'landline', 'voip', 'unknown']),
  /** What a submission would be refused with. */
  refusal: z.object({ reason: z.string(), sentence: z.string() }).nullable(),
  /** Whether a fax of the account would wait for an approval; null where no account was named. */
  held: z.boolean().nullable(),
});
export type DestinationLookView = z.infer<typeof DestinationLookView>;
