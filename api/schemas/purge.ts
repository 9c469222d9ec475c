import { z } from 'zod';
import { AccountIdText, FaxIdText, idOf, listOf, Paging, Time } from './shape.ts';

/** What is known of a carrier's copy; `kept` is the red mark. */
export const CarrierCopyName = z.enum(['pending', 'purged', 'none', 'kept']);

/** The erasure of what a carrier keeps of one call. */
export const PurgeView = z.object({
  call: idOf('call'),
  fax: FaxIdText,
  account: AccountIdText,
  carrier: z.string(),
  outcome: CarrierCopyName,
  /** The carrier's words. */
  detail: z.string().nullable(),
  since: Time,
  answeredAt: Time.nullable(),
  tries: z.number().int(),
  /** Null: it is not tried any more. */
  nextAt: Time.nullable(),
});
export type PurgeView = z.infer<typeof PurgeView>;

export const PurgeList = listOf(PurgeView);

export const PurgeQueryText = Paging.extend({
  carrier: z.string().max(40).optional(),
  all: z.enum(['true', 'false']).default('false').describe('Those that are gone as well'),
});
